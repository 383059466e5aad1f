import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { type Audit, createAudit } from '../../modules/trust/audit/public.ts';
import { isMigrated, type Owner } from '../../modules/trust/backup/public.ts';
import { openVault, type Vault } from '../../modules/trust/vault/public.ts';
import { systemClock } from '../../platform/clock.ts';
import { connectionSettings, type Database, openDatabase, type StoreAddress } from '../../platform/db.ts';
import { type Kms, openLocalKms } from '../../platform/kms/public.ts';
import { findPostgres, startPostgres } from '../../platform/postgres/public.ts';
import { systemRandom } from '../../platform/random.ts';
import { reasonOf, type Settings } from '../../platform/settings/public.ts';
import { CommandFailure } from './failure.ts';

/** The store as a command uses it: a running server's, an external one, or the embedded one started for the command. */
export type OpenStore = { address: StoreAddress; close(): Promise<void> };

/** A server that is starting holds its folder before its database answers. */
const STARTING_MS = 15_000;
const RETRY_MS = 200;
const CONNECTIONS = 2;

/** Opens the store without touching what uses it already. Throws CommandFailure `never_started`, StartFailure. */
export async function openStore(settings: Settings): Promise<OpenStore> {
  if (settings.databaseUrl !== null) {
    return { address: { kind: 'url', url: settings.databaseUrl }, close: () => Promise.resolve() };
  }
  const found = findPostgres(settings.dataDir);
  if (found !== null) return { address: { kind: 'embedded', ...found }, close: () => Promise.resolve() };
  if (!existsSync(join(settings.dataDir, 'postgres')))
    throw new CommandFailure('never_started', { place: settings.dataDir });
  const started = await startPostgres({ dataDir: settings.dataDir, log: () => undefined });
  return { address: started, close: () => started.stop() };
}

/** Runs `work` on the store and closes what was opened. */
export async function withStore<T>(
  settings: Settings,
  work: (address: StoreAddress) => Promise<T>,
): Promise<T> {
  const store = await openStore(settings);
  try {
    return await work(store.address);
  } finally {
    await store.close();
  }
}

/** Runs `work` with a session of the owner, which ends with `signal` whatever it is doing. */
export async function withOwner<T>(
  address: StoreAddress,
  signal: AbortSignal,
  work: (owner: Owner) => Promise<T>,
): Promise<T> {
  const owner = await connectOwner(address);
  const end = (): void => void owner.end().catch(() => undefined);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await work(owner);
  } finally {
    signal.removeEventListener('abort', end);
    await owner.end().catch(() => undefined);
  }
}

async function connectOwner(address: StoreAddress): Promise<Owner> {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    const owner = new pg.Client(connectionSettings(address, 'owner'));
    // A lost connection fails the statement that waits on it.
    owner.on('error', () => undefined);
    try {
      await owner.connect();
      return owner;
    } catch (error) {
      await owner.end().catch(() => undefined);
      if (address.kind === 'url' || waitedMs >= STARTING_MS)
        throw new CommandFailure('unreachable', { reason: reasonOf(error) });
      await wait(RETRY_MS);
    }
  }
}

/** Throws CommandFailure `never_started` for a database without our schema: opening keys there would make new ones. */
export async function refuseUnstarted(owner: Owner, settings: Settings): Promise<void> {
  if (await isMigrated(owner)) return;
  throw new CommandFailure('never_started', {
    place: settings.databaseUrl === null ? settings.dataDir : 'DATABASE_URL',
  });
}

export type OpenKeys = { db: Database; vault: Vault; auditOf(db: Database): Audit };

/** The key file, never a new one: a command meets data that was sealed before. Throws KmsFailure. */
export const openKeyFile = (settings: Settings): Kms => openLocalKms(settings.keyFile, false);

/** Opens vault and audit log as a second process beside a running server. Throws KmsFailure. */
export async function withKeys<T>(
  settings: Settings,
  address: StoreAddress,
  work: (keys: OpenKeys) => Promise<T>,
): Promise<T> {
  const db = openDatabase(address, CONNECTIONS, () => undefined);
  try {
    return await work({ db, ...(await openKeysOn(db, openKeyFile(settings))) });
  } finally {
    await db.close();
  }
}

export async function openKeysOn(db: Database, kms: Kms): Promise<Omit<OpenKeys, 'db'>> {
  const now = (): number => systemClock.now();
  const vault = await openVault({ db, kms, random: systemRandom(), now });
  return { vault, auditOf: (on) => createAudit({ db: on, signingKey: vault.checkpointKey(), now }) };
}
