/** Child processes of the benchmark: started, asked over IPC, ended by their own process id. */

import { type ChildProcess, fork, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CounterCommand, CounterEvent } from './distinct.ts';
import type { LoadCommand, LoadEvent, LoadOptions, LoadResult } from './load.ts';
import type { RequestPlan } from './requests.ts';

/** Ends a child: SIGTERM, and SIGKILL when it is still there after `graceMs`. */
export async function endChild(child: ChildProcess, graceMs = 20_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

/** Starts a program with its output going to `logFile`. It is told to end when this process does. */
export function startLogged(
  command: string,
  args: readonly string[],
  logFile: string,
  options: Pick<SpawnOptions, 'env' | 'cwd'> = {},
): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { ...options, stdio: ['ignore', log, log] });
  closeSync(log);
  const end = () => child.kill('SIGTERM');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return child;
}

/** Asks `attempt` every 50 ms until it answers something, the child ends, or `timeoutMs` is over. */
export async function waitFor<T>(
  what: string,
  child: ChildProcess,
  timeoutMs: number,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`${what}: the process ended with code ${child.exitCode}`);
    const found = await attempt();
    if (found !== undefined) return found;
    await pause(50);
  }
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
}

function forkModule(file: string, args: readonly string[] = []): ChildProcess {
  return fork(path.join(import.meta.dirname, file), [...args], { serialization: 'advanced' });
}

/** Resolves with the next message of one type; rejects when the child ends first. */
function nextEvent<E extends { readonly type: string }, T extends E['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<E, { readonly type: T }>> {
  return new Promise((resolve, reject) => {
    const take = (event: E) => {
      if (event.type !== type) return;
      child.off('message', take);
      child.off('exit', fail);
      resolve(event as Extract<E, { readonly type: T }>);
    };
    const fail = () => reject(new Error(`process ${child.pid} ended before it told '${type}'`));
    child.on('message', take);
    child.once('exit', fail);
  });
}

export interface Counting {
  readonly child: ChildProcess;
  readonly port: number;
  /** Resolves with the monotonic time at which so many different messages had arrived; rejects when it stalls. */
  reached(distinct: number): Promise<number>;
  counts(): Promise<{ distinct: number; repeated: number; strangers: number }>;
  times(first: number, count: number): Promise<Float64Array>;
}

/** No message for this long, and the run is given up. */
const STALL_MS = 60_000;

async function startCounting(name: string, file: string, args: readonly string[]): Promise<Counting> {
  const child = forkModule(file, args);
  const { port } = await nextEvent<CounterEvent, 'listening'>(child, 'listening');
  const ask = (command: CounterCommand) => child.send(command);
  const counts = async () => {
    const counted = nextEvent<CounterEvent, 'counted'>(child, 'counted');
    ask({ type: 'count' });
    return counted;
  };
  const watchStall = async (wanted: number, signal: AbortSignal): Promise<never> => {
    let last = -1;
    for (;;) {
      await pause(STALL_MS, undefined, { signal });
      const { distinct } = await counts();
      if (distinct === last) throw new Error(`${name} stalled at ${distinct} of ${wanted} messages`);
      last = distinct;
    }
  };
  return {
    child,
    port,
    counts,
    async reached(distinct) {
      const event = nextEvent<CounterEvent, 'reached'>(child, 'reached');
      ask({ type: 'await', distinct });
      const watching = new AbortController();
      try {
        return await Promise.race([event.then(({ atMs }) => atMs), watchStall(distinct, watching.signal)]);
      } finally {
        watching.abort();
      }
    },
    async times(first, count) {
      const answer = nextEvent<CounterEvent, 'times'>(child, 'times');
      ask({ type: 'times', first, count });
      return (await answer).seenAtMs;
    },
  };
}

export function startSink(receipts: boolean): Promise<Counting> {
  return startCounting('SMSC sink', 'sink.ts', receipts ? ['--receipts'] : []);
}

export function startWebhookSink(): Promise<Counting> {
  return startCounting('webhook sink', 'webhook-sink.ts', []);
}

export interface LoadSource {
  readonly child: ChildProcess;
  /** Builds and signs the requests of the next run. */
  prepare(plan: RequestPlan): Promise<void>;
  run(options: LoadOptions): Promise<LoadResult>;
}

export function startLoad(): LoadSource {
  const child = forkModule('load.ts');
  const ask = (command: LoadCommand) => child.send(command);
  return {
    child,
    async prepare(plan) {
      const prepared = nextEvent<LoadEvent, 'prepared'>(child, 'prepared');
      ask({ type: 'prepare', plan });
      await prepared;
    },
    async run(options) {
      const finished = nextEvent<LoadEvent, 'finished'>(child, 'finished');
      ask({ type: 'run', options });
      return (await finished).result;
    },
  };
}
