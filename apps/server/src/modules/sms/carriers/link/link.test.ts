import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import smpp, { type PeerPdu, type PeerServer, type PeerSession } from 'smpp';
import { afterEach, describe, expect, it } from 'vitest';
import { openLink } from './link.ts';
import { type Delivered, type Link, type LinkSettings, reconnectDelayMs, type Submission } from './model.ts';

/** What the link said, and a way to wait for the next of it without sleeping. */
type Said = { what: string; value: unknown };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const SETTINGS: LinkSettings = {
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

const message = (token: number, text = 'hello'): Submission => ({
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

const open = (settings: LinkSettings) => {
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
const peer = async (
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

const boundLink = async (port: number, changes: Partial<LinkSettings> = {}) => {
  const opened = open({ ...SETTINGS, port, ...changes });
  await opened.next('bound');
  return opened;
};

describe('a link to an independent SMSC (npm smpp)', () => {
  it('submits a batch; each answer is its token’s outcome', async () => {
    const statusOf: Record<string, number> = { '8613900000002': 0x14, '8613900000003': 0x0b };
    const { port } = await peer((pdu, session) => {
      const command_status = statusOf[pdu.destination_addr as string] ?? 0;
      session.send(pdu.response({ command_status, message_id: `id-${pdu.destination_addr}` }));
    });
    const { link, next } = await boundLink(port);
    await next('ready');
    link.submit([message(1), message(2), message(3)]);
    const outcomes: unknown[] = [];
    while (outcomes.length < 3) outcomes.push(...((await next('outcomes')) as unknown[]));
    expect(outcomes).toEqual([
      { token: 1, outcome: { kind: 'accepted', carrierMessageId: 'id-8613900000001' } },
      { token: 2, outcome: { kind: 'rejected', status: 0x14, retryable: true } },
      { token: 3, outcome: { kind: 'rejected', status: 0x0b, retryable: false } },
    ]);
    expect(link.capacity()).toBe(10);
  });

  it('sends what the peer reads as the same message', async () => {
    const { promise, resolve } = Promise.withResolvers<PeerPdu>();
    const { port } = await peer((pdu, session) => {
      session.send(pdu.response({ message_id: '1' }));
      resolve(pdu);
    });
    const { link } = await boundLink(port);
    link.submit([
      { ...message(1), dataCoding: 8, shortMessage: Buffer.from('60a85834', 'hex'), validitySeconds: 300 },
    ]);
    const pdu = await promise;
    expect(pdu.destination_addr).toBe('8613900000001');
    expect(pdu.source_addr).toBe('10690001');
    expect(pdu.registered_delivery).toBe(1);
    expect((pdu.short_message as { message: string }).message).toBe('\u60a8\u5834');
  });

  it('calls unanswered messages unknown: by timeout, then late', async () => {
    const held: (() => void)[] = [];
    const { port } = await peer((pdu, session) =>
      held.push(() => session.send(pdu.response({ message_id: 'late-1' }))),
    );
    const { link, next } = await boundLink(port, { responseTimeoutMs: 50 });
    link.submit([message(1)]);
    expect(await next('outcomes')).toEqual([{ token: 1, outcome: { kind: 'unknown', reason: 'timeout' } }]);
    held[0]?.();
    expect(await next('late')).toEqual([
      { token: 1, outcome: { kind: 'accepted', carrierMessageId: 'late-1' } },
    ]);
    expect(link.counters.late).toBe(1);
  });

  it('calls them unknown when the link drops, and binds again', async () => {
    const { port } = await peer((_, session) => session.destroy());
    const { link, next } = await boundLink(port);
    link.submit([message(1), message(2)]);
    expect(await next('outcomes')).toEqual([
      { token: 1, outcome: { kind: 'unknown', reason: 'link_lost' } },
      { token: 2, outcome: { kind: 'unknown', reason: 'link_lost' } },
    ]);
    expect(await next('connecting')).toEqual({ kind: 'link_lost' });
    await next('bound');
    expect(link.counters.binds).toBe(2);
    expect(link.capacity()).toBe(10);
  });

  it('never has more in flight than the window, and says when there is room', async () => {
    const held: (() => void)[] = [];
    let { promise, resolve } = Promise.withResolvers<void>();
    const { port } = await peer((pdu, session) => {
      held.push(() => session.send(pdu.response({ message_id: '1' })));
      if (held.length === 2) resolve();
    });
    const { link, next } = await boundLink(port, { window: 2 });
    await next('ready');
    link.submit([message(1), message(2)]);
    expect(link.capacity()).toBe(0);
    expect(() => link.submit([message(3)])).toThrow(RangeError);
    await promise;
    ({ promise, resolve } = Promise.withResolvers<void>());
    held[0]?.();
    await next('ready');
    expect(link.capacity()).toBe(1);
    held[1]?.();
    await next('outcomes');
  });

  it('pauses as a whole when throttled, and comes back slower', async () => {
    let seen = 0;
    const { port } = await peer((pdu, session) => {
      seen += 1;
      session.send(pdu.response({ command_status: seen === 1 ? 0x58 : 0, message_id: '1' }));
    });
    const { link, next } = await boundLink(port, { perSecond: 100 });
    await next('ready');
    link.submit([message(1)]);
    expect(await next('throttled')).toMatchObject({ kind: 'throttled' });
    expect(link.state).toBe('throttled');
    expect(link.capacity()).toBe(0);
    await next('ready');
    expect(link.state).toBe('bound');
    link.submit([message(2)]);
    await next('outcomes');
    expect(await next('outcomes')).toMatchObject([{ token: 2, outcome: { kind: 'accepted' } }]);
  });
});

const RECEIPT_TEXT =
  'id:77 sub:001 dlvrd:001 submit date:2611211430 done date:2611211431 stat:DELIVRD err:000 text:';

describe('deliveries', () => {
  it('answers only what was acknowledged; a receipt may come before its response', async () => {
    const { port } = await peer((pdu, session) => {
      session.deliver_sm(
        {
          esm_class: 4,
          source_addr: '8613900000001',
          destination_addr: '10690001',
          short_message: RECEIPT_TEXT,
        },
        () => session.send(pdu.response({ message_id: '4D' })),
      );
    });
    const { link, next } = await boundLink(port);
    link.submit([message(1)]);
    const [receipt] = (await next('delivered')) as Delivered[];
    expect(receipt).toMatchObject({
      kind: 'receipt',
      destAddr: '8613900000001',
      receipt: { state: 'delivered', isFinal: true, candidateIds: expect.arrayContaining(['4d']) },
    });
    // The peer answers the submit only after our deliver_sm_resp, so this proves that the response waited for us.
    expect(link.pending()).toBe(1);
    link.acknowledge([receipt!.handle]);
    expect(await next('outcomes')).toMatchObject([{ outcome: { carrierMessageId: '4D' } }]);
  });

  it('reads inbound text in its coding, parts of long messages, and TLV receipts', async () => {
    const { port, bound } = await peer(() => {});
    const { link, next } = await boundLink(port);
    const session = await bound;
    const send = (options: object) =>
      new Promise<PeerPdu>((resolve) =>
        session.deliver_sm(
          { source_addr: '8613900000001', destination_addr: '10690001', ...options },
          resolve,
        ),
      );
    const answers = [
      send({ data_coding: 8, short_message: Buffer.from('56de0054', 'hex') }),
      send({ data_coding: 15, short_message: Buffer.from('bbd854', 'hex') }),
      send({ data_coding: 8, esm_class: 0x40, short_message: Buffer.from('05000309020156de', 'hex') }),
      send({ data_coding: 8, message_payload: Buffer.from('56de', 'hex') }),
      send({ esm_class: 4, receipted_message_id: 'AB', message_state: 5, short_message: '' }),
      send({ esm_class: 4, short_message: 'nonsense' }),
    ];
    const delivered: Delivered[] = [];
    while (delivered.length < 6) delivered.push(...((await next('delivered')) as Delivered[]));
    expect(delivered).toMatchObject([
      { kind: 'inbound', sourceAddr: '8613900000001', destAddr: '10690001', text: '回T' },
      { kind: 'inbound', text: '回T' },
      { kind: 'inbound', text: null, part: { scheme: 'udh8', reference: 9, total: 2, part: 1 } },
      { kind: 'inbound', text: '回' },
      { kind: 'receipt', receipt: { messageId: 'AB', state: 'undeliverable' } },
      { kind: 'unreadable_receipt' },
    ]);
    link.acknowledge(delivered.slice(0, 5).map(({ handle }) => handle));
    link.refuse([delivered[5]!.handle]);
    expect((await Promise.all(answers)).map((pdu) => pdu.command_status)).toEqual([0, 0, 0, 0, 0, 0x64]);
  });
});

describe('what goes wrong at the other end', () => {
  it.each([
    [0x0e, 'wrong_credentials'],
    [0x0f, 'wrong_credentials'],
    [0x05, 'already_bound'],
    [0x0d, 'bind_refused'],
  ])('bind status %i is %s', async (bindStatus, kind) => {
    const { port } = await peer(() => {}, { bindStatus });
    const { next } = open({ ...SETTINGS, port });
    expect(await next('connecting')).toEqual({ kind, status: bindStatus });
  });

  it('nobody listens: unreachable', async () => {
    const unused = net.createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => unused.once('listening', listening));
    const { port } = unused.address() as net.AddressInfo;
    await new Promise((closed) => unused.close(closed));
    const { link, next } = open({ ...SETTINGS, port });
    expect(await next('connecting')).toEqual({ kind: 'unreachable', code: 'ECONNREFUSED' });
    await link.close();
    expect(link.state).toBe('closed');
  });

  /** A peer of raw octets: answers the bind, then sends `octets` in pieces of `pieceOctets`. */
  const rawPeer = async (octets: Buffer, pieceOctets: number): Promise<number> => {
    const server = net.createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        const bindResp = new smpp.PDU('bind_transceiver_resp', { sequence_number: 1, system_id: 'raw' });
        const stream = Buffer.concat([bindResp.toBuffer(), octets]);
        const pieces = Array.from({ length: Math.ceil(stream.length / pieceOctets) }, (_, i) =>
          stream.subarray(i * pieceOctets, (i + 1) * pieceOctets),
        );
        const writeNext = (): void => {
          const piece = pieces.shift();
          if (piece !== undefined) socket.write(piece, () => setImmediate(writeNext));
        };
        writeNext();
      });
      sockets.push(socket);
    });
    const sockets: net.Socket[] = [];
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as net.AddressInfo).port;
  };

  it('a deliver_sm octet by octet still arrives', async () => {
    const pdu = new smpp.PDU('deliver_sm', {
      sequence_number: 5,
      source_addr: '8613900000001',
      destination_addr: '10690001',
      short_message: 'T',
    });
    const { next } = open({ ...SETTINGS, port: await rawPeer(pdu.toBuffer(), 1), responseTimeoutMs: 200 });
    expect(await next('delivered')).toMatchObject([{ kind: 'inbound', text: 'T' }]);
  });

  it.each([
    [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'command_length_too_large'],
    [Buffer.from('0000000100000000', 'hex'), 'command_length_too_small'],
  ])('garbage closes the session with a reason', async (garbage, fault) => {
    const { next } = open({ ...SETTINGS, port: await rawPeer(garbage, 1_000) });
    await next('bound');
    expect(await next('connecting')).toEqual({ kind: 'bad_stream', fault });
  });

  it('a peer that falls silent is asked, then left', async () => {
    const { next } = open({
      ...SETTINGS,
      port: await rawPeer(Buffer.alloc(0), 1_000),
      enquireLinkMs: 20,
      responseTimeoutMs: 40,
    });
    await next('bound');
    expect(await next('connecting')).toEqual({ kind: 'no_answer' });
  });
});

