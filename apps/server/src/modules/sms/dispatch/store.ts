import type { Tx } from '../../../platform/db.ts';
import type { SegmentState, SegmentWrite } from './model.ts';

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

export type LateAnswerWrite = Pick<
  SegmentWrite,
  'tenantId' | 'messageId' | 'attempt' | 'segment' | 'state' | 'carrierKey' | 'carrierMessageId' | 'status'
>;
export type AttemptKey = { tenant_id: string; message_id: string; attempt: number };

/** Settles segments that are unknown still; returns their attempts. The carrier's own id replaces one that was guessed. */
export async function settleUnknown(
  tx: Tx,
  answers: readonly LateAnswerWrite[],
  now: number,
): Promise<AttemptKey[]> {
  const { rows } = await tx.query<AttemptKey>(
    `with settled as (
       update segments s set state = a.state, carrier_key = a.carrier_key, carrier_message_id = a.carrier_message_id,
         status = a.status, at = to_timestamp($9 / 1000.0)
       from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::text[])
         as a (tenant_id, message_id, attempt, segment, state, carrier_key, carrier_message_id, status)
       where s.tenant_id = a.tenant_id and s.message_id = a.message_id and s.attempt = a.attempt and s.segment = a.segment
         and s.state = 'unknown'
       returning s.tenant_id, s.message_id, s.attempt)
     select distinct tenant_id, message_id, attempt from settled`,
    [
      list(answers.map((a) => a.tenantId)),
      list(answers.map((a) => a.messageId)),
      list(answers.map((a) => a.attempt)),
      list(answers.map((a) => a.segment)),
      list(answers.map((a) => a.state)),
      answers.map((a) => a.carrierKey),
      answers.map((a) => a.carrierMessageId),
      answers.map((a) => a.status),
      now,
    ],
  );
  return rows;
}

export type AttemptSegment = AttemptKey & { state: SegmentState; status: string | null };

/** All segments of these attempts, in order. */
export async function readAttempts(tx: Tx, attempts: readonly AttemptKey[]): Promise<AttemptSegment[]> {
  const { rows } = await tx.query<AttemptSegment>(
    `select s.tenant_id, s.message_id, s.attempt, s.state, s.status
     from unnest($1::bigint[], $2::bigint[], $3::smallint[]) as wanted (tenant_id, message_id, attempt)
     join segments s using (tenant_id, message_id, attempt)
     order by s.message_id, s.segment`,
    [
      list(attempts.map((a) => a.tenant_id)),
      list(attempts.map((a) => a.message_id)),
      list(attempts.map((a) => a.attempt)),
    ],
  );
  return rows;
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

export async function readOldestChunks(
  tx: Tx,
  limit: number,
): Promise<{ id: string; tenant_ids: string[] }[]> {
  const { rows } = await tx.query<{ id: string; tenant_ids: string[] }>(
    'select id, tenant_ids from dispatch_chunks order by id limit $1',
    [limit],
  );
  return rows;
}

/** The messages of a chunk that it still stands for: neither with a carrier, nor final, nor due in a newer chunk. */
const QUEUED = `dispatch_chunks c
  cross join lateral unnest(c.tenant_ids, c.message_ids) as q (tenant_id, id)
  join messages m on m.tenant_id = q.tenant_id and m.id = q.id and m.state = 'accepted'
    and not exists (select from segments s
      where s.tenant_id = m.tenant_id and s.message_id = m.id and (s.state <> 'rejected' or s.attempt >= c.attempt))`;

export type QueuedMessage = { tenant_id: string; id: string; attempt: number; segment_count: number };

export async function readQueued(tx: Tx, chunkIds: readonly string[]): Promise<QueuedMessage[]> {
  const { rows } = await tx.query<QueuedMessage>(
    `select m.tenant_id, m.id, c.attempt, m.segment_count from ${QUEUED} where c.id = any ($1::bigint[])`,
    [list(chunkIds)],
  );
  return rows;
}

/** How many messages the outbox holds, over all tenants. */
export async function countQueued(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ queued: number }>(`select count(*)::int as queued from ${QUEUED}`);
  return rows[0]!.queued;
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

export type OpenAttempt = { message_id: string; segment_count: number };

/** Those of these attempts that have no outcome stored, with the number of segments that each put on the wire. */
export async function readOpenAttempts(
  tx: Tx,
  tenantIds: readonly string[],
  messageIds: readonly string[],
  attempts: readonly number[],
): Promise<OpenAttempt[]> {
  const { rows } = await tx.query<OpenAttempt>(
    `select m.id as message_id, m.segment_count
     from unnest($1::bigint[], $2::bigint[], $3::smallint[]) as wanted (tenant_id, message_id, attempt)
     join messages m on m.tenant_id = wanted.tenant_id and m.id = wanted.message_id
     where not exists (
       select from segments s
       where s.tenant_id = wanted.tenant_id and s.message_id = wanted.message_id and s.attempt = wanted.attempt)`,
    [list(tenantIds), list(messageIds), list(attempts)],
  );
  return rows;
}

/** Chunks of processes that are gone belong to nobody again. */
export async function releaseOrphanChunks(tx: Tx): Promise<void> {
  await tx.query(
    'update dispatch_chunks set owner = 0 where owner <> 0 and owner not in (select id from processes)',
  );
}
