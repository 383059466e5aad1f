import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, makeDataDir, removeDataDir, startServer } from '../world/server.ts';
import { startCarrier } from './carrier.ts';
import { busyFactor, type Launched, launch } from './launching.ts';
import { descendants, naming, running } from './processes.ts';
import { send } from './sending.ts';
import { ownerOfStarting } from './store.ts';

/** Promptly: a person at the keyboard still believes that it reacts. */
const PROMPT_MS = 3_000;
const EXIT_OF = { SIGINT: 130, SIGTERM: 143 } as const;

let dir: string;
let launched: Launched[];
beforeEach(() => {
  dir = makeDataDir('signet-interrupted-');
  launched = [];
});
afterEach(async () => {
  for (const one of launched) {
    one.process.kill('SIGKILL');
    await one.exited;
  }
  removeDataDir(dir);
});

function start(env: Record<string, string> = {}): Launched {
  const one = launch(dir, env);
  launched.push(one);
  return one;
}

const data = (): string => join(dir, 'data');
const entries = (): string[] => (existsSync(data()) ? readdirSync(data()) : []);

/** Interrupts the start and looks at what is left of it. */
async function interrupt(one: Launched, signal: keyof typeof EXIT_OF): Promise<void> {
  const stemming = descendants(one.process.pid!);
  const { code, tookMs } = await one.end(signal);
  expect({ code, out: one.out(), err: one.err() }).toEqual({
    code: EXIT_OF[signal],
    out: '',
    err: expect.stringMatching(/^signet: [^\n]*interrupted[^\n]*\n$/),
  });
  expect(tookMs).toBeLessThan(PROMPT_MS * busyFactor());
  expect(running([...stemming, ...naming(dir)])).toEqual([]);
  expect(entries().filter((name) => !['postgres', 'keys', 'run'].includes(name))).toEqual([]);
  expect(readdirSync(dir).filter((name) => name !== 'data')).toEqual([]);
  if (existsSync(join(data(), 'postgres'))) expect(lastShutdown()).toBe('clean');
}

/** A clean end of PostgreSQL removes its pid file; after a crash it stays. */
const lastShutdown = (): string =>
  existsSync(join(data(), 'postgres', 'postmaster.pid')) ? 'crash' : 'clean';

async function startsWhole(): Promise<void> {
  const server = await startServer({ dataDir: dir });
  try {
    expect(await send(server.ready, server.ready.phone)).toMatchObject({ Code: 'OK' });
  } finally {
    expect(await server.stop()).toBe(0);
  }
}

describe('Ctrl-C or SIGTERM during the start', { timeout: 60_000 }, () => {
  it('while the database is being made', async () => {
    const one = start();
    await eventually('the making', async () =>
      entries().some((name) => name.startsWith('postgres.unfinished-')) ? true : undefined,
    );
    await interrupt(one, 'SIGINT');
    await startsWhole();
  });

  it('while it waits for somebody else in the database', async () => {
    const one = start();
    const blocker = await ownerOfStarting(dir);
    await blocker.query('begin; lock table dispatch_chunks in access exclusive mode');
    await eventually('the wait', async () => {
      const { rows } = await blocker.query('select from pg_locks where not granted');
      return rows.length > 0 ? true : undefined;
    });
    await interrupt(one, 'SIGTERM');
    await blocker.end().catch(() => undefined);
    await startsWhole();
  });

  it('while DATABASE_URL does not answer', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const one = start({ DATABASE_URL: `postgres://signet@127.0.0.1:${port}/signet` });
    await eventually('the connection', async () => (sockets.length > 0 ? true : undefined));
    await interrupt(one, 'SIGINT');
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it('at any moment', async () => {
    // Moments of a second start as they fall; each next one goes on from what the last left.
    for (const afterMs of [300, 900, 1500, 2100, 2700]) {
      const one = start();
      const waited = await Promise.race([
        one.exited,
        new Promise((resolve) => setTimeout(resolve, afterMs, 'moment')),
      ]);
      expect(waited).toBe('moment');
      if (existsSync(one.readyFile)) {
        expect(JSON.parse(readFileSync(one.readyFile, 'utf8'))).toHaveProperty('url');
        expect((await one.end('SIGINT')).code).toBe(0);
        break;
      }
      const stemming = descendants(one.process.pid!);
      const { code, tookMs } = await one.end('SIGINT');
      // Before its first line of JavaScript Node dies of the signal itself.
      expect([130, 0, null]).toContain(code);
      if (code === 0) expect(one.out()).toContain('Signet is ready');
      expect(tookMs).toBeLessThan(PROMPT_MS * busyFactor());
      expect(running([...stemming, ...naming(dir)])).toEqual([]);
      expect(entries().filter((name) => name === 'lock' || name.includes('unfinished'))).toEqual([]);
    }
  });
});

describe('Ctrl-C when it is up', { timeout: 60_000 }, () => {
  it('drains, although npm passes each signal on a second time; a second Ctrl-C ends at once', async () => {
    const carrier = await startCarrier();
    const env = { SIGNET_SANDBOX_SMSC: `127.0.0.1:${carrier.port}` };
    const server = await startServer({ dataDir: dir, env });
    const exited = new Promise<number | null>((resolve) => server.process.once('exit', resolve));
    try {
      carrier.behave(() => ({ answer: 'none' }));
      expect(await send(server.ready, server.ready.phone)).toMatchObject({ Code: 'OK' });
      await eventually('the submit', async () => (carrier.submits.length > 0 ? true : undefined));
      server.process.kill('SIGINT');
      server.process.kill('SIGINT');
      await eventually('the word', async () =>
        server.output().includes('finishing what is in hand') ? true : undefined,
      );
      // The drain goes on: twice was once.
      const apart = new Promise((resolve) => setTimeout(resolve, 1_000, 'draining'));
      expect(await Promise.race([exited, apart])).toBe('draining');
      const asked = performance.now();
      server.process.kill('SIGINT');
      expect(await exited).toBe(130);
      expect(performance.now() - asked).toBeLessThan(3_000);
      expect(server.output()).toMatch(/\nsignet: ended at once[^\n]*\n$/);
      await eventually('its database ends too', async () =>
        running(naming(dir)).length === 0 ? true : undefined,
      );
    } finally {
      await server.kill().catch(() => undefined);
      await carrier.close();
    }
  });
});
