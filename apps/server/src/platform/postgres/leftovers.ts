import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { StartFailure } from '../settings/public.ts';
import { commandLineOf, isTaken } from './processes.ts';

const POLL_MS = 20;
const PATIENCE_MS = 30_000;

/** No process can have this id: Linux and macOS end at 4 194 304 (`PID_MAX_LIMIT`). */
const IMPOSSIBLE_PID = '4194999';

/**
 * Clears what an earlier run left in a cluster: its server, which may still be ending after our kill -9, and a
 * `postmaster.pid` whose process id is taken by somebody else by now (usual in containers, where ids start over and
 * dead processes stay uncollected). PostgreSQL would refuse to start for either. The file itself stays: PostgreSQL
 * finds surviving sessions by it and would otherwise start beside them.
 *
 * Call only while holding the instance lock: a server that runs then is an orphan.
 * @throws StartFailure when the old server does not end; the reason of `asked`
 */
export async function clearLeftovers(clusterDir: string, asked?: AbortSignal): Promise<void> {
  const file = join(clusterDir, 'postmaster.pid');
  const pid = firstLineAsPid(file);
  if (pid === null) return;
  await endOrphan(pid, clusterDir, asked);
  // A clean end has removed the file.
  const text = readIfThere(file);
  if (text !== null && isTaken(pid)) writeFileSync(file, text.replace(/^[^\n]*/, IMPOSSIBLE_PID));
}

/** Removes the socket's own lock of an earlier server; call after `clearLeftovers`. */
export function clearSocketLock(socketDir: string, port: number): void {
  rmSync(join(socketDir, `.s.PGSQL.${port}.lock`), { force: true });
}

async function endOrphan(pid: number, clusterDir: string, asked?: AbortSignal): Promise<void> {
  if (!isServerOf(pid, clusterDir)) return;
  process.kill(pid, 'SIGINT');
  for (let waitedMs = 0; isServerOf(pid, clusterDir); waitedMs += POLL_MS) {
    asked?.throwIfAborted();
    if (waitedMs > PATIENCE_MS) {
      throw new StartFailure(
        `the database server of an earlier run (process ${pid}) does not end: end it, then retry`,
      );
    }
    await wait(POLL_MS);
  }
}

function firstLineAsPid(file: string): number | null {
  const text = readIfThere(file);
  return text === null ? null : Number(text.split('\n')[0]);
}

function isServerOf(pid: number, clusterDir: string): boolean {
  const commandLine = commandLineOf(pid) ?? '';
  return commandLine.includes('postgres') && commandLine.includes(`-D ${clusterDir} `);
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
