import type { Tx } from '../../../platform/db.ts';
import type { MessageState } from './model.ts';

const list = (values: readonly string[]): string => `{${values.join(',')}}`;

/** Moves messages that are in one of `from` to `to`; returns the ids that moved. Final states get their time. */
export async function moveStates(
  tx: Tx,
  batch: readonly { tenantId: string; messageId: string; errCode: string | null }[],
  from: readonly MessageState[],
  to: MessageState,
  now: number,
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    {
      name: 'messages_move',
      text: `with moved as (
          update messages m set state = $4, err_code = e.err_code,
            final_at = case when $4 in ('accepted', 'in_doubt') then null else to_timestamp($6 / 1000.0) end
          from unnest($1::bigint[], $2::bigint[], $3::text[]) as e (tenant_id, id, err_code)
          where m.tenant_id = e.tenant_id and m.id = e.id and m.state = any ($5::text[])
          returning m.tenant_id, m.id),
        released as (
          delete from held_messages h using moved where h.tenant_id = moved.tenant_id and h.message_id = moved.id)
        select id from moved`,
    },
    [
      list(batch.map((one) => one.tenantId)),
      list(batch.map((one) => one.messageId)),
      batch.map((one) => one.errCode),
      to,
      list(from),
      now,
    ],
  );
  return rows.map((row) => row.id);
}
