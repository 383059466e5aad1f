import type { Tx } from '../../../platform/db.ts';

const list = (values: readonly (string | number | null)[]): string =>
  `{${values.map((v) => v ?? 'NULL').join(',')}}`;

export type AttemptRow = {
  id: string;
  carrierId: string;
  chunkId: string;
  messageIds: string[];
  tenantIds: string[];
  attemptNumbers: number[];
  /** Why each takes this carrier (step 12). */
  routes: string[];
  owner: string;
  at: number;
};

export async function storeAttempts(tx: Tx, attempts: readonly AttemptRow[]): Promise<void> {
  await tx.query(
    {
      name: 'attempts_store',
      text: `insert into attempts (id, carrier_id, chunk_id, message_ids, tenant_ids, attempt_numbers, routes, owner, at)
        select a.id, a.carrier_id, a.chunk_id, a.message_ids::bigint[], a.tenant_ids::bigint[], a.attempt_numbers::smallint[],
          a.routes::text[], a.owner, to_timestamp(a.at_ms / 1000.0)
        from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[])
          as a (id, carrier_id, chunk_id, message_ids, tenant_ids, attempt_numbers, routes, owner, at_ms)`,
    },
    [
      list(attempts.map((a) => a.id)),
      list(attempts.map((a) => a.carrierId)),
      list(attempts.map((a) => a.chunkId)),
      attempts.map((a) => list(a.messageIds)),
      attempts.map((a) => list(a.tenantIds)),
      attempts.map((a) => list(a.attemptNumbers)),
      attempts.map((a) => list(a.routes)),
      list(attempts.map((a) => a.owner)),
      list(attempts.map((a) => a.at)),
    ],
  );
}

export type SegmentWrite = {
  tenantId: string;
  messageId: string;
  attempt: number;
  segment: number;
  carrierId: string;
  state: 'accepted' | 'rejected' | 'unknown';
  carrierKey: string | null;
  carrierMessageId: string | null;
  status: string | null;
  route: string;
  /** ms */
  intendedAt: number;
};

export async function storeSegments(tx: Tx, segments: readonly SegmentWrite[], now: number): Promise<void> {
  await tx.query(
    {
      name: 'segments_store',
      text: `insert into segments (tenant_id, message_id, attempt, segment, carrier_id, state, carrier_key, carrier_message_id, status,
          route, intended_at, at)
        select s.tenant_id, s.message_id, s.attempt, s.segment, s.carrier_id, s.state, s.carrier_key, s.carrier_message_id, s.status,
          s.route, to_timestamp(s.intended_ms / 1000.0), to_timestamp($12 / 1000.0)
        from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::smallint[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[],
          $10::text[], $11::bigint[])
          as s (tenant_id, message_id, attempt, segment, carrier_id, state, carrier_key, carrier_message_id, status, route, intended_ms)
        on conflict do nothing`,
    },
    [
      list(segments.map((s) => s.tenantId)),
      list(segments.map((s) => s.messageId)),
      list(segments.map((s) => s.attempt)),
      list(segments.map((s) => s.segment)),
      list(segments.map((s) => s.carrierId)),
      list(segments.map((s) => s.state)),
      segments.map((s) => s.carrierKey),
      segments.map((s) => s.carrierMessageId),
      segments.map((s) => s.status),
      list(segments.map((s) => s.route)),
      list(segments.map((s) => s.intendedAt)),
      now,
    ],
  );
}

export async function storeChunks(
  tx: Tx,
  chunks: readonly {
    id: string;
    messageIds: string[];
    tenantIds: string[];
    attempt: number;
    notBefore: number;
  }[],
): Promise<void> {
  await tx.query(
    {
      name: 'dispatch_chunks_store',
      text: `insert into dispatch_chunks (id, message_ids, tenant_ids, attempt, not_before, owner)
        select c.id, c.message_ids::bigint[], c.tenant_ids::bigint[], c.attempt, to_timestamp(c.not_before_ms / 1000.0), 0
        from unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[], $5::bigint[])
          as c (id, message_ids, tenant_ids, attempt, not_before_ms)`,
    },
    [
      list(chunks.map((c) => c.id)),
      chunks.map((c) => list(c.messageIds)),
      chunks.map((c) => list(c.tenantIds)),
      list(chunks.map((c) => c.attempt)),
      list(chunks.map((c) => c.notBefore)),
    ],
  );
}

