import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PostgresBinaries } from './binaries.ts';
import { remedyOf, storeFailure } from './failures.ts';
import type { ServerParameters } from './parameters.ts';
import { programEnvironment, type RunAs } from './run-as.ts';

/** Owner of every cluster that we make. */
export const CLUSTER_OWNER = 'signet';

/** Longest time for a fast shutdown (it writes a checkpoint), then for an immediate one (recovery follows). */
const FAST_STOP_MS = 30_000;
const IMMEDIATE_STOP_MS = 5_000;

/** A start that is given up waits this long for each way to end: recovery of a large log answers between its records. */
const GIVEN_UP_MS = 700;

/** A cluster's files being worked on: with what, as whom, where. */
export interface ClusterPlace {
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly clusterDir: string;
}

export interface RunningCluster {
  /** Ends all sessions, writes a checkpoint and waits for the end; further calls wait for the same end. */
  stop(): Promise<void>;
  /** Settles when the server is gone: null after `stop`, else why and what to do, or how it ended. */
  readonly ended: Promise<string | null>;
}

/**
 * Makes a cluster in the empty folder `clusterDir` with the database `signet` in it (UTF-8, byte order collation).
 * @throws StartFailure with the tool's reason, or the reason of `asked`; the folder is then of no use
 */
export async function makeCluster(place: ClusterPlace, asked?: AbortSignal): Promise<void> {
  // Built-in C.UTF-8 sorts alike on every system; it exists from version 17 on.
  const locale = place.binaries.major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  const words = ['-D', place.clusterDir, '-U', CLUSTER_OWNER, '-E', 'UTF8', '--locale=C.UTF-8', ...locale];
  // Trust: who can reach the socket in its 0700 folder is the owner of the files anyway.
  await runToEnd(place, 'initdb', [...words, '--auth=trust'], '', asked);
  const single = ['--single', '-D', place.clusterDir, 'postgres'];
  await runToEnd(place, 'postgres', single, 'create database signet\n', asked);
}

/**
 * Starts the server of a cluster and waits until it accepts connections on its socket, recovery included.
 * The server has a session of its own, so that Ctrl-C reaches us alone, and ends when this process dies.
 *
 * @param log takes the server's own messages, a line each
 * @param asked gives up waiting and ends the server; what it has recovered so far it recovers again
 * @throws StartFailure with the server's reason when it ends before it is ready; the reason of `asked`
 */
export async function launchCluster(
  place: ClusterPlace,
  socketDir: string,
  parameters: ServerParameters,
  log: (line: string) => void,
  asked?: AbortSignal,
): Promise<RunningCluster> {
  asked?.throwIfAborted();
  // A list of quoted names: blanks, commas and quotes in a path are then its own.
  const sockets = `unix_socket_directories="${socketDir.replaceAll('"', '""')}"`;
  const assignments = [...Object.entries(parameters).map(([name, value]) => `${name}=${value}`), sockets];
  const args = ['-D', place.clusterDir, ...assignments.flatMap((assignment) => ['-c', assignment])];
  const child = spawnProgram(place, 'postgres', args);
  const watcher = place.runAs.endsWithParent ? null : watch(child);
  const exit = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) =>
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
    );
  });
  void exit.then(() => watcher?.kill('SIGKILL'));

  const said: string[] = [];
  let fatal = '';
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      if (said.length < 100) said.push(line);
      if (/\b(?:FATAL|PANIC):/.test(line)) fatal = line;
      log(line);
      if (line.includes('database system is ready to accept connections')) resolve(true);
    });
    void exit.then(() => resolve(false));
  });
  const giveUp = (): void => void endServer(child, exit, GIVEN_UP_MS, GIVEN_UP_MS);
  asked?.addEventListener('abort', giveUp, { once: true });
  const isReady = await ready;
  asked?.removeEventListener('abort', giveUp);
  if (asked?.aborted) {
    await exit;
    throw asked.reason;
  }
  if (!isReady) throw storeFailure(said.join('\n') || (await exit), place.clusterDir);

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (!stopping) {
      stopping = true;
      await endServer(child, exit, FAST_STOP_MS, IMMEDIATE_STOP_MS);
    }
    await exit;
  };
  return { stop, ended: exit.then((how) => (stopping ? null : (remedyOf(fatal) ?? how))) };
}

/** SIGINT: fast; SIGQUIT: at once, with recovery at the next start; SIGKILL: nothing else helped. */
async function endServer(
  child: ChildProcess,
  exit: Promise<string>,
  fastMs: number,
  immediateMs: number,
): Promise<void> {
  child.kill('SIGINT');
  if (await settlesWithin(exit, fastMs)) return;
  child.kill('SIGQUIT');
  if (await settlesWithin(exit, immediateMs)) return;
  child.kill('SIGKILL');
}

async function settlesWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const settled = await Promise.race([promise.then(() => true as const), late]);
  clearTimeout(timer);
  return settled;
}

/** For systems without parent-death signals: a shell that waits for our end of a pipe to close. */
function watch(child: ChildProcess): ChildProcess {
  const watcher = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1" 2>/dev/null', 'sh', String(child.pid)], {
    detached: true,
    env: programEnvironment(),
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.once('error', () => child.kill('SIGINT'));
  watcher.unref();
  (watcher.stdin as Socket | null)?.unref();
  return watcher;
}

async function runToEnd(
  place: ClusterPlace,
  program: string,
  args: string[],
  input: string,
  asked: AbortSignal | undefined,
): Promise<void> {
  asked?.throwIfAborted();
  const child = spawnProgram(place, program, args, 'pipe');
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const giveUp = (): void => void endTool(child, closed);
  asked?.addEventListener('abort', giveUp, { once: true });
  const said: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
  // A program that ends early closes its input; its exit code and words tell why.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
  const code = await closed.finally(() => asked?.removeEventListener('abort', giveUp));
  asked?.throwIfAborted();
  const output = Buffer.concat(said).toString();
  if (code !== 0 || /\b(ERROR|FATAL|PANIC):/.test(output)) throw storeFailure(output, place.clusterDir);
}

/** Asked first, so that it gives its shared memory back; then it and all that it started, a group of their own. */
async function endTool(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const over = await settlesWithin(closed, GIVEN_UP_MS).catch(() => true);
  if (over || child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended this moment.
  }
}

function spawnProgram(
  place: ClusterPlace,
  program: string,
  args: string[],
  input: 'pipe' | 'ignore' = 'ignore',
) {
  const [first = '', ...rest] = [...place.runAs.prefix, join(place.binaries.binDir, program), ...args];
  return spawn(first, rest, {
    ...(place.runAs.switchUser ? place.runAs.owner : {}),
    cwd: '/',
    detached: true,
    env: programEnvironment(),
    stdio: [input, input, 'pipe'],
  });
}
