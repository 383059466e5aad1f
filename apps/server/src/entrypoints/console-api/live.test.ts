import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_SPACING_MS, HEARTBEAT_MS, MAX_LISTENERS_A_TOPIC } from './live.ts';
import { consoleWorldForTests, type Person } from './testing/console-world.ts';

const HOUR_MS = 3_600_000;
const HEARTBEAT = ': still here\n\n';
const CHANGED = 'event: changed\ndata: {}\n\n';

describe('live events of the console', () => {
  const given = consoleWorldForTests();
  const leaving: AbortController[] = [];
  let address: string;
  beforeAll(async () => {
    address = await given().app.listen({ host: '127.0.0.1', port: 0 });
  });
  const leave = (): void => {
    for (const page of leaving.splice(0)) page.abort();
  };
  afterEach(async () => {
    leave();
    const { listeners, tenants } = given();
    const topics = [tenants.a, tenants.b, 'reviews', 'phone'];
    await expect.poll(() => topics.filter((topic) => listeners(topic) > 0)).toEqual([]);
  });
  afterAll(leave);

  /** Opens a page over HTTP; `heard` is all that came to it. */
  const listen = (person: Person, tenantId = given().tenants.a) =>
    listenAt(person, `/tenants/${tenantId}/live`);
  const listenAt = async (person: Person, path: string) => {
    const page = new AbortController();
    leaving.push(page);
    const headers = { cookie: `signet_session=${person.cookie}` };
    const response = await fetch(`${address}/api${path}`, { headers, signal: page.signal });
    const told = { text: '', ended: false };
    const read = async (): Promise<void> => {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) told.text += chunk;
    };
    void read().then(
      () => {
        told.ended = true;
      },
      () => undefined,
    );
    return { response, page, told, heard: () => told.text };
  };
  /** Runs the newest timer of this length, as its time would. */
  const elapse = (delayMs: number): void => {
    const timer = given().timers.findLast((one) => one.delayMs === delayMs && !one.cancelled)!;
    timer.cancelled = true;
    timer.act();
  };

  it('tells a change at once, and at most one a second', async () => {
    const { people, tell, tenants } = given();
    const { response, heard } = await listen(people.a);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    await expect.poll(heard).toBe(HEARTBEAT);
    for (let i = 0; i < 1_000; i++) tell(tenants.a);
    await expect.poll(heard).toBe(HEARTBEAT + CHANGED);
    elapse(EVENT_SPACING_MS);
    await expect.poll(heard).toBe(HEARTBEAT + CHANGED + CHANGED);
    elapse(EVENT_SPACING_MS);
    tell(tenants.b);
    // What follows would come after anything that these two had told.
    elapse(HEARTBEAT_MS);
    await expect.poll(heard).toBe(HEARTBEAT + CHANGED + CHANGED + HEARTBEAT);
    tell(tenants.a);
    await expect.poll(heard).toBe(HEARTBEAT + CHANGED + CHANGED + HEARTBEAT + CHANGED);
  });

  it('tells reviewers of their queue and operators of the phone, each by itself, with nothing in it', async () => {
    const { people, tell, tenants } = given();
    const queue = await listenAt(people.reviewer, '/reviews/live');
    const phone = await listenAt(people.operator, '/sandbox/phone/live');
    await expect.poll(() => [queue.heard(), phone.heard()]).toEqual([HEARTBEAT, HEARTBEAT]);
    tell(tenants.a);
    tell('phone');
    await expect.poll(phone.heard).toBe(HEARTBEAT + CHANGED);
    tell('reviews');
    await expect.poll(queue.heard).toBe(HEARTBEAT + CHANGED);
    expect(phone.heard()).toBe(HEARTBEAT + CHANGED);
  });

  it('is refused to whom the list is refused, and where there is no phone', async () => {
    const { ask, people, serve, tenants } = given();
    for (const [person, path] of [
      [people.a, '/reviews/live'],
      [people.a, '/sandbox/phone/live'],
      [people.a, `/tenants/${tenants.b}/live`],
      [people.reviewer, '/sandbox/phone/live'],
      [people.reviewer, `/tenants/${tenants.a}/live`],
    ] as const) {
      const answer = await ask(person, { url: `/api${path}` });
      expect([path, answer.statusCode, answer.json().code]).toEqual([path, 403, 'forbidden']);
    }
    const headers = { cookie: `signet_session=${people.operator.cookie}` };
    const off = await serve({ sandbox: null }).inject({ url: '/api/sandbox/phone/live', headers });
    expect([off.statusCode, off.json().code]).toEqual([409, 'sandbox_off']);
  });

  it('shows that it lives, and ends with the session', async () => {
    const { addPerson, world, tenants, listeners } = given();
    const { told, heard } = await listen(await addPerson('operator', null));
    await expect.poll(heard).toBe(HEARTBEAT);
    elapse(HEARTBEAT_MS);
    await expect.poll(heard).toBe(HEARTBEAT + HEARTBEAT);
    world.now += 12 * HOUR_MS;
    elapse(HEARTBEAT_MS);
    await expect.poll(() => told.ended).toBe(true);
    await expect.poll(() => listeners(tenants.a)).toBe(0);
  });

  it('holds at most so many pages of a tenant, and forgets those that left', async () => {
    const { addPerson, ask, tenants, listeners, timers } = given();
    const person = await addPerson('operator', null);
    for (let i = 0; i < MAX_LISTENERS_A_TOPIC; i++) await listen(person);
    expect(listeners(tenants.a)).toBe(MAX_LISTENERS_A_TOPIC);
    const oneMore = await ask(person, { url: `/api/tenants/${tenants.a}/live` });
    expect([oneMore.statusCode, oneMore.json().code]).toEqual([429, 'limit_reached']);
    await listen(person, tenants.b);
    leave();
    await expect.poll(() => listeners(tenants.a)).toBe(0);
    expect(timers.filter(({ cancelled }) => !cancelled)).toEqual([]);
    expect((await listen(person)).response.status).toBe(200);
  });

  it('does not keep the server from closing', async () => {
    const { serve, addPerson, tenants } = given();
    const person = await addPerson('operator', null);
    const app = serve({});
    const other = await app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { cookie: `signet_session=${person.cookie}` };
    const response = await fetch(`${other}/api/tenants/${tenants.b}/live`, { headers });
    const reader = response.body!.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(HEARTBEAT);
    await app.close();
    const ended = reader.read().then(
      ({ done }) => done,
      () => true,
    );
    expect(await ended).toBe(true);
  });
});