describe('TLS', () => {
  const certificate = () => {
    const folder = mkdtempSync(join(tmpdir(), 'signet-link-'));
    cleanups.push(() => rmSync(folder, { recursive: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ].concat([
        '-keyout',
        key,
        '-out',
        cert,
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ]),
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  };

  it('trusts the given authority, and only it', async () => {
    const { key, cert } = certificate();
    const { port } = await peer((pdu, session) => session.send(pdu.response({ message_id: 'tls-1' })), {
      key,
      cert,
    });
    const { link, next } = await boundLink(port, { tls: true, tlsCa: cert });
    link.submit([message(1)]);
    expect(await next('outcomes')).toMatchObject([{ outcome: { carrierMessageId: 'tls-1' } }]);
    const untrusting = open({ ...SETTINGS, port, tls: true });
    expect(await untrusting.next('connecting')).toEqual({
      kind: 'tls_failed',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });

  it('a peer without TLS is tls_failed, not unreachable', async () => {
    const { port } = await peer(() => {});
    const { next } = open({ ...SETTINGS, port, tls: true });
    expect(await next('connecting')).toMatchObject({ kind: 'tls_failed' });
  });
});

describe('close', () => {
  it('waits for what is in flight, unbinds, and takes nothing more', async () => {
    const held: (() => void)[] = [];
    const { promise: arrived, resolve } = Promise.withResolvers<void>();
    const { port, bound } = await peer((pdu, session) => {
      held.push(() => session.send(pdu.response({ message_id: '9' })));
      resolve();
    });
    const { link, next } = await boundLink(port);
    const unbound = new Promise((seen) => void bound.then((session) => session.on('unbind', seen)));
    link.submit([message(1)]);
    await arrived;
    const closed = link.close();
    expect(link.state).toBe('closing');
    expect(link.capacity()).toBe(0);
    held[0]?.();
    expect(await next('outcomes')).toMatchObject([{ outcome: { kind: 'accepted' } }]);
    await unbound;
    await closed;
    expect(link.state).toBe('closed');
  });

  it('gives up on a mute carrier after the response timeout', async () => {
    const { port } = await peer(() => {});
    const { link, next } = await boundLink(port, { responseTimeoutMs: 40 });
    link.submit([message(1)]);
    await link.close();
    expect(await next('outcomes')).toMatchObject([{ outcome: { kind: 'unknown' } }]);
  });
});

describe('settings and back-off', () => {
  it('refuses credentials that no bind can carry, without saying them', () => {
    const make = (link: () => { link: Link }) => link;
    expect(make(() => open({ ...SETTINGS, password: 'longerthan8' }))).toThrow(
      /^password: longer than 8 octets$/,
    );
  });

  it('doubles to a minute, jitters over all of it, and is patient with a refused password', () => {
    const lost = { kind: 'link_lost' } as const;
    const top = 0.999999;
    expect([1, 2, 3, 6, 7, 99].map((n) => Math.round(reconnectDelayMs(n, lost, top)))).toEqual([
      1_000, 2_000, 4_000, 32_000, 60_000, 60_000,
    ]);
    expect(reconnectDelayMs(5, lost, 0)).toBe(100);
    expect(reconnectDelayMs(1, { kind: 'wrong_credentials', status: 14 }, 0)).toBe(30_000);
  });
});
