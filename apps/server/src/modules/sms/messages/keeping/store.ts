import type { Tx } from '../../../../platform/db.ts';

export type MessageKey = { tenantId: string; messageId: string };

const list = (values: readonly string[]): string => `{${values.join(',')}}`;

/** Held messages whose time is over, the oldest first. */
export async function readLapsedHeld(tx: Tx, now: Date, limit: number): Promise<MessageKey[]> {
  const { rows } = await tx.query<MessageKey>(
    `select tenant_id as "tenantId", message_id as "messageId" from held_messages
     where expires_at <= $1 order by expires_at limit $2`,
    [now, limit],
  );
  return rows;
}

/** Held messages of all tenants; for a sweep. */
export async function countHeldMessages(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ held: number }>('select count(*)::int as held from held_messages');
  return rows[0]!.held;
}

/** Takes these out of the held ones; returns those that still were. */
export async function takeHeld(tx: Tx, keys: readonly MessageKey[]): Promise<MessageKey[]> {
  const { rows } = await tx.query<MessageKey>(
    `delete from held_messages h using unnest($1::bigint[], $2::bigint[]) as k (tenant_id, message_id)
     where h.tenant_id = k.tenant_id and h.message_id = k.message_id
     returning h.tenant_id as "tenantId", h.message_id as "messageId"`,
    [list(keys.map((key) => key.tenantId)), list(keys.map((key) => key.messageId))],
  );
  return rows;
}

export async function readHeld(
  tx: Tx,
  key: MessageKey,
): Promise<{ kind: string; expiresAt: Date } | undefined> {
  const { rows } = await tx.query<{ kind: string; expiresAt: Date }>(
    `select kind, expires_at as "expiresAt" from messages where tenant_id = $1 and id = $2 and state = 'held'`,
    [key.tenantId, key.messageId],
  );
  return rows[0];
}

/** Outbox row that belongs to nobody: the next claim takes it (step 11). */
export async function storeReleased(
  tx: Tx,
  chunkId: string,
  key: MessageKey,
  notBefore: Date,
): Promise<void> {
  await tx.query(
    `insert into dispatch_chunks (id, message_ids, tenant_ids, attempt, not_before, owner)
     values ($1, array[$2::bigint], array[$3::bigint], 1, $4, 0)`,
    [chunkId, key.messageId, key.tenantId, notBefore],
  );
}

/** Messages of an id range that still wait for a final state; `afterId` goes on within the range. */
export async function readWaiting(
  tx: Tx,
  afterId: string,
  beforeId: string,
  limit: number,
): Promise<MessageKey[]> {
  const { rows } = await tx.query<MessageKey>(
    `select tenant_id as "tenantId", id as "messageId" from messages
     where id > $1 and id < $2 and state in ('accepted', 'in_doubt') order by id limit $3`,
    [afterId, beforeId, limit],
  );
  return rows;
}

/** The oldest message of all tenants; each tenant's primary key gives its first. */
export async function readOldestId(tx: Tx): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string | null }>(
    `select min(first.id) as id from tenants t
     cross join lateral (select m.id from messages m where m.tenant_id = t.id order by m.id limit 1) as first`,
  );
  return rows[0]?.id ?? undefined;
}

/** Below this id no message waits for a final state: where giving up goes on. */
const SETTLED_BELOW = 'messages.settled_below';

export async function readSettledBelow(tx: Tx): Promise<string | undefined> {
  const { rows } = await tx.query<{ value: string }>('select value from installation where name = $1', [
    SETTLED_BELOW,
  ]);
  return rows[0]?.value;
}

export async function storeSettledBelow(tx: Tx, id: string): Promise<void> {
  await tx.query(
    `insert into installation (name, value) values ($1, $2)
     on conflict (name) do update set value = excluded.value where installation.value::bigint < excluded.value::bigint`,
    [SETTLED_BELOW, id],
  );
}

export async function readTenantIds(tx: Tx): Promise<string[]> {
  return (await tx.query<{ id: string }>('select id from tenants order by id')).rows.map((row) => row.id);
}

export type Destroyed = {
  messages: number;
  fromId: string | null;
  toId: string | null;
  refusals: number;
  inbound: number;
  deliveries: number;
};

/**
 * Deletes what one tenant has from before `beforeId`, at most `limit` rows of each table: messages that are final, with
 * their segments, refused calls, replies, and pushes (whose elements are read from the messages).
 */
export async function destroyBatch(
  tx: Tx,
  wanted: { tenantId: string; beforeId: string; before: Date; limit: number },
): Promise<Destroyed> {
  const { tenantId, beforeId, before, limit } = wanted;
  const { rows } = await tx.query<Destroyed>(
    `with old as (
         select id from messages
         where tenant_id = $1 and id < $2 and state in ('delivered', 'undelivered', 'refused', 'expired') order by id limit $4),
       gone as (delete from messages m using old where m.tenant_id = $1 and m.id = old.id returning m.id),
       parts as (delete from segments g using old where g.tenant_id = $1 and g.message_id = old.id),
       refused as (
         delete from refusals where tenant_id = $1 and id in (
           select id from refusals where tenant_id = $1 and id < $2 order by id limit $4) returning 1),
       replies as (
         delete from inbound_messages where tenant_id = $1 and id in (
           select id from inbound_messages where tenant_id = $1 and id < $2 order by id limit $4) returning 1),
       pushes as (
         delete from deliveries where tenant_id = $1 and id in (
           select id from deliveries where tenant_id = $1 and id < $2 and created_at < $3 order by id limit $4) returning 1)
     select (select count(*)::int from gone) as messages, (select min(id) from gone) as "fromId", (select max(id) from gone) as "toId",
       (select count(*)::int from refused) as refusals, (select count(*)::int from replies) as inbound,
       (select count(*)::int from pushes) as deliveries`,
    [tenantId, beforeId, before, limit],
  );
  return rows[0]!;
}

/** Deletes answers whose 24 hours are over; returns how many. */
export async function destroyAnswers(tx: Tx, now: Date, limit: number): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from idempotent_answers where (tenant_id, key_digest) in (
       select tenant_id, key_digest from idempotent_answers where expires_at <= $1 order by expires_at limit $2 for update skip locked)`,
    [now, limit],
  );
  return rowCount;
}
