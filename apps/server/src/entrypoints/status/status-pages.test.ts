import Fastify, { type FastifyInstance } from 'fastify';
import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StatusDeps, statusPages } from './status-pages.ts';

let app: FastifyInstance;
let deps: { -readonly [Name in keyof StatusDeps]: StatusDeps[Name] };
let timers: { delayMs: number; act: () => void; cancelled: boolean }[];

beforeEach(async () => {
  const registry = new Registry();
  new Counter({ name: 'signet_looks_total', help: 'Looks', registers: [registry] }).inc();
  timers = [];
  deps = {
    askStore: async () => undefined,
    storeHasRoom: async () => true,
    linkStates: () => [],
    stuckForMs: () => 0,
    registry,
    setTimer(delayMs, act) {
      const timer = { delayMs, act, cancelled: false };
      timers.push(timer);
      return () => {
        timer.cancelled = true;
      };
    },
  };
  app = Fastify();
  await app.register(statusPages(deps));
});
afterEach(() => app.close());

const ready = async () => {
  const { statusCode, body } = await app.inject({ url: '/readyz' });
  return [statusCode, JSON.parse(body).reasons];
};

describe('status pages', () => {
  it('says that the process lives, whatever else', async () => {
    deps.askStore = () => Promise.reject(new Error('lost'));
    const answer = await app.inject({ url: '/healthz' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }]);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is ready with a store and no carrier, or with one that is bound', async () => {
    expect(await ready()).toEqual([200, []]);
    deps.linkStates = () => ['connecting', 'bound'];
    expect(await ready()).toEqual([200, []]);
    deps.linkStates = () => ['throttled'];
    expect(await ready()).toEqual([200, []]);
    expect(timers.every(({ cancelled }) => cancelled)).toBe(true);
  });

  it('names what is missing', async () => {
    deps.linkStates = () => ['connecting', 'closed'];
    expect(await ready()).toEqual([503, ['carriers']]);
    deps.stuckForMs = () => 10_001;
    expect(await ready()).toEqual([503, ['carriers', 'commit']]);
    deps.storeHasRoom = async () => false;
    expect(await ready()).toEqual([503, ['disk', 'carriers', 'commit']]);
    deps.askStore = () => Promise.reject(new Error('password of the store'));
    expect(await ready()).toEqual([503, ['store', 'carriers', 'commit']]);
  });

  it('does not wait for a store that hangs', async () => {
    deps.askStore = () => new Promise(() => undefined);
    const looked = ready();
    await expect.poll(() => timers.length).toBe(1);
    expect(timers[0]!.delayMs).toBe(2_000);
    timers[0]!.act();
    expect(await looked).toEqual([503, ['store']]);
  });

  it('gives metrics to this machine and to nobody behind a proxy', async () => {
    const metrics = async (remoteAddress: string, headers = {}) =>
      app.inject({ url: '/metrics', remoteAddress, headers });
    for (const local of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      const answer = await metrics(local);
      expect(answer.body).toContain('signet_looks_total 1');
      expect(answer.headers['content-type']).toContain('text/plain');
    }
    const elsewhere = [
      await metrics('192.0.2.1'),
      await metrics('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }),
      await metrics('127.0.0.1', { forwarded: 'for=127.0.0.1' }),
      await metrics('127.0.0.1', { via: '1.1 proxy' }),
    ];
    for (const answer of elsewhere) {
      expect(answer.statusCode).toBe(403);
      expect(answer.body).not.toContain('signet_looks_total');
    }
  });
});
