import type { Tx } from '../../../platform/db.ts';

/** Stores the pushes of tenants that have an address for this kind. */
export async function storeDeliveries(
  tx: Tx,
  kind: 'report' | 'inbound',
  deliveries: readonly { tenantId: string; id: string; eventIds: string[] }[],
  now: number,
): Promise<void> {
  await tx.query(
    {
      name: 'deliveries_store',
      text: `insert into deliveries (tenant_id, id, kind, event_ids, state, tries, created_at, next_at)
        select d.tenant_id, d.id, $1, d.event_ids::bigint[], 'waiting', 0, to_timestamp($5 / 1000.0), to_timestamp($5 / 1000.0)
        from unnest($2::bigint[], $3::bigint[], $4::text[]) as d (tenant_id, id, event_ids)
        join webhooks w on w.tenant_id = d.tenant_id
          and case $1 when 'report' then w.report_url else w.inbound_url end is not null`,
    },
    [
      kind,
      `{${deliveries.map((d) => d.tenantId).join(',')}}`,
      `{${deliveries.map((d) => d.id).join(',')}}`,
      deliveries.map((d) => `{${d.eventIds.join(',')}}`),
      now,
    ],
  );
}
