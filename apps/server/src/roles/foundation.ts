import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { LogState } from '../modules/trust/audit/public.ts';
import { auditSequencer, readRegistryVersion } from '../modules/trust/audit/public.ts';
import { holdsKeys, openVault, type Vault } from '../modules/trust/vault/public.ts';
import { type Clock, monotonicSeconds, systemClock } from '../platform/clock.ts';
import { connectionSettings, type Database, openDatabase, type StoreAddress } from '../platform/db.ts';
import { createGroupCommit, type GroupCommit, type Sequencer } from '../platform/group-commit.ts';
import { KmsFailure, openLocalKms } from '../platform/kms/public.ts';
import { migrate } from '../platform/migrations/public.ts';
import { joinProcesses, type ProcessLease } from '../platform/process-lease.ts';
import { type Random, systemRandom } from '../platform/random.ts';
import { reasonOf, type Settings, StartFailure } from '../platform/settings/public.ts';
import { unlessAsked } from '../platform/stop-request.ts';
import { watchRoom } from '../platform/store-room.ts';
import { createMetrics, type Log, type Metrics } from '../platform/telemetry.ts';
import type { Store } from './store.ts';

/** Floor 1 and the keys, opened: what every role stands on. */
export type Foundation = {
  settings: Settings;
  clock: Clock;
  random: Random;
  log: Log;
  metrics: Metrics;
  address: StoreAddress;
  db: Database;
  lease: ProcessLease;
  vault: Vault;
  commit: GroupCommit<LogState>;
  sequencer: Sequencer<LogState>;
  /** The registry version this process knows; see audit_head. */
  registryVersion(): string;
  noteRegistryVersion(version: string): void;
  readRegistryVersion(): Promise<string>;
  /** Calls `told` after each group commit. */
  onFlush(told: () => void): void;
  /** True when this start made the key file: the operator is told to back it up. */
  keyFileCreated: boolean;
  /** Settles with the reason when the embedded database ends by itself. */
  storeEnded: Promise<string | null>;
  /** False when the store cannot take more for want of disk. */
  storeHasRoom(): Promise<boolean>;
  /** Monotonic seconds. */
  seconds(): number;
  /** Leaves the store running: it is closed last, by who opened it. */
  close(): Promise<void>;
};

const DB_FOLDER = fileURLToPath(new URL('../db', import.meta.url));

/**
 * Brings the schema up and opens the keys on a store. Throws StartFailure with one clear line, or the reason of `asked`;
 * what it leaves open then are connections, which end with the store or the process.
 */
export async function openFoundation(
  settings: Settings,
  log: Log,
  store: Store,
  asked: AbortSignal,
): Promise<Foundation> {
  try {
    return await openOnStore(settings, log, store, asked);
  } catch (error) {
    if (error instanceof KmsFailure) throw new StartFailure(error.message);
    throw error;
  }
}

async function openOnStore(
  settings: Settings,
  plainLog: Log,
  store: Store,
  asked: AbortSignal,
): Promise<Foundation> {
  const metrics = createMetrics();
  const sealed = await migrateStore(store.address, asked);
  const clock = systemClock;
  const dataDir = store.address.kind === 'embedded' ? settings.dataDir : null;
  const room = watchRoom({ log: plainLog, now: () => clock.now(), dataDir });
  const { log } = room;
  const random = systemRandom();
  const kms = openLocalKms(settings.keyFile, !sealed);
  let closing = false;
  const db = openDatabase(store.address, settings.databaseConnections, (error) => {
    // The pool forgets its connections before they are gone: the end of the store still reaches some of them.
    if (!closing && !asked.aborted) log.fault('store.idle_connection_lost', error);
  });
  const alone = store.address.kind === 'embedded';
  const lease = await unlessAsked(asked, joinProcesses({ db, clock, alone }));
  const vault = await unlessAsked(asked, openVault({ db, kms, random, now: () => clock.now() }));
  let registryVersion = '0';
  const noteRegistryVersion = (version: string): void => {
    registryVersion = version;
  };
  const sequencer = auditSequencer(noteRegistryVersion);
  const seconds = monotonicSeconds;
  const commit = createGroupCommit({
    connect: () => db.connect(),
    sequencer,
    now: () => clock.now(),
    seconds,
    maxItems: settings.groupCommitMaxMessages,
  });
  const flushTold: (() => void)[] = [];
  commit.onFault = (error) => {
    metrics.faults.labels('commit.hand_over').inc();
    log.fault('commit.hand_over', error);
  };
  commit.onFlush = ({ items, seconds: total, commitSeconds }) => {
    room.stored();
    for (const told of flushTold) told();
    metrics.flushItems.observe(items);
    metrics.flushSeconds.observe(total);
    metrics.commitSeconds.observe(commitSeconds);
  };
  return {
    settings,
    clock,
    random,
    log,
    metrics,
    address: store.address,
    db,
    lease,
    vault,
    commit,
    sequencer,
    registryVersion: () => registryVersion,
    noteRegistryVersion,
    onFlush: (told) => void flushTold.push(told),
    readRegistryVersion: () => db.sweep(readRegistryVersion),
    keyFileCreated: kms.created,
    storeEnded: store.ended,
    storeHasRoom: room.hasRoom,
    seconds,
    async close() {
      closing = true;
      await commit.close();
      await lease.leave().catch(() => undefined);
      await db.close();
    },
  };
}

/** Brings the schema up; tells whether the store already holds wrapped keys. */
async function migrateStore(address: StoreAddress, asked: AbortSignal): Promise<boolean> {
  const client = await connectOwner(address, asked);
  // A server that asks for nothing more may lose its connection; a migration that runs hears of it as its failure.
  client.on('error', () => undefined);
  try {
    return await unlessAsked(
      asked,
      migrate(client, DB_FOLDER).then(() => holdsKeys(client)),
    );
  } finally {
    // A statement that still runs is cut, and its transaction with it: a migration holds whole or not at all.
    await client.end();
  }
}

async function connectOwner(address: StoreAddress, asked: AbortSignal): Promise<pg.Client> {
  let client: pg.Client | undefined;
  try {
    client = new pg.Client(connectionSettings(address, 'owner'));
    await unlessAsked(asked, client.connect());
    return client;
  } catch (error) {
    if (asked.aborted) {
      // Nobody waits for a server that does not answer: the socket ends with the process.
      throw error;
    }
    await client?.end().catch(() => undefined);
    throw new StartFailure(`DATABASE_URL: the database cannot be reached (${reasonOf(error)})`);
  }
}
