import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));

/** A server that is on its way up; nobody waits for it to be ready. */
export type Launched = {
  readonly process: ChildProcess;
  readonly readyFile: string;
  out(): string;
  err(): string;
  /** Signals it and waits for its end. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>;
  readonly exited: Promise<number | null>;
};

export function launch(dir: string, env: Record<string, string> = {}): Launched {
  const readyFile = join(dir, 'ready.json');
  const args = [
    '--data',
    join(dir, 'data'),
    '--port',
    '0',
    '--ready-file',
    readyFile,
    '--log-level',
    'error',
  ];
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    process: child,
    readyFile,
    out: () => out,
    err: () => err,
    async end(signal) {
      const asked = performance.now();
      child.kill(signal);
      const code = await exited;
      return { code, tookMs: performance.now() - asked };
    },
    exited,
  };
}

/** Times are promised on a machine of its own; where tests run side by side each process waits for its turn. */
export const busyFactor = (): number => Math.max(1, (1.5 * loadavg()[0]!) / availableParallelism());
