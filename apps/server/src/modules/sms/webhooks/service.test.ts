import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { queue, receiver, setUp, tenantWith, worldForTests } from './endpoints.testing.ts';

const world = worldForTests();

describe('settings', () => {
  it('show the secret once, keep it sealed, and audit without the address', async () => {
    const { webhooks } = setUp(world());
    const hook = await receiver();
    const { tenantId, secret } = await tenantWith(world(), webhooks, { reportUrl: hook.url });
    expect(secret).toMatch(/^whsec_[\w-]{43}$/);
    const again = await webhooks.set(tenantId, { reportUrl: hook.url, inboundUrl: hook.url }, 'user:2');
    expect(again.secret).toBeNull();
    expect(again.webhook).toMatchObject({
      reportUrl: hook.url,
      inboundUrl: hook.url,
      state: 'healthy',
      lastError: null,
    });
    const [row] = await world().sql<{ sealed_secret: Buffer }>(
      'select sealed_secret from webhooks where tenant_id = $1',
      [tenantId],
    );
    expect(row!.sealed_secret.includes(secret)).toBe(false);
    const { entries } = await world().audit.read(null, 2);
    expect(entries.map(({ action, facts }) => [action, facts.newSecret])).toEqual([
      ['webhook.changed', false],
      ['webhook.changed', true],
    ]);
    expect(JSON.stringify(entries)).not.toContain('127.0.0.1');
  });

  it('are tested by pushing one sample that is signed like the rest', async () => {
    const { webhooks } = setUp(world(), { timeoutMs: 100 });
    const hook = await receiver();
    const { tenantId, secret } = await tenantWith(world(), webhooks, { reportUrl: hook.url });
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
    expect(await world().sql('select from deliveries')).toEqual([]);
  });

  it('list deliveries by state in pages, and erase what ended', async () => {
    const { pusher, webhooks } = setUp(world());
    const hook = await receiver();
    const { tenantId } = await tenantWith(world(), webhooks, { reportUrl: hook.url });
    const ids = await queue(world(), tenantId, 5);
    await pusher.idle();
    const [waiting] = await queue(world(), tenantId);
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
    expect(all.items[0]).toMatchObject({ id: waiting, state: 'waiting', nextAt: world().now() });
    const other = await world().addTenant();
    expect(await webhooks.listDeliveries(other, { state: null, cursor: null, limit: 10 })).toMatchObject({
      total: 0,
    });
    expect(await webhooks.erase(world().now() + 1)).toBe(5);
    expect(await webhooks.listDeliveries(tenantId, { state: null, cursor: null, limit: 10 })).toMatchObject({
      total: 1,
    });
  });
});
