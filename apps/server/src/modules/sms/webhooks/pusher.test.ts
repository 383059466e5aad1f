import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { databaseForTests } from '../../../../../../tests/world/database.ts';
import { createHttpOut, type HttpOut } from '../../../platform/http-out/public.ts';
import type { ReportEvent } from './elements.ts';
import {
  createPusher,
  createWebhooks,
  type Pusher,
  queueInbound,
  queueReports,
  type Webhooks,
} from './public.ts';
import { openWorld, type World } from './world.testing.ts';

const START = Date.UTC(2026, 10, 22, 4, 0, 0);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OK = '{"code":0,"msg":"ok"}';

type Push = { headers: IncomingHttpHeaders; body: string };
type Receiver = { url: string; pushes: Push[]; answer: (response: ServerResponse) => void };

const database = databaseForTests();
let world: World;
const closings: (() => unknown)[] = [];

beforeAll(async () => {
  world = await openWorld(database(), START);
});
afterAll(() => world.close());
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
  await world.sql('delete from deliveries');
});

/** A customer's endpoint: keeps what it got and answers as told. */
async function receiver(): Promise<Receiver> {
  const one: Receiver = { url: '', pushes: [], answer: (response) => response.end(OK) };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      one.pushes.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      one.answer(response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  one.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return one;
}

const reportOf = (messageId: string): ReportEvent => ({
  messageId,
  callId: messageId,
  phone: '+8613900001234',
  acceptedAt: START,
  finalAt: START + 1_000,
  state: 'delivered',
  errCode: 'DELIVERED',
  segmentCount: 1,
  outId: `out-${messageId}`,
});

type Setup = { http: HttpOut; pusher: Pusher; webhooks: Webhooks; errors: unknown[] };

function setUp(options: { timeoutMs?: number; allowed?: string[]; readFails?: () => boolean } = {}): Setup {
  const timeoutMs = options.timeoutMs ?? 5_000;
  const http = createHttpOut({
    allowedPrivateHosts: options.allowed ?? ['127.0.0.1'],
    timeoutMs,
    connectionsPerOrigin: 128,
  });
  const errors: unknown[] = [];
  const pusher = createPusher({
    db: world.db,
    vault: world.vault,
    http,
    timeoutMs,
    readReports: async (_tenantId, ids) => {
      if (options.readFails?.()) throw new Error('planted');
      return ids.filter((id) => !id.endsWith('999')).map(reportOf);
    },
    readReplies: async (_tenantId, ids) =>
      ids.map((inboundId) => ({
        inboundId,
        phone: '+8613900001234',
        content: 'TD',
        destCode: '7',
        receivedAt: START,
      })),
    now: world.now,
    setTimer: () => () => undefined,
    onError: (error) => errors.push(error),
  });
  const webhooks = createWebhooks({ ...world, http, pusher });
  closings.push(async () => {
    await pusher.stop();
    await http.close();
  });
  return { http, pusher, webhooks, errors };
}

async function tenantWith(webhooks: Webhooks, urls: { reportUrl?: string; inboundUrl?: string }) {
  const tenantId = await world.addTenant();
  const set = await webhooks.set(tenantId, { reportUrl: null, inboundUrl: null, ...urls }, 'user:1');
  return { tenantId, secret: set.secret! };
}

/** Queues deliveries of one event each, as a commit of receipts does. */
async function queue(tenantId: string, count = 1): Promise<string[]> {
  const ids = world.ids.run(count);
  for (const messageId of ids) {
    await world.makeChange({
      tenants: [tenantId],
      run: (tx, _log, now) => queueReports({ tx, now }, [{ tenantId, messageId }]),
    });
  }
  return ids;
}

const rowOf = async (id: string) =>
  (
    await world.sql<{ state: string; tries: number; last_status: string | null; next_at: Date }>(
      'select state, tries, last_status, next_at from deliveries where id = $1',
      [id],
    )
  )[0]!;

describe('a push', () => {
  it('is one signed request in the form that clients know', async () => {
    const { pusher, webhooks } = setUp();
    const hook = await receiver();
    const { tenantId, secret } = await tenantWith(webhooks, { reportUrl: hook.url });
    const ids = world.ids.run(3);
    await world.makeChange({
      tenants: [tenantId],
      run: (tx, _log, now) =>
        queueReports(
          { tx, now },
          ids.map((messageId) => ({ tenantId, messageId })),
        ),
    });
    await pusher.idle();
    expect(hook.pushes).toHaveLength(1);
    const { headers, body } = hook.pushes[0]!;
    expect((JSON.parse(body) as { out_id: string }[]).map((one) => one.out_id)).toEqual(
      ids.map((id) => `out-${id}`),
    );
    expect(JSON.parse(body)[0]).toMatchObject({
      phone_number: '13900001234',
      send_time: '2026-11-22 12:00:00',
    });
    const [id, timestamp] = [headers['x-signet-delivery-id'], headers['x-signet-timestamp']];
    expect([id, timestamp]).toEqual([ids[0], String(Math.floor(world.now() / 1000))]);
    const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('hex');
    expect(headers['x-signet-signature']).toBe(`v1=${mac}`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(await rowOf(ids[0]!)).toMatchObject({ state: 'delivered', tries: 1, last_status: '200' });
    expect(pusher.counters).toEqual({ pushed: 1, events: 3, failed: 0, dead: 0 });
  });

  it('of replies goes to its own address', async () => {
    const { pusher, webhooks } = setUp();
    const [reports, replies] = [await receiver(), await receiver()];
    const { tenantId } = await tenantWith(webhooks, { reportUrl: reports.url, inboundUrl: replies.url });
    await world.makeChange({
      tenants: [tenantId],
      run: (tx, _log, now) => queueInbound({ tx, now }, [{ tenantId, inboundId: '4711' }]),
    });
    await pusher.idle();
    expect(reports.pushes).toEqual([]);
    expect(JSON.parse(replies.pushes[0]!.body)).toEqual([
      {
        phone_number: '13900001234',
        content: 'TD',
        send_time: '2026-11-22 12:00:00',
        dest_code: '7',
        sequence_id: '4711',
      },
    ]);
  });

  it('is not queued for a tenant without an address, and ends when its events or address are gone', async () => {
    const { pusher, webhooks } = setUp();
    const hook = await receiver();
    const { tenantId } = await tenantWith(webhooks, { reportUrl: hook.url });
    const without = await world.addTenant();
    await queue(without);
    expect(await world.sql('select from deliveries where tenant_id = $1', [without])).toEqual([]);
    await world.makeChange({
      tenants: [tenantId],
      run: (tx, _log, now) => queueReports({ tx, now }, [{ tenantId, messageId: '1999' }]),
    });
    await pusher.idle();
    expect(await rowOf('1999')).toMatchObject({ state: 'dead', last_status: 'erased' });
    const [id] = await queue(tenantId);
    await world.sql('update webhooks set report_url = null where tenant_id = $1', [tenantId]);
    await pusher.idle();
    expect(await rowOf(id!)).toMatchObject({ state: 'dead', last_status: 'no_address' });
    expect(hook.pushes).toEqual([]);
  });
});

describe('a push that fails', () => {
  it('is repeated by the schedule under one id until it is a dead letter, and replayed by hand', async () => {
    const { pusher, webhooks } = setUp();
    const hook = await receiver();
    hook.answer = (response) => response.writeHead(503).end(OK);
    const { tenantId } = await tenantWith(webhooks, { reportUrl: hook.url });
    const [id] = await queue(tenantId);
    const queuedAt = world.now();
    await pusher.idle();
    const offsets = [0];
    for (;;) {
      const { state, next_at, tries } = await rowOf(id!);
      expect(tries).toBe(offsets.length);
      expect(hook.pushes).toHaveLength(offsets.length);
      if (state !== 'waiting') break;
      // A moment before it is due nothing happens.
      world.clock.ms = next_at.getTime() - 1;
      await pusher.idle();
      expect(hook.pushes).toHaveLength(offsets.length);
      world.clock.ms = next_at.getTime();
      await pusher.idle();
      offsets.push((world.now() - queuedAt) / MINUTE);
      if (offsets.length === 2)
        expect(await webhooks.read(tenantId)).toMatchObject({ state: 'retrying', waiting: 1 });
      if (offsets.length === 5) expect((await webhooks.read(tenantId)).state).toBe('failing');
    }
    expect(offsets.slice(0, 8)).toEqual([0, 1, 6, 16, 46, 106, 226, 346]);
    expect(offsets.at(-1)).toBeLessThanOrEqual(24 * 60);
    expect(new Set(hook.pushes.map(({ headers }) => headers['x-signet-delivery-id']))).toEqual(new Set([id]));
    expect(new Set(hook.pushes.map(({ body }) => body)).size).toBe(1);
    expect(await rowOf(id!)).toMatchObject({ state: 'dead', last_status: 'http_503' });
    expect(await webhooks.read(tenantId)).toMatchObject({
      state: 'failing',
      waiting: 0,
      deadLetters: 1,
      lastError: expect.stringContaining('HTTP 503'),
    });

    hook.answer = (response) => response.end(OK);
    expect(await webhooks.replay(tenantId, id!, 'user:1')).toMatchObject({
      id,
      state: 'waiting',
      attempts: 0,
    });
    await pusher.idle();
    expect(await rowOf(id!)).toMatchObject({ state: 'delivered', tries: 1, last_status: '200' });
    expect(hook.pushes.at(-1)!.headers['x-signet-delivery-id']).toBe(id);
    expect((await webhooks.read(tenantId)).state).toBe('healthy');
    const { entries } = await world.audit.read(null, 5);
    expect(entries[0]).toMatchObject({ action: 'webhook.replayed', subject: `dlv_${id}`, actor: 'user:1' });
    await expect(webhooks.replay(tenantId, '123', 'user:1')).rejects.toMatchObject({
      row: { code: 'webhook.delivery_not_found' },
    });
    const other = await world.addTenant();
    await expect(webhooks.replay(other, id!, 'user:1')).rejects.toMatchObject({ row: { http: 404 } });
  });

  it('by a redirect, a reply without code, or our own fault, says so', async () => {
    let broken = false;
    const { pusher, webhooks, errors } = setUp({ readFails: () => broken });
    const hook = await receiver();
    const { tenantId } = await tenantWith(webhooks, { reportUrl: hook.url });
    const [redirected] = await queue(tenantId);
    hook.answer = (response) => response.writeHead(307, { location: hook.url }).end(OK);
    await pusher.idle();
    expect(await rowOf(redirected!)).toMatchObject({ state: 'waiting', last_status: 'http_307' });
    world.clock.ms += 30_000;
    const [silent] = await queue(tenantId);
    hook.answer = (response) => response.end('ok');
    await pusher.idle();
    expect(await rowOf(silent!)).toMatchObject({ state: 'waiting', last_status: 'no_code' });
    world.clock.ms += 30_000;
    const [unread] = await queue(tenantId);
    broken = true;
    await pusher.idle();
    expect(await rowOf(unread!)).toMatchObject({ state: 'waiting', last_status: 'internal' });
    expect(errors).toContainEqual(new Error('planted'));
  });

  it('into private space is refused at saving and again at the push', async () => {
    const { pusher, webhooks } = setUp({ allowed: [] });
    const tenantId = await world.addTenant();
    const hook = await receiver();
    for (const url of [
      hook.url,
      'http://2130706433/',
      'http://[::ffff:7f00:1]/',
      'ftp://example.com/',
      'http://a:b@example.com/',
    ]) {
      await expect(
        webhooks.set(tenantId, { reportUrl: url, inboundUrl: null }, 'user:1'),
      ).rejects.toMatchObject({
        row: { problem: 'endpoint_refused' },
      });
    }
    expect((await webhooks.read(tenantId)).state).toBe('unset');
    // Saved while the operator allowed it, and no longer allowed.
    const lenient = setUp();
    await lenient.webhooks.set(tenantId, { reportUrl: hook.url, inboundUrl: null }, 'user:1');
    const [id] = await queue(tenantId);
    await pusher.idle();
    expect(await rowOf(id!)).toMatchObject({ state: 'waiting', last_status: 'address_refused' });
    expect(hook.pushes).toEqual([]);
  });
});

describe('isolation', () => {
  it('endpoints that accept and never answer slow nobody, however many', async () => {
    const { pusher, webhooks } = setUp({ timeoutMs: 60_000 });
    const [good, dead] = [await receiver(), await receiver()];
    const hung: ServerResponse[] = [];
    const flood = Promise.withResolvers<void>();
    dead.answer = (response) => {
      hung.push(response);
      if (hung.length === 64) flood.resolve();
    };
    const healthy = await tenantWith(webhooks, { reportUrl: good.url });
    await queue(healthy.tenantId);
    await pusher.idle();
    // More dead endpoints than there are slots, each with a backlog, all due before what the healthy one gets.
    for (let i = 0; i < 70; i++) {
      const { tenantId } = await tenantWith(webhooks, { reportUrl: dead.url });
      await queue(tenantId, 3);
    }
    pusher.wake();
    await flood.promise;
    const ids = await queue(healthy.tenantId, 12);
    const arrived = Promise.withResolvers<void>();
    good.answer = (response) => {
      response.end(OK, () => good.pushes.length === 13 && arrived.resolve());
    };
    pusher.wake();
    await arrived.promise;
    expect(
      good.pushes
        .slice(1)
        .map(({ headers }) => headers['x-signet-delivery-id'])
        .sort(),
    ).toEqual([...ids].sort());
    // One of each dead endpoint, and no more than the slots they share.
    expect(hung).toHaveLength(64);
    dead.answer = (response) => response.end(OK);
    for (const response of hung) response.end(OK);
    await pusher.idle();
    expect(await world.sql(`select from deliveries where state <> 'delivered'`)).toEqual([]);
  });

  it('one endpoint has at most four pushes in flight, and a backlog does not stand before another tenant', async () => {
    const { pusher, webhooks } = setUp();
    const [busy, quiet] = [await receiver(), await receiver()];
    const first = await tenantWith(webhooks, { reportUrl: busy.url });
    const second = await tenantWith(webhooks, { reportUrl: quiet.url });
    await queue(first.tenantId);
    await pusher.idle();
    let open = 0;
    let most = 0;
    const held: ServerResponse[] = [];
    const four = Promise.withResolvers<void>();
    busy.answer = (response) => {
      most = Math.max(most, ++open);
      held.push(response);
      if (held.length === 4) four.resolve();
    };
    await queue(first.tenantId, 30);
    pusher.wake();
    await four.promise;
    const [id] = await queue(second.tenantId);
    const quietGot = Promise.withResolvers<void>();
    quiet.answer = (response) => {
      response.end(OK);
      quietGot.resolve();
    };
    pusher.wake();
    await quietGot.promise;
    expect(quiet.pushes[0]!.headers['x-signet-delivery-id']).toBe(id);
    expect(busy.pushes).toHaveLength(5);
    busy.answer = (response) => {
      most = Math.max(most, ++open);
      open--;
      response.end(OK);
    };
    open -= held.length;
    for (const response of held) response.end(OK);
    await pusher.idle();
    expect(busy.pushes).toHaveLength(31);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('two processes do not push one delivery at once, and a lease that ran out is taken over', async () => {
    const [one, two] = [setUp(), setUp()];
    const hook = await receiver();
    const { tenantId } = await tenantWith(one.webhooks, { reportUrl: hook.url });
    const ids = await queue(tenantId, 20);
    await Promise.all([one.pusher.idle(), two.pusher.idle()]);
    expect(hook.pushes.map(({ headers }) => headers['x-signet-delivery-id']).sort()).toEqual([...ids].sort());

    // A process that dies with the push in the air: its lease is all that is left of it.
    const asked = Promise.withResolvers<ServerResponse>();
    hook.answer = (response) => asked.resolve(response);
    const [id] = await queue(tenantId);
    one.pusher.wake();
    const hanging = await asked.promise;
    hook.answer = (response) => response.end(OK);
    await two.pusher.idle();
    expect(hook.pushes).toHaveLength(21);
    world.clock.ms += MINUTE;
    await two.pusher.idle();
    expect(hook.pushes).toHaveLength(22);
    expect(hook.pushes.at(-1)!.headers['x-signet-delivery-id']).toBe(id);
    // The first one's failure comes late and changes nothing.
    hanging.writeHead(500).end();
    await one.pusher.idle();
    expect(await rowOf(id!)).toMatchObject({ state: 'delivered', last_status: '200', tries: 2 });
  });

  it('a backlog behind an endpoint that failed all day is given up', async () => {
    const { pusher, webhooks } = setUp();
    const hook = await receiver();
    hook.answer = (response) => response.writeHead(500).end();
    const { tenantId } = await tenantWith(webhooks, { reportUrl: hook.url });
    await queue(tenantId, 5);
    await pusher.idle();
    expect(hook.pushes).toHaveLength(1);
    world.clock.ms += 25 * HOUR;
    await pusher.idle();
    expect(hook.pushes.length).toBeLessThanOrEqual(2);
    const rows = await world.sql<{ state: string; last_status: string }>(
      'select state, last_status from deliveries',
    );
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['dead']));
    expect(rows.some(({ last_status }) => last_status === 'not_tried')).toBe(true);
  });
});

describe('settings', () => {
  it('show the secret once, keep it sealed, and audit without the address', async () => {
    const { webhooks } = setUp();
    const hook = await receiver();
    const { tenantId, secret } = await tenantWith(webhooks, { reportUrl: hook.url });
    expect(secret).toMatch(/^whsec_[\w-]{43}$/);
    const again = await webhooks.set(tenantId, { reportUrl: hook.url, inboundUrl: hook.url }, 'user:2');
    expect(again.secret).toBeNull();
    expect(again.webhook).toMatchObject({
      reportUrl: hook.url,
      inboundUrl: hook.url,
      state: 'healthy',
      lastError: null,
    });
    const [row] = await world.sql<{ sealed_secret: Buffer }>(
      'select sealed_secret from webhooks where tenant_id = $1',
      [tenantId],
    );
    expect(row!.sealed_secret.includes(secret)).toBe(false);
    const { entries } = await world.audit.read(null, 2);
    expect(entries.map(({ action, facts }) => [action, facts.newSecret])).toEqual([
      ['webhook.changed', false],
      ['webhook.changed', true],
    ]);
    expect(JSON.stringify(entries)).not.toContain('127.0.0.1');
  });

  it('are tested by pushing one sample that is signed like the rest', async () => {
    const { webhooks } = setUp({ timeoutMs: 100 });
    const hook = await receiver();
    const { tenantId, secret } = await tenantWith(webhooks, { reportUrl: hook.url });
    expect(await webhooks.test(tenantId, 'inbound')).toMatchObject({ delivered: false, status: null });
    expect(await webhooks.test(tenantId, 'report')).toMatchObject({ delivered: true, status: 200 });
    const { headers, body } = hook.pushes[0]!;
    expect(JSON.parse(body)).toMatchObject([{ phone_number: '13800138000', success: true }]);
    const signed = `${headers['x-signet-delivery-id']}.${headers['x-signet-timestamp']}.${body}`;
    expect(headers['x-signet-signature']).toBe(
      `v1=${createHmac('sha256', secret).update(signed).digest('hex')}`,
    );
    hook.answer = (response) => response.writeHead(404).end();
    expect(await webhooks.test(tenantId, 'report')).toMatchObject({
      delivered: false,
      status: 404,
      detail: expect.stringContaining('404'),
    });
    hook.answer = () => undefined;
    expect(await webhooks.test(tenantId, 'report')).toMatchObject({
      delivered: false,
      status: null,
      detail: expect.stringContaining('in time'),
    });
    expect(await world.sql('select from deliveries')).toEqual([]);
  });

  it('list deliveries by state in pages, and erase what ended', async () => {
    const { pusher, webhooks } = setUp();
    const hook = await receiver();
    const { tenantId } = await tenantWith(webhooks, { reportUrl: hook.url });
    const ids = await queue(tenantId, 5);
    await pusher.idle();
    const [waiting] = await queue(tenantId);
    const page = await webhooks.listDeliveries(tenantId, { state: 'delivered', cursor: null, limit: 3 });
    expect(page.items.map(({ id }) => id)).toEqual([...ids].reverse().slice(0, 3));
    expect(page).toMatchObject({ total: 5, next: ids[2] });
    const rest = await webhooks.listDeliveries(tenantId, { state: 'delivered', cursor: page.next, limit: 3 });
    expect([rest.items.length, rest.next]).toEqual([2, null]);
    expect(rest.items[0]).toMatchObject({
      kind: 'report',
      events: 1,
      attempts: 1,
      lastStatus: '200',
      nextAt: null,
    });
    const all = await webhooks.listDeliveries(tenantId, { state: null, cursor: null, limit: 10 });
    expect(all.items[0]).toMatchObject({ id: waiting, state: 'waiting', nextAt: world.now() });
    const other = await world.addTenant();
    expect(await webhooks.listDeliveries(other, { state: null, cursor: null, limit: 10 })).toMatchObject({
      total: 0,
    });
    expect(await webhooks.erase(world.now() + 1)).toBe(5);
    expect(await webhooks.listDeliveries(tenantId, { state: null, cursor: null, limit: 10 })).toMatchObject({
      total: 1,
    });
  });
});
