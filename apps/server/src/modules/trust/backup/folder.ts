import { existsSync, renameSync, rmSync } from 'node:fs';
import { mkdtemp, open, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EmbeddedPostgres,
  findPostgres,
  makePrivateDir,
  startPostgres,
} from '../../../platform/postgres/public.ts';
import { BackupFailure } from './failure.ts';

const UNFINISHED = 'restore.unfinished-';
const CLUSTER = 'postgres';

/**
 * Makes the embedded database of `dataDir`, fills it by `fill` and puts it in its place only then. Until that moment the
 * folder holds no database, whatever interrupts; what is left is removed by the next call.
 *
 * @throws BackupFailure `store_not_empty`; StartFailure of the embedded database; whatever `fill` throws
 */
export async function makeEmbeddedStore<T>(
  dataDir: string,
  fill: (address: EmbeddedPostgres) => Promise<T>,
): Promise<T> {
  const isNew = !existsSync(dataDir);
  if (existsSync(join(dataDir, CLUSTER)) || findPostgres(dataDir) !== null)
    throw new BackupFailure('store_not_empty', { place: dataDir });
  makePrivateDir(dataDir);
  await removeUnfinished(dataDir);
  const dir = await mkdtemp(join(dataDir, UNFINISHED));
  try {
    const filled = await runFilled(dir, fill);
    putInPlace(join(dir, CLUSTER), dataDir);
    await syncFolder(dataDir);
    return filled;
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    // Only an empty folder goes.
    if (isNew) await rmdir(dataDir).catch(() => undefined);
    throw error;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function runFilled<T>(dir: string, fill: (address: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const store = await startPostgres({ dataDir: dir, log: () => undefined });
  try {
    return await fill(store);
  } finally {
    await store.stop();
    // It lies outside where the path is too long for a socket.
    rmSync(store.socketDir, { recursive: true, force: true });
  }
}

/** A rename onto a folder that holds something fails: of two restores, or a restore and a start, one wins whole. */
function putInPlace(clusterDir: string, dataDir: string): void {
  try {
    renameSync(clusterDir, join(dataDir, CLUSTER));
  } catch (error) {
    const taken =
      error instanceof Error && 'code' in error && ['ENOTEMPTY', 'EEXIST'].includes(String(error.code));
    throw taken ? new BackupFailure('store_not_empty', { place: dataDir }) : error;
  }
}

async function removeUnfinished(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    const dir = join(dataDir, name);
    if (name.startsWith(UNFINISHED) && findPostgres(dir) === null)
      await rm(dir, { recursive: true, force: true });
  }
}

async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
