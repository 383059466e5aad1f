import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  HOUR,
  MINUTE,
  OK,
  queue,
  receiver,
  rowOf,
  setUp,
  tenantWith,
  worldForTests,
} from './endpoints.testing.ts';

const world = worldForTests();

describe('isolation', () => {
  it('endpoints that accept and never answer slow nobody, however many', async () => {
    const { pusher, webhooks } = setUp(world(), { timeoutMs: 60_000 });
    const [good, dead] = [await receiver(), await receiver()];
    const hung: ServerResponse[] = [];
    const flood = Promise.withResolvers<void>();
    dead.answer = (response) => {
      hung.push(response);
      if (hung.length === 64) flood.resolve();
    };
    const healthy = await tenantWith(world(), webhooks, { reportUrl: good.url });
    await queue(world(), healthy.tenantId);
    await pusher.idle();
    // More dead endpoints than there are slots, each with a backlog, all due before what the healthy one gets.
    for (let i = 0; i < 70; i++) {
      const { tenantId } = await tenantWith(world(), webhooks, { reportUrl: dead.url });
      await queue(world(), tenantId, 3);
    }
    pusher.wake();
    await flood.promise;
    const ids = await queue(world(), healthy.tenantId, 12);
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
    expect(await world().sql(`select from deliveries where state <> 'delivered'`)).toEqual([]);
  });

  it('one endpoint has at most four pushes in flight, and a backlog does not stand before another tenant', async () => {
    const { pusher, webhooks } = setUp(world());
    const [busy, quiet] = [await receiver(), await receiver()];
    const first = await tenantWith(world(), webhooks, { reportUrl: busy.url });
    const second = await tenantWith(world(), webhooks, { reportUrl: quiet.url });
    await queue(world(), first.tenantId);
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
    await queue(world(), first.tenantId, 30);
    pusher.wake();
    await four.promise;
    const [id] = await queue(world(), second.tenantId);
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
    const [one, two] = [setUp(world()), setUp(world())];
    const hook = await receiver();
    const { tenantId } = await tenantWith(world(), one.webhooks, { reportUrl: hook.url });
    const ids = await queue(world(), tenantId, 20);
    await Promise.all([one.pusher.idle(), two.pusher.idle()]);
    expect(hook.pushes.map(({ headers }) => headers['x-signet-delivery-id']).sort()).toEqual([...ids].sort());

    // A process that dies with the push in the air: its lease is all that is left of it.
    const asked = Promise.withResolvers<ServerResponse>();
    hook.answer = (response) => asked.resolve(response);
    const [id] = await queue(world(), tenantId);
    one.pusher.wake();
    const hanging = await asked.promise;
    hook.answer = (response) => response.end(OK);
    await two.pusher.idle();
    expect(hook.pushes).toHaveLength(21);
    world().clock.ms += MINUTE;
    await two.pusher.idle();
    expect(hook.pushes).toHaveLength(22);
    expect(hook.pushes.at(-1)!.headers['x-signet-delivery-id']).toBe(id);
    // The first one's failure comes late and changes nothing.
    hanging.writeHead(500).end();
    await one.pusher.idle();
    expect(await rowOf(world(), id!)).toMatchObject({ state: 'delivered', last_status: '200', tries: 2 });
  });

  it('a backlog behind an endpoint that failed all day is given up', async () => {
    const { pusher, webhooks } = setUp(world());
    const hook = await receiver();
    hook.answer = (response) => response.writeHead(500).end();
    const { tenantId } = await tenantWith(world(), webhooks, { reportUrl: hook.url });
    await queue(world(), tenantId, 5);
    await pusher.idle();
    expect(hook.pushes).toHaveLength(1);
    world().clock.ms += 25 * HOUR;
    await pusher.idle();
    expect(hook.pushes.length).toBeLessThanOrEqual(2);
    const rows = await world().sql<{ state: string; last_status: string }>(
      'select state, last_status from deliveries',
    );
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['dead']));
    expect(rows.some(({ last_status }) => last_status === 'not_tried')).toBe(true);
  });
});
