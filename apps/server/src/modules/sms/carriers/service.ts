import type { Database } from '../../../platform/db.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { Ids } from '../../../platform/ids.ts';
import type { MakeChange } from '../../trust/audit/public.ts';
import { PLATFORM, type Vault } from '../../trust/vault/public.ts';
import { CARRIER_ERRORS } from './errors.ts';
import {
  type Delivered,
  type Link,
  type LinkDeps,
  type LinkReason,
  type LinkSettings,
  openLink,
  type Settled,
} from './link/public.ts';
import {
  type Carrier,
  type CarrierDraft,
  type CarrierStatus,
  ENQUIRE_LINK_MS,
  RESPONSE_TIMEOUT_MS,
  reasonText,
} from './model.ts';
import { addCarrier, type CarrierRow, moveSandbox, readCarriers, setEnabled } from './store.ts';

/** What the gateway does with what its links say. */
export type CarrierEvents = {
  settled(carrierId: string, batch: readonly Settled[]): void;
  late(carrierId: string, batch: readonly Settled[]): void;
  delivered(carrierId: string, link: Link, batch: readonly Delivered[]): void;
  /** Some link has room, or the set of links changed. */
  ready(): void;
};

export type RunningCarrier = Carrier & { link: Link };

export type Carriers = {
  /** Opens the links of all enabled carriers. */
  start(events: CarrierEvents): Promise<void>;
  running(): readonly RunningCarrier[];
  list(): Promise<CarrierStatus[]>;
  create(draft: CarrierDraft, actor: string, sandbox?: boolean): Promise<CarrierStatus>;
  setEnabled(id: string, enabled: boolean, actor: string): Promise<CarrierStatus>;
  /** Points the sandbox carrier at its SMSC of this start; it is created on the first. Before `start`. */
  placeSandbox(place: {
    host: string;
    port: number;
    systemId: string;
    password: string;
    window: number;
  }): Promise<void>;
  /** Binds once with these settings and unbinds; tells in words what happened. */
  test(draft: CarrierDraft): Promise<{ bound: boolean; detail: string; elapsedMs: number }>;
  close(): Promise<void>;
};

const TEST_TIMEOUT_MS = 10_000;
const SANDBOX_NAME = 'sandbox';
const SANDBOX_SOURCE = '10690000';

