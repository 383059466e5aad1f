import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { StartFailure } from '../settings/public.ts';
import { embeddedBinaries } from './binaries.ts';
import {
  CLUSTER_OWNER,
  type ClusterPlace,
  launchCluster,
  makeCluster,
  type RunningCluster,
} from './cluster.ts';
import { storeFailure } from './failures.ts';
import {
  findSocketDir,
  giveTo,
  makePrivateDir,
  makeSocketDir,
  makeUnfinishedDir,
  removeUnfinishedDirs,
  type StoreFolders,
  storeFolders,
} from './folders.ts';
import { acquireInstanceLock, lockOwner } from './instance-lock.ts';
import { clearLeftovers, clearSocketLock } from './leftovers.ts';
import { durableParameters } from './parameters.ts';
import { chooseRunAs, type RunAsKind } from './run-as.ts';

/** How to reach an embedded database: `socketDir` is the `host` of a `pg` client. */
export interface PostgresAddress {
  readonly socketDir: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export interface EmbeddedPostgres extends PostgresAddress {
  readonly kind: 'embedded';
  /** Fast shutdown; committed work is kept. Gives the data folder back. */
  stop(): Promise<void>;
  /** Settles when the server is gone: null after `stop`, else how it ended; the process should then end too. */
  readonly ended: Promise<string | null>;
}

/** Sessions that outlive a killed server hold its shared memory for a moment. */
const SESSIONS_END_MS = 10_000;
const RETRY_MS = 100;

/**
 * Starts the embedded PostgreSQL of a data folder: makes the folder (0700) and the database when they are missing,
 * clears what a crash left, recovers, and listens on a private Unix socket only. Works as root and as any user.
 *
 * @param deps.dataDir folder; several Signets with different folders run side by side
 * @param deps.log takes the server's own messages (no statements, no contents), a line each
 * @param deps.runAs one way to run only, for tests
 * @param deps.asked gives the start up: its programs are ended, a half-made database is removed, the folder given back
 * @throws StartFailure one line: folder in use, not writable, disk full, other version, server's reason; the reason of
 *   `asked`
 */
export async function startPostgres(deps: {
  dataDir: string;
  log: (line: string) => void;
  runAs?: RunAsKind;
  asked?: AbortSignal;
}): Promise<EmbeddedPostgres> {
  const folders = storeFolders(resolve(deps.dataDir));
  try {
    makePrivateDir(folders.dataDir);
    const release = acquireInstanceLock(folders.lockFile, folders.dataDir);
    try {
      const { cluster, socketDir } = await openStore(folders, deps);
      const ended = cluster.ended.finally(release);
      const stop = async () => {
        await cluster.stop();
        await ended;
      };
      return { kind: 'embedded', ...addressAt(socketDir), stop, ended };
    } catch (error) {
      release();
      throw error;
    }
  } catch (error) {
    deps.asked?.throwIfAborted();
    throw storeFailure(error, folders.dataDir);
  }
}

/** The address of the embedded database that another process runs in `dataDir`, or null when none does. */
export function findPostgres(dataDir: string): PostgresAddress | null {
  const folders = storeFolders(resolve(dataDir));
  const socketDir = findSocketDir(folders.dataDir);
  return socketDir === null || lockOwner(folders.lockFile) === null ? null : addressAt(socketDir);
}

function addressAt(socketDir: string): PostgresAddress {
  return { socketDir, port: Number(durableParameters.port), user: CLUSTER_OWNER, database: 'signet' };
}

async function openStore(
  folders: StoreFolders,
  { log, runAs: only, asked }: { log: (line: string) => void; runAs?: RunAsKind; asked?: AbortSignal },
): Promise<{ cluster: RunningCluster; socketDir: string }> {
  const binaries = embeddedBinaries();
  const runAs = chooseRunAs(binaries, folders.dataDir, only);
  const place = { binaries, runAs, clusterDir: folders.clusterDir };
  await makeOnce(folders, place, asked);
  refuseOtherVersion(place);
  await clearLeftovers(place.clusterDir, asked);
  giveTo(place.clusterDir, runAs.owner);
  const socketDir = makeSocketDir(folders.dataDir, runAs.owner);
  clearSocketLock(socketDir, Number(durableParameters.port));
  return { cluster: await launchAfterSessions(place, socketDir, log, asked), socketDir };
}

/** Makes the cluster beside its place and moves it there complete: what an interruption leaves is never opened. */
async function makeOnce(
  folders: StoreFolders,
  place: ClusterPlace,
  asked: AbortSignal | undefined,
): Promise<void> {
  removeUnfinishedDirs(folders.dataDir);
  if (existsSync(folders.clusterDir)) return;
  const unfinishedDir = makeUnfinishedDir(folders.dataDir);
  try {
    giveTo(unfinishedDir, place.runAs.owner);
    await makeCluster({ ...place, clusterDir: unfinishedDir }, asked);
    renameSync(unfinishedDir, folders.clusterDir);
    syncDir(folders.dataDir);
  } catch (error) {
    rmSync(unfinishedDir, { recursive: true, force: true });
    throw error;
  }
}

function refuseOtherVersion({ clusterDir, binaries }: ClusterPlace): void {
  const file = join(clusterDir, 'PG_VERSION');
  if (!existsSync(file)) {
    throw new StartFailure(
      `${clusterDir} is not a database: set --data to another folder, or restore a backup`,
    );
  }
  const version = readFileSync(file, 'utf8').trim();
  if (version !== String(binaries.major)) {
    throw new StartFailure(
      `${clusterDir} is of PostgreSQL ${version}, this Signet brings ${binaries.major}: restore a backup into another --data folder`,
    );
  }
}

async function launchAfterSessions(
  place: ClusterPlace,
  socketDir: string,
  log: (line: string) => void,
  asked: AbortSignal | undefined,
): Promise<RunningCluster> {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      return await launchCluster(place, socketDir, durableParameters, log, asked);
    } catch (error) {
      asked?.throwIfAborted();
      const held = error instanceof Error && error.message.includes('pre-existing shared memory block');
      if (!held || waitedMs >= SESSIONS_END_MS) throw error;
      await wait(RETRY_MS);
    }
  }
}

function syncDir(dir: string): void {
  const descriptor = openSync(dir, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
