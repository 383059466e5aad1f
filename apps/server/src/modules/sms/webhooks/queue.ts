import type { Tx } from '../../../platform/db.ts';
import { storeDeliveries } from './store.ts';

type Writing = { tx: Tx; now: number };

/** Elements of one push; the array form of the wire has no stated limit, 100 keeps a body under 64 KiB. */
export const EVENTS_A_PUSH = 100;

/**
 * Step 19 begins: one delivery row a tenant for what became final in this commit. The row is frozen, so a repeat
 * pushes the same elements under the same id. Tenants without an address get none.
 */
export async function queueReports(
  flush: Writing,
  finals: readonly { tenantId: string; messageId: string }[],
): Promise<void> {
  await queue(
    flush,
    'report',
    finals.map(({ tenantId, messageId }) => ({ tenantId, eventId: messageId })),
  );
}

export async function queueInbound(
  flush: Writing,
  replies: readonly { tenantId: string; inboundId: string }[],
): Promise<void> {
  await queue(
    flush,
    'inbound',
    replies.map(({ tenantId, inboundId }) => ({ tenantId, eventId: inboundId })),
  );
}

async function queue(
  flush: Writing,
  kind: 'report' | 'inbound',
  events: readonly { tenantId: string; eventId: string }[],
): Promise<void> {
  const byTenant = new Map<string, string[]>();
  for (const { tenantId, eventId } of events) {
    const list = byTenant.get(tenantId);
    if (list === undefined) byTenant.set(tenantId, [eventId]);
    else list.push(eventId);
  }
  const deliveries: { tenantId: string; id: string; eventIds: string[] }[] = [];
  for (const [tenantId, ids] of byTenant) {
    for (let from = 0; from < ids.length; from += EVENTS_A_PUSH) {
      const eventIds = ids.slice(from, from + EVENTS_A_PUSH);
      // The first event names the push: unique by tenant and kind, since an event is queued once.
      deliveries.push({ tenantId, id: eventIds[0]!, eventIds });
    }
  }
  if (deliveries.length > 0) await storeDeliveries(flush.tx, kind, deliveries, flush.now);
}
