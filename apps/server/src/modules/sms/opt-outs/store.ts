import { byteaArray, type Tx } from '../../../platform/db.ts';
import { COUNTED_TO, type OptOutSource } from './model.ts';

export type OptOutRow = {
  tenantId: string;
  id: string;
  numberKey: Buffer;
  sealedNumber: Buffer;
  source: OptOutSource;
};

/** Stores what is not in force yet; returns the ids that are new. One number twice in `rows` is stored once. */
export async function addOptOuts(tx: Tx, rows: readonly OptOutRow[], now: number): Promise<Set<string>> {
  const { rows: added } = await tx.query<{ id: string }>(
    {
      name: 'opt_outs_add',
      text: `insert into opt_outs (tenant_id, id, number_key, sealed_number, source, created_at)
        select o.tenant_id, o.id, o.number_key, o.sealed_number, o.source, $6
        from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[], $5::text[])
          as o (tenant_id, id, number_key, sealed_number, source)
        on conflict (tenant_id, number_key) where lifted_at is null do nothing
        returning id`,
    },
    [
      `{${rows.map((row) => row.tenantId).join(',')}}`,
      `{${rows.map((row) => row.id).join(',')}}`,
      byteaArray(rows.map((row) => row.numberKey)),
      byteaArray(rows.map((row) => row.sealedNumber)),
      `{${rows.map((row) => row.source).join(',')}}`,
      new Date(now),
    ],
  );
  return new Set(added.map((row) => row.id));
}

export async function readOptedOut(
  tx: Tx,
  tenantId: string,
  numberKeys: readonly Buffer[],
): Promise<Buffer[]> {
  const { rows } = await tx.query<{ number_key: Buffer }>(
    {
      name: 'opt_outs_in_force',
      text: `select number_key from opt_outs
        where tenant_id = $1 and number_key = any ($2::bytea[]) and lifted_at is null`,
    },
    [tenantId, byteaArray(numberKeys)],
  );
  return rows.map((row) => row.number_key);
}

export type ListedRow = { id: string; sealed_number: Buffer; source: OptOutSource; created_at: Date };

/** In force, newest first, below `before`. */
export async function readPage(
  tx: Tx,
  tenantId: string,
  before: string | null,
  limit: number,
): Promise<ListedRow[]> {
  const { rows } = await tx.query<ListedRow>(
    `select id, sealed_number, source, created_at from opt_outs
     where tenant_id = $1 and lifted_at is null and ($2::bigint is null or id < $2::bigint)
     order by id desc limit $3`,
    [tenantId, before, limit],
  );
  return rows;
}

export async function countInForce(tx: Tx, tenantId: string): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select count(*)::int as n
     from (select from opt_outs where tenant_id = $1 and lifted_at is null limit $2) as counted`,
    [tenantId, COUNTED_TO],
  );
  return rows[0]!.n;
}

/** False when there is no such opt-out in force. */
export async function liftOptOut(
  tx: Tx,
  tenantId: string,
  id: string,
  reason: string,
  now: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update opt_outs set lifted_at = $4, lifted_reason = $3
     where tenant_id = $1 and id = $2 and lifted_at is null`,
    [tenantId, id, reason, new Date(now)],
  );
  return rowCount === 1;
}