export function createCarriers(deps: {
  db: Database;
  vault: Vault;
  ids: Ids;
  makeChange: MakeChange;
  link: LinkDeps;
}): Carriers {
  const running = new Map<string, RunningCarrier & { reason: LinkReason | null }>();
  let events: CarrierEvents | undefined;

  const place = (id: string) => ({ table: 'carriers', column: 'sealed_password', row: id });

  const settingsOf = (carrier: Omit<CarrierDraft, 'name'>): LinkSettings => ({
    host: carrier.host,
    port: carrier.port,
    tls: carrier.tls,
    systemId: carrier.systemId,
    password: carrier.password,
    systemType: '',
    bindMode: 'transceiver',
    window: carrier.window,
    perSecond: carrier.perSecond,
    enquireLinkMs: ENQUIRE_LINK_MS,
    responseTimeoutMs: RESPONSE_TIMEOUT_MS,
  });

  const open = async (row: CarrierRow): Promise<void> => {
    const { sealedPassword, ...carrier } = row;
    const password = (await deps.vault.sealer(PLATFORM)).open(place(row.id), sealedPassword).toString('utf8');
    const link: Link = openLink(
      settingsOf({ ...carrier, password }),
      {
        outcomes: (batch) => events!.settled(row.id, batch),
        late: (batch) => events!.late(row.id, batch),
        delivered: (batch) => events!.delivered(row.id, link, batch),
        ready: () => events!.ready(),
        stateChanged: (_state, reason) => {
          const entry = running.get(row.id);
          if (entry !== undefined) entry.reason = reason ?? null;
          events!.ready();
        },
      },
      deps.link,
    );
    running.set(row.id, { ...carrier, link, reason: null });
  };

  const status = (carrier: Carrier): CarrierStatus => {
    const entry = running.get(carrier.id);
    return { ...carrier, link: entry?.link.state ?? 'closed', linkReason: entry?.reason ?? null };
  };

  const rowOf = async (id: string): Promise<CarrierRow> => {
    const row = (await deps.db.sweep(readCarriers)).find((carrier) => carrier.id === id);
    if (row === undefined)
      throw new DomainError(CARRIER_ERRORS.notFound, 'There is no such carrier; look at the list again.');
    return row;
  };

  const add = async (draft: CarrierDraft, actor: string, sandbox: boolean): Promise<CarrierRow> => {
    const { password, ...rest } = draft;
    const id = deps.ids.next();
    const sealedPassword = (await deps.vault.sealer(PLATFORM)).seal(place(id), password);
    const row: CarrierRow = { ...rest, id, enabled: true, sandbox, sealedPassword };
    await deps.makeChange({
      tenants: [],
      async run(tx, log, now) {
        if (!(await addCarrier(tx, row, new Date(now)))) {
          throw new DomainError(
            CARRIER_ERRORS.nameTaken,
            'A carrier of this name exists; choose another name.',
          );
        }
        log.append({
          action: 'carrier.created',
          actor,
          tenantId: null,
          subject: `car_${id}`,
          facts: { host: row.host, port: row.port, tls: row.tls },
        });
      },
    });
    return row;
  };

  return {
    async start(given) {
      events = given;
      for (const row of await deps.db.sweep(readCarriers)) if (row.enabled) await open(row);
    },
    running: () => [...running.values()],
    async list() {
      const rows = await deps.db.sweep(readCarriers);
      return rows.map(({ sealedPassword: _, ...carrier }) => status(carrier));
    },
    async create(draft, actor, sandbox = false) {
      const row = await add(draft, actor, sandbox);
      await open(row);
      const { sealedPassword: _, ...carrier } = row;
      return status(carrier);
    },
    async setEnabled(id, enabled, actor) {
      const row = await rowOf(id);
      await deps.makeChange({
        tenants: [],
        async run(tx, log) {
          await setEnabled(tx, id, enabled);
          log.append({
            action: enabled ? 'carrier.enabled' : 'carrier.paused',
            actor,
            tenantId: null,
            subject: `car_${id}`,
            facts: {},
          });
        },
      });
      const entry = running.get(id);
      if (enabled && entry === undefined) await open({ ...row, enabled });
      if (!enabled && entry !== undefined) {
        running.delete(id);
        await entry.link.close();
      }
      const { sealedPassword: _, ...carrier } = row;
      return status({ ...carrier, enabled });
    },
    async placeSandbox({ window, ...at }) {
      const known = (await deps.db.sweep(readCarriers)).find((carrier) => carrier.sandbox);
      if (known === undefined) {
        await add(
          {
            name: SANDBOX_NAME,
            host: at.host,
            port: at.port,
            tls: false,
            systemId: at.systemId,
            password: at.password,
            sourceAddress: SANDBOX_SOURCE,
            window,
            perSecond: 0,
          },
          'system:start',
          true,
        );
        return;
      }
      const sealedPassword = (await deps.vault.sealer(PLATFORM)).seal(place(known.id), at.password);
      await deps.db.sweep((tx) =>
        moveSandbox(tx, known.id, { host: at.host, port: at.port, systemId: at.systemId, sealedPassword }),
      );
    },
    test: (draft) => testLink(settingsOf(draft), deps.link),
    async close() {
      const all = [...running.values()];
      running.clear();
      await Promise.all(all.map((entry) => entry.link.close()));
    },
  };
}

async function testLink(
  settings: LinkSettings,
  deps: LinkDeps,
): Promise<{ bound: boolean; detail: string; elapsedMs: number }> {
  const started = deps.now();
  const verdict = await new Promise<{ bound: boolean; detail: string; link: Link }>((resolve) => {
    const cancel = deps.setTimer(TEST_TIMEOUT_MS, () =>
      resolve({ bound: false, detail: 'no answer within 10 s', link }),
    );
    const link: Link = openLink(
      settings,
      {
        outcomes: () => undefined,
        late: () => undefined,
        // Not ours to keep: the carrier sends it again to the real link.
        delivered: (batch) => link.refuse(batch.map((one) => one.handle)),
        ready: () => undefined,
        stateChanged(state, reason) {
          if (state === 'bound') {
            cancel();
            resolve({ bound: true, detail: 'bound as transceiver and unbound again', link });
          } else if (reason !== undefined) {
            cancel();
            resolve({ bound: false, detail: reasonText(reason), link });
          }
        },
      },
      deps,
    );
  });
  const elapsedMs = deps.now() - started;
  await verdict.link.close();
  return { bound: verdict.bound, detail: verdict.detail, elapsedMs };
}
