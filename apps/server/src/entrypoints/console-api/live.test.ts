import type { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { EVENT_SPACING_MS, HEARTBEAT_MS, MAX_LISTENERS_A_TENANT } from './live.ts';
import { consoleWorldForTests, type Person } from './testing/console-world.ts';

const HOUR_MS = 3_600_000;

describe('live events of the console', () => {
  const given = consoleWorldForTests();
  const open: Readable[] = [];
  afterEach(async () => {
    for (const stream of open.splice(0)) {
      if (stream.destroyed) continue;
      stream.destroy();
      await given().app.inject({ url: '/api/openapi.json' });
    }
  });

  const listen = async (person: Person, tenantId = given().tenants.a) => {
    const url = `/api/tenants/${tenantId}/live`;
    const headers = { cookie: `signet_session=${person.cookie}` };
    const answer = await given().app.inject({ url, headers, payloadAsStream: true });
    const stream = answer.stream();
    open.push(stream);
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    /** What came since the last look. */
    const heard = async (): Promise<string> => {
      await new Promise((resolve) => setImmediate(resolve));
      const now = text;
      text = '';
      return now;
    };
    return { answer, stream, heard };
  };
  /** Runs the newest timer of this length, as its time would. */
  const elapse = async (delayMs: number): Promise<void> => {
    const timer = given().timers.findLast((one) => one.delayMs === delayMs && !one.cancelled)!;
    timer.cancelled = true;
    timer.act();
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('tells a change at once, and at most one a second', async () => {
    const { people, tell, tenants } = given();
    const { answer, heard } = await listen(people.a);
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await heard()).toBe(': still here\n\n');
    for (let i = 0; i < 1_000; i++) tell(tenants.a);
    expect(await heard()).toBe('event: changed\ndata: {}\n\n');
    await elapse(EVENT_SPACING_MS);
    expect(await heard()).toBe('event: changed\ndata: {}\n\n');
    await elapse(EVENT_SPACING_MS);
    expect(await heard()).toBe('');
    tell(tenants.b);
    expect(await heard()).toBe('');
    tell(tenants.a);
    expect(await heard()).toBe('event: changed\ndata: {}\n\n');
  });

  it('shows that it lives, and ends with the session', async () => {
    const { addPerson, world, tenants } = given();
    const person = await addPerson('operator', null);
    const { heard, stream } = await listen(person);
    await heard();
    await elapse(HEARTBEAT_MS);
    await expect.poll(heard).toBe(': still here\n\n');
    world.now += 12 * HOUR_MS;
    const ended = new Promise((resolve) => stream.once('end', resolve));
    await elapse(HEARTBEAT_MS);
    await ended;
    await expect.poll(() => given().listeners(tenants.a)).toBe(0);
  });

  it('holds at most so many pages of a tenant, and forgets those that left', async () => {
    const { addPerson, ask, tenants, listeners } = given();
    const person = await addPerson('operator', null);
    const streams: Readable[] = [];
    for (let i = 0; i < MAX_LISTENERS_A_TENANT; i++) streams.push((await listen(person)).stream);
    expect(listeners(tenants.a)).toBe(MAX_LISTENERS_A_TENANT);
    const url = `/api/tenants/${tenants.a}/live`;
    const oneMore = await ask(person, { url });
    expect([oneMore.statusCode, oneMore.json().code]).toEqual([429, 'limit_reached']);
    await listen(person, tenants.b);
    for (const stream of streams) stream.destroy();
    await expect.poll(() => listeners(tenants.a)).toBe(0);
    await listen(person);
    expect(listeners(tenants.a)).toBe(1);
  });

  it('does not keep the server from closing', async () => {
    const { serve, addPerson, tenants } = given();
    const person = await addPerson('operator', null);
    const app = serve({});
    const address = await app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { cookie: `signet_session=${person.cookie}` };
    const response = await fetch(`${address}/api/tenants/${tenants.b}/live`, { headers });
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(': still here\n\n');
    await app.close();
    await expect(
      reader.read().then(
        ({ done }) => done,
        () => true,
      ),
    ).resolves.toBe(true);
  });
});
