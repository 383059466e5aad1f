import type { Tx } from '../../../platform/db.ts';

/** Acknowledged sends flush what was written before them (migration 0002), so a nonce need not wait for the disk. */
export async function relaxCommits(tx: Tx): Promise<void> {
  await tx.query('set synchronous_commit = off');
}

/** One row in the common case that all are new, whatever their number; else the new ones are named. */
const ADD_NONCES = {
  name: 'access.nonces.add',
  text: `with fresh as (
           insert into nonces (digest, seen_at) select digest, $2 from unnest($1::uuid[]) as digest
           on conflict do nothing returning digest)
         select count(*)::int as fresh,
           case when count(*) < $3::int then array_agg(replace(digest::text, '-', '')) end as digests from fresh`,
};

/** Stores these distinct digests (32 hex digits each). Returns the ones that are new, or `all`. */
export async function addNonces(
  tx: Tx,
  digests: readonly string[],
  seenAt: Date,
): Promise<'all' | ReadonlySet<string>> {
  const literal = `{${digests.join(',')}}`;
  const { rows } = await tx.query<{ fresh: number; digests: string[] | null }>(ADD_NONCES, [
    literal,
    seenAt,
    digests.length,
  ]);
  const [row] = rows;
  return row!.fresh === digests.length ? 'all' : new Set(row!.digests ?? []);
}

/** Deletes at most `limit` nonces seen before `before`; returns how many. */
export async function deleteNonces(tx: Tx, before: Date, limit: number): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from nonces where ctid = any (array(select ctid from nonces where seen_at < $1 limit $2))`,
    [before, limit],
  );
  return rowCount;
}
