import { byteaArray, type Tx } from '../../../platform/db.ts';
import { COUNTED_TO } from './model.ts';

export type ReplyRow = {
  tenantId: string;
  id: string;
  carrierId: string;
  numberKey: Buffer;
  sealed: Buffer;
  destCode: string;
  optOut: boolean;
  /** ms */
  receivedAt: number;
};

export async function storeReplies(tx: Tx, rows: readonly ReplyRow[]): Promise<void> {
  await tx.query(
    {
      name: 'inbound_store',
      text: `insert into inbound_messages
          (tenant_id, id, carrier_id, number_key, sealed, dest_code, opt_out, received_at)
        select r.tenant_id, r.id, r.carrier_id, r.number_key, r.sealed, r.dest_code, r.opt_out,
          to_timestamp(r.received_ms / 1000.0)
        from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bytea[], $6::text[], $7::boolean[], $8::bigint[])
          as r (tenant_id, id, carrier_id, number_key, sealed, dest_code, opt_out, received_ms)`,
    },
    [
      `{${rows.map((row) => row.tenantId).join(',')}}`,
      `{${rows.map((row) => row.id).join(',')}}`,
      `{${rows.map((row) => row.carrierId).join(',')}}`,
      byteaArray(rows.map((row) => row.numberKey)),
      byteaArray(rows.map((row) => row.sealed)),
      rows.map((row) => row.destCode),
      rows.map((row) => row.optOut),
      rows.map((row) => Math.round(row.receivedAt)),
    ],
  );
}

export type StoredReply = {
  id: string;
  sealed: Buffer;
  dest_code: string;
  opt_out: boolean;
  received_at: Date;
};

/** Newest first, below `before`. */
export async function readPage(
  tx: Tx,
  tenantId: string,
  before: string | null,
  limit: number,
): Promise<StoredReply[]> {
  const { rows } = await tx.query<StoredReply>(
    `select id, sealed, dest_code, opt_out, received_at from inbound_messages
     where tenant_id = $1 and ($2::bigint is null or id < $2::bigint) order by id desc limit $3`,
    [tenantId, before, limit],
  );
  return rows;
}

export async function countReplies(tx: Tx, tenantId: string): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from (select from inbound_messages where tenant_id = $1 limit $2) as counted',
    [tenantId, COUNTED_TO],
  );
  return rows[0]!.n;
}

/** In the order of their ids. */
export async function readByIds(tx: Tx, tenantId: string, ids: readonly string[]): Promise<StoredReply[]> {
  const { rows } = await tx.query<StoredReply>(
    {
      name: 'inbound_read_by_ids',
      text: `select id, sealed, dest_code, opt_out, received_at from inbound_messages
        where tenant_id = $1 and id = any ($2::bigint[]) order by id`,
    },
    [tenantId, `{${ids.join(',')}}`],
  );
  return rows;
}

/** Erases what is older than an id (platform/ids.ts, firstIdAt), at most `limit` rows; returns how many went. */
export async function eraseReplies(tx: Tx, beforeId: string, limit: number): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from inbound_messages where ctid = any (array(
       select ctid from inbound_messages where id < $1 limit $2))`,
    [beforeId, limit],
  );
  return rowCount;
}