export async function removeFinished(
  tx: Tx,
  chunkIds: readonly string[],
  attemptIds: readonly string[],
): Promise<void> {
  await tx.query(
    {
      name: 'dispatch_remove_finished',
      text: 'with gone as (delete from attempts where id = any ($2::bigint[])) delete from dispatch_chunks where id = any ($1::bigint[])',
    },
    [list(chunkIds), list(attemptIds)],
  );
}

export type ClaimedChunk = { id: string; message_ids: string[]; tenant_ids: string[]; attempt: number };

/** Leases due chunks that nobody owns to this process. */
export async function claimChunks(
  tx: Tx,
  owner: string,
  now: number,
  limit: number,
): Promise<ClaimedChunk[]> {
  const { rows } = await tx.query<ClaimedChunk>(
    `update dispatch_chunks set owner = $1::bigint
     where id in (select id from dispatch_chunks where owner = 0 and not_before <= to_timestamp($2 / 1000.0)
                  order by not_before, id limit $3 for update skip locked)
     returning id, message_ids, tenant_ids, attempt`,
    [owner, now, limit],
  );
  return rows.sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}

export type ClaimedMessage = {
  tenant_id: string;
  id: string;
  sealed: Buffer | null;
  state: string;
  expires_at: Date;
  last_attempt: number | null;
  last_unfinished: boolean;
};

/** The claimed messages with the number of their last attempt; `last_unfinished` is an intent without an outcome. */
export async function readClaimed(
  tx: Tx,
  tenantIds: readonly string[],
  messageIds: readonly string[],
): Promise<ClaimedMessage[]> {
  const { rows } = await tx.query<ClaimedMessage>(
    `select m.tenant_id, m.id, m.sealed, m.state, m.expires_at,
       (select max(s.attempt) from segments s where s.tenant_id = m.tenant_id and s.message_id = m.id) as last_attempt,
       exists (select from segments s where s.tenant_id = m.tenant_id and s.message_id = m.id and s.state <> 'rejected') as last_unfinished
     from unnest($1::bigint[], $2::bigint[]) as wanted (tenant_id, id)
     join messages m on m.tenant_id = wanted.tenant_id and m.id = wanted.id`,
    [list(tenantIds), list(messageIds)],
  );
  return rows;
}

export type OrphanAttempt = {
  id: string;
  carrier_id: string;
  message_ids: string[];
  tenant_ids: string[];
  attempt_numbers: number[];
  routes: string[];
  at: Date;
};

/** Intents whose process is gone. */
export async function readOrphanAttempts(tx: Tx): Promise<OrphanAttempt[]> {
  const { rows } = await tx.query<OrphanAttempt>(
    `select id, carrier_id, message_ids, tenant_ids, attempt_numbers, routes, at from attempts
     where owner not in (select id from processes) order by id for update skip locked`,
  );
  return rows;
}

/** Which of these attempts have an outcome stored. */
export async function readSettled(
  tx: Tx,
  tenantIds: readonly string[],
  messageIds: readonly string[],
  attempts: readonly number[],
): Promise<Set<string>> {
  const { rows } = await tx.query<{ message_id: string }>(
    `select distinct s.message_id from unnest($1::bigint[], $2::bigint[], $3::smallint[]) as wanted (tenant_id, message_id, attempt)
     join segments s using (tenant_id, message_id, attempt)`,
    [list(tenantIds), list(messageIds), list(attempts)],
  );
  return new Set(rows.map((row) => row.message_id));
}

/** Chunks of processes that are gone belong to nobody again. */
export async function releaseOrphanChunks(tx: Tx): Promise<void> {
  await tx.query(
    'update dispatch_chunks set owner = 0 where owner <> 0 and owner not in (select id from processes)',
  );
}
