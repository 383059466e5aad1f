import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  ERASED_ID,
  MINUTE,
  OK,
  queue,
  receiver,
  rowOf,
  setUp,
  tenantWith,
  worldForTests,
} from './endpoints.testing.ts';
import { queueInbound, queueReports } from './public.ts';

const world = worldForTests();

describe('a push', () => {
  it('is one signed request in the form that clients know', async () => {
    const { pusher, webhooks } = setUp(world());
    const hook = await receiver();
    const { tenantId, secret } = await tenantWith(world(), webhooks, { reportUrl: hook.url });
    const ids = world().ids.run(3);
    await world().makeChange({
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
    expect([id, timestamp]).toEqual([ids[0], String(Math.floor(world().now() / 1000))]);
    const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('hex');
    expect(headers['x-signet-signature']).toBe(`v1=${mac}`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(await rowOf(world(), ids[0]!)).toMatchObject({ state: 'delivered', tries: 1, last_status: '200' });
    expect(pusher.counters).toEqual({ pushed: 1, events: 3, failed: 0, dead: 0 });
  });

  it('of replies goes to its own address', async () => {
    const { pusher, webhooks } = setUp(world());
    const [reports, replies] = [await receiver(), await receiver()];
    const { tenantId } = await tenantWith(world(), webhooks, {
      reportUrl: reports.url,
      inboundUrl: replies.url,
    });
    await world().makeChange({
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
    const { pusher, webhooks } = setUp(world());
    const hook = await receiver();
    const { tenantId } = await tenantWith(world(), webhooks, { reportUrl: hook.url });
    const without = await world().addTenant();
    await queue(world(), without);
    expect(await world().sql('select from deliveries where tenant_id = $1', [without])).toEqual([]);
    await world().makeChange({
      tenants: [tenantId],
      run: (tx, _log, now) => queueReports({ tx, now }, [{ tenantId, messageId: ERASED_ID }]),
    });
    await pusher.idle();
    expect(await rowOf(world(), ERASED_ID)).toMatchObject({ state: 'dead', last_status: 'erased' });
    const [id] = await queue(world(), tenantId);
    await world().sql('update webhooks set report_url = null where tenant_id = $1', [tenantId]);
    await pusher.idle();
    expect(await rowOf(world(), id!)).toMatchObject({ state: 'dead', last_status: 'no_address' });
    expect(hook.pushes).toEqual([]);
  });
});

describe('a push that fails', () => {
  it('is repeated by the schedule under one id until it is a dead letter, and replayed by hand', async () => {
    const { pusher, webhooks } = setUp(world());
    const hook = await receiver();
    hook.answer = (response) => response.writeHead(503).end(OK);
    const { tenantId } = await tenantWith(world(), webhooks, { reportUrl: hook.url });
    const [id] = await queue(world(), tenantId);
    const queuedAt = world().now();
    await pusher.idle();
    const offsets = [0];
    for (;;) {
      const { state, next_at, tries } = await rowOf(world(), id!);
      expect(tries).toBe(offsets.length);
      expect(hook.pushes).toHaveLength(offsets.length);
      if (state !== 'waiting') break;
      // A moment before it is due nothing happens.
      world().clock.ms = next_at.getTime() - 1;
      await pusher.idle();
      expect(hook.pushes).toHaveLength(offsets.length);
      world().clock.ms = next_at.getTime();
      await pusher.idle();
      offsets.push((world().now() - queuedAt) / MINUTE);
      if (offsets.length === 2)
        expect(await webhooks.read(tenantId)).toMatchObject({ state: 'retrying', waiting: 1 });
      if (offsets.length === 5) expect((await webhooks.read(tenantId)).state).toBe('failing');
    }
    expect(offsets.slice(0, 8)).toEqual([0, 1, 6, 16, 46, 106, 226, 346]);
    expect(offsets.at(-1)).toBeLessThanOrEqual(24 * 60);
    expect(new Set(hook.pushes.map(({ headers }) => headers['x-signet-delivery-id']))).toEqual(new Set([id]));
    expect(new Set(hook.pushes.map(({ body }) => body)).size).toBe(1);
    expect(await rowOf(world(), id!)).toMatchObject({ state: 'dead', last_status: 'http_503' });
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
    expect(await rowOf(world(), id!)).toMatchObject({ state: 'delivered', tries: 1, last_status: '200' });
    expect(hook.pushes.at(-1)!.headers['x-signet-delivery-id']).toBe(id);
    expect((await webhooks.read(tenantId)).state).toBe('healthy');
    const { entries } = await world().audit.read(null, 5);
    expect(entries[0]).toMatchObject({ action: 'webhook.replayed', subject: `dlv_${id}`, actor: 'user:1' });
    await expect(webhooks.replay(tenantId, '123', 'user:1')).rejects.toMatchObject({
      row: { code: 'webhook.delivery_not_found' },
    });
    const other = await world().addTenant();
    await expect(webhooks.replay(other, id!, 'user:1')).rejects.toMatchObject({ row: { http: 404 } });
  });

  it('by a redirect, a reply without code, or our own fault, says so', async () => {
    let broken = false;
    const { pusher, webhooks, errors } = setUp(world(), { readFails: () => broken });
    const hook = await receiver();
    const { tenantId } = await tenantWith(world(), webhooks, { reportUrl: hook.url });
    const [redirected] = await queue(world(), tenantId);
    hook.answer = (response) => response.writeHead(307, { location: hook.url }).end(OK);
    await pusher.idle();
    expect(await rowOf(world(), redirected!)).toMatchObject({ state: 'waiting', last_status: 'http_307' });
    world().clock.ms += 30_000;
    const [silent] = await queue(world(), tenantId);
    hook.answer = (response) => response.end('ok');
    await pusher.idle();
    expect(await rowOf(world(), silent!)).toMatchObject({ state: 'waiting', last_status: 'no_code' });
    world().clock.ms += 30_000;
    const [unread] = await queue(world(), tenantId);
    broken = true;
    await pusher.idle();
    expect(await rowOf(world(), unread!)).toMatchObject({ state: 'waiting', last_status: 'internal' });
    expect(errors).toContainEqual(new Error('planted'));
  });

  it('into private space is refused at saving and again at the push', async () => {
    const { pusher, webhooks } = setUp(world(), { allowed: [] });
    const tenantId = await world().addTenant();
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
    const lenient = setUp(world());
    await lenient.webhooks.set(tenantId, { reportUrl: hook.url, inboundUrl: null }, 'user:1');
    const [id] = await queue(world(), tenantId);
    await pusher.idle();
    expect(await rowOf(world(), id!)).toMatchObject({ state: 'waiting', last_status: 'address_refused' });
    expect(hook.pushes).toEqual([]);
  });
});
