import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `--ready-file` tells (issue 2, part 2). Secrets are null on later starts. */
export type Ready = {
  url: string;
  accessKeyId: string;
  accessKeySecret: string;
  qualificationId: string;
  signName: string;
  templateCode: string;
  phone: string;
  consoleUser: string;
  consolePassword: string;
  smscHost: string;
  smscPort: number;
};

export type RunningServer = {
  ready: Ready;
  process: ChildProcess;
  dataDir: string;
  /** All it wrote to stdout and stderr. */
  output(): string;
  /** Ctrl-C, and the exit code. */
  stop(): Promise<number | null>;
  /** kill -9 of the server alone, as a crash is. */
  kill(): Promise<void>;
};

const MAIN = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));
const READY_WITHIN_MS = 90_000;

/** A folder of its own under the system's temporary folder; the caller removes it. */
export const makeDataDir = (name = 'signet-flow-'): string => mkdtempSync(join(tmpdir(), name));
export const removeDataDir = (dir: string): void =>
  rmSync(dir, { recursive: true, force: true, maxRetries: 10 });

/** The real server as `npm start` runs it, on a free port; resolves when its ready file stands. */
export async function startServer(options: {
  dataDir: string;
  /** Default: any free one. */
  port?: number;
  args?: string[];
  env?: Record<string, string>;
}): Promise<RunningServer> {
  const readyFile = join(options.dataDir, `ready-${Date.now()}.json`);
  const child = spawn(
    process.execPath,
    [
      MAIN,
      '--data',
      join(options.dataDir, 'data'),
      '--port',
      String(options.port ?? 0),
      '--ready-file',
      readyFile,
      ...(options.args ?? []),
    ],
    { env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const ready = await waitForReady(readyFile, exited, () => output);
  return {
    ready,
    process: child,
    dataDir: options.dataDir,
    output: () => output,
    async stop() {
      child.kill('SIGINT');
      return exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function waitForReady(
  file: string,
  exited: Promise<number | null>,
  output: () => string,
): Promise<Ready> {
  let code: number | null | undefined;
  void exited.then((value) => {
    code = value;
  });
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (code !== undefined) throw new Error(`the server ended with ${code}:\n${output()}`);
    try {
      if ((statSync(file).mode & 0o777) !== 0o600) throw new Error('the ready file is open to others');
      return JSON.parse(readFileSync(file, 'utf8')) as Ready;
    } catch (error) {
      if (
        !(error instanceof Error && 'code' in error && error.code === 'ENOENT') &&
        !(error instanceof SyntaxError)
      )
        throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not ready in time:\n${output()}`);
}

/** Starts the server and lets it run until it ends by itself: for starts that must fail, and for `--help`. */
export async function runServer(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> {
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
  // One that starts after all must not outlive the test: its exit code is then null.
  const late = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  return { code, out, err };
}

/** Asks until `found` gives a value; fails after `withinMs`. For what happens outside this process. */
export async function eventually<T>(
  what: string,
  found: () => Promise<T | undefined>,
  withinMs = 30_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const value = await found();
    if (value !== undefined) return value;
    if (Date.now() > until) throw new Error(`it did not come in ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
