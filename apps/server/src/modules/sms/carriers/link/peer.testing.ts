import smpp, { type PeerPdu, type PeerServer, type PeerSession } from 'smpp';
import { afterEach } from 'vitest';
import { openLink } from './link.ts';
import type { Link, LinkSettings, Submission } from './model.ts';

/** What the link said and nobody waited for yet. */
type Said = { what: string; value: unknown };

const cleanups: (() => unknown)[] = [];

/** Closes what a test opened after each test of the calling file, last first. */
export const cleanAfterEach = (): void =>
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

export const onCleanup = (cleanup: () => unknown): void => void cleanups.push(cleanup);

export const SETTINGS: LinkSettings = {
  host: '127.0.0.1',
  port: 0,
  tls: false,
  systemId: 'signet',
  password: 'secret08',
  systemType: '',
  bindMode: 'transceiver',
  window: 10,
  perSecond: 0,
  enquireLinkMs: 30_000,
  responseTimeoutMs: 5_000,
};

export const message = (token: number, text = 'hello'): Submission => ({
  token,
  sourceAddr: '10690001',
  sourceTon: 0,
  sourceNpi: 1,
  destAddr: `861390000${String(token).padStart(4, '0')}`,
  destTon: 1,
  destNpi: 1,
  esmClass: 0,
  dataCoding: 0,
  shortMessage: Buffer.from(text, 'latin1'),
  registeredDelivery: 1,
});

/** A link, and a way to wait for the next of what it says without sleeping. */
export const open = (settings: LinkSettings): { link: Link; next(what: string): Promise<unknown> } => {
  const said: Said[] = [];
  const waiting: { what: string; resolve(value: unknown): void }[] = [];
  const say = (what: string) => (value?: unknown) => {
    const index = waiting.findIndex((one) => one.what === what);
    if (index >= 0) waiting.splice(index, 1)[0]?.resolve(value);
    else said.push({ what, value });
  };
  const link = openLink(
    settings,
    {
      outcomes: say('outcomes'),
      late: say('late'),
      delivered: say('delivered'),
      ready: say('ready'),
      stateChanged: (state, reason) => say(state)(reason),
    },
    {
      now: () => performance.now(),
      random: () => 0,
      setTimer(delayMs, act) {
        const timer = setTimeout(act, delayMs);
        return () => clearTimeout(timer);
      },
    },
  );
  cleanups.push(() => link.close());
  const next = (what: string): Promise<unknown> => {
    const index = said.findIndex((one) => one.what === what);
    if (index >= 0) return Promise.resolve(said.splice(index, 1)[0]?.value);
    return new Promise((resolve) => waiting.push({ what, resolve }));
  };
  return { link, next };
};

/** The independent peer; `onSubmit` decides what each submit_sm gets. */
export const peer = async (
  onSubmit: (pdu: PeerPdu, session: PeerSession) => void,
  options: { key?: string; cert?: string; bindStatus?: number } = {},
): Promise<{ port: number; server: PeerServer; bound: Promise<PeerSession> }> => {
  const { promise: bound, resolve } = Promise.withResolvers<PeerSession>();
  const { bindStatus, ...tls } = options;
  const server = smpp.createServer(tls, (session) => {
    session.on('error', () => session.destroy());
    for (const bind of ['bind_transceiver', 'bind_transmitter', 'bind_receiver'])
      session.on(bind, (pdu: PeerPdu) => {
        const right = pdu.system_id === 'signet' && pdu.password === 'secret08';
        session.send(pdu.response({ command_status: bindStatus ?? (right ? 0 : 0x0e) }));
        if (right) resolve(session);
      });
    session.on('unbind', (pdu: PeerPdu) => {
      session.send(pdu.response());
      session.close();
    });
    session.on('submit_sm', (pdu: PeerPdu) => onSubmit(pdu, session));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  cleanups.push(
    () =>
      new Promise<void>((closed) => {
        for (const session of [...server.sessions]) session.destroy();
        server.close(closed);
      }),
  );
  return { port: server.address().port, server, bound };
};

/** A link that is bound. */
export const boundLink = async (port: number, changes: Partial<LinkSettings> = {}) => {
  const opened = open({ ...SETTINGS, port, ...changes });
  await opened.next('bound');
  return opened;
};
