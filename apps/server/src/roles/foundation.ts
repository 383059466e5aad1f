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
import { startPostgres } from '../platform/postgres/public.ts';
import { joinProcesses, type ProcessLease } from '../platform/process-lease.ts';
import { type Random, systemRandom } from '../platform/random.ts';
import { reasonOf, type Settings, StartFailure } from '../platform/settings/public.ts';
import { createLog, createMetrics, type Log, type Metrics } from '../platform/telemetry.ts';

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
  /** Monotonic seconds. */
  seconds(): number;
  close(): Promise<void>;
};

const DB_FOLDER = fileURLToPath(new URL('../db', import.meta.url));

/** Opens the store (embedded or DATABASE_URL), migrates it and opens the keys. Throws StartFailure with one clear line. */
export async function openFoundation(settings: Settings): Promise<Foundation> {
  const log = createLog(settings.logLevel);
  const metrics = createMetrics();
  const store = await openStore(settings, log);
  try {
    return await openOnStore(settings, log, metrics, store);
  } catch (error) {
    await store.stop();
    if (error instanceof KmsFailure) throw new StartFailure(error.message);
    throw error;
  }
}

const MAX_LINE_CHARACTERS = 200;

/** PostgreSQL's own messages hold no statement and no value (platform/postgres); its everyday ones are for the curious. */
function noteStoreLine(log: Log, line: string): void {
  const everyday = / (LOG|HINT|DETAIL|NOTICE): /.test(line);
  log[everyday ? 'info' : 'warn']('store.says', { line: line.slice(0, MAX_LINE_CHARACTERS) });
}

type Store = { address: StoreAddress; ended: Promise<string | null>; stop(): Promise<void> };

async function openStore(settings: Settings, log: Log): Promise<Store> {
  if (settings.databaseUrl !== null) {
    return {
      address: { kind: 'url', url: settings.databaseUrl },
      ended: new Promise(() => undefined),
      stop: async () => undefined,
    };
  }
  const embedded = await startPostgres({
    dataDir: settings.dataDir,
    log: (line) => noteStoreLine(log, line),
  });
  const { socketDir, port, user, database } = embedded;
  return {
    address: { kind: 'embedded', socketDir, port, user, database },
    ended: embedded.ended,
    stop: () => embedded.stop(),
  };
}

async function openOnStore(
  settings: Settings,
  log: Log,
  metrics: Metrics,
  store: Store,
): Promise<Foundation> {
  const sealed = await migrateStore(store.address);
  const clock = systemClock;
  const random = systemRandom();
  const kms = openLocalKms(settings.keyFile, !sealed);
  const db = openDatabase(store.address, settings.databaseConnections, (error) =>
    log.fault('store.idle_connection_lost', error),
  );
  const lease = await joinProcesses({ db, clock, alone: store.address.kind === 'embedded' });
  const vault = await openVault({ db, kms, random, now: () => clock.now() });
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
    seconds,
    async close() {
      await commit.close();
      await lease.leave().catch(() => undefined);
      await db.close();
      await store.stop();
    },
  };
}

/** Brings the schema up; tells whether the store already holds wrapped keys. */
async function migrateStore(address: StoreAddress): Promise<boolean> {
  const client = new pg.Client(connectionSettings(address, 'owner'));
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new StartFailure(`DATABASE_URL: the database cannot be reached (${reasonOf(error)})`);
  }
  try {
    await migrate(client, DB_FOLDER);
    return await holdsKeys(client);
  } finally {
    await client.end();
  }
}
