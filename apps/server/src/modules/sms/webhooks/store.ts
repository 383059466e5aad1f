import type { Tx } from '../../../platform/db.ts';
import { COUNTED_TO, type DeliveryKind, type DeliveryState, type PushStatus } from './model.ts';
import { type Endpoint, type Openings, UNPROVEN_ROOM } from './turns.ts';

const list = (values: readonly (string | number | boolean)[]): string => `{${values.join(',')}}`;

/** Stores the pushes of tenants that have an address for this kind. */
export async function storeDeliveries(
  tx: Tx,
  kind: DeliveryKind,
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
      list(deliveries.map((d) => d.tenantId)),
      list(deliveries.map((d) => d.id)),
      deliveries.map((d) => list(d.eventIds)),
      now,
    ],
  );
}

export type ClaimedRow = {
  tenant_id: string;
  id: string;
  kind: DeliveryKind;
  event_ids: string[];
  /** This push included; with `id` it names the lease. */
  tries: number;
  created_at: Date;
  slow: boolean;
  url: string | null;
  sealed_secret: Buffer;
};

/**
 * Leases due deliveries until `leaseUntil`: a crash pushes them again then. The endpoints with waiting deliveries are
 * found by skipping from one to the next along an index on (tenant_id, kind, next_at), so the cost grows with the
 * endpoints, not with a backlog; each offers as many as it has room for, and they are taken in turns.
 */
export async function claimDue(
  tx: Tx,
  openings: Openings,
  now: number,
  leaseUntil: number,
): Promise<ClaimedRow[]> {
  const { known, free } = openings;
  const { rows } = await tx.query<ClaimedRow>({ name: 'deliveries_claim', text: CLAIM }, [
    new Date(now),
    new Date(leaseUntil),
    UNPROVEN_ROOM,
    free.quick,
    free.slow,
    list(known.map((one) => one.tenantId)),
    list(known.map((one) => one.kind)),
    list(known.map((one) => one.room)),
    list(known.map((one) => one.inFlight)),
    list(known.map((one) => one.slow)),
    list(known.map((one) => one.turn)),
  ]);
  return rows;
}

const CLAIM = `
with recursive endpoint (tenant_id, kind) as (
  (select tenant_id, kind from deliveries where state = 'waiting' order by tenant_id, kind limit 1)
  union all
  select following.tenant_id, following.kind
  from endpoint cross join lateral (
    select d.tenant_id, d.kind from deliveries d
    where d.state = 'waiting' and (d.tenant_id, d.kind) > (endpoint.tenant_id, endpoint.kind)
    order by d.tenant_id, d.kind limit 1) as following),
turn as (
  select tenant_id, kind, coalesce(known.room, $3::integer) as room, coalesce(known.in_flight, 0) as in_flight,
    coalesce(known.slow, true) as slow, coalesce(known.turn, 0) as turn
  from endpoint
  left join unnest($6::bigint[], $7::text[], $8::integer[], $9::integer[], $10::boolean[], $11::bigint[])
    as known (tenant_id, kind, room, in_flight, slow, turn) using (tenant_id, kind)),
offered as (
  select turn.tenant_id, due.id, turn.slow or due.tries > 0 as slow, turn.turn, due.next_at,
    turn.in_flight + row_number() over (partition by turn.tenant_id, turn.kind order by due.next_at, due.id) as rank
  from turn cross join lateral (
    select d.id, d.tries, d.next_at from deliveries d
    where d.tenant_id = turn.tenant_id and d.kind = turn.kind and d.state = 'waiting' and d.next_at <= $1
    order by d.next_at limit turn.room) as due
  where turn.room > 0),
picked as (
  select tenant_id, id, slow from (
    select tenant_id, id, slow, row_number() over (partition by slow order by rank, turn, next_at, id) as place
    from offered) as placed
  where place <= case when slow then $5::integer else $4::integer end),
locked as (
  select held.tenant_id, held.id, picked.slow from picked cross join lateral (
    select d.tenant_id, d.id from deliveries d
    where d.tenant_id = picked.tenant_id and d.id = picked.id and d.state = 'waiting' and d.next_at <= $1
    for update skip locked) as held)
update deliveries d set tries = d.tries + 1, next_at = $2
from locked join webhooks w on w.tenant_id = locked.tenant_id
where d.tenant_id = locked.tenant_id and d.id = locked.id
returning d.tenant_id, d.id, d.kind, d.event_ids, d.tries, d.created_at, locked.slow,
  case d.kind when 'report' then w.report_url else w.inbound_url end as url, w.sealed_secret`;

export type SettledPush = {
  tenantId: string;
  id: string;
  /** Of the claim: a failure of a lease that another process took over changes nothing. */
  tries: number;
  state: DeliveryState;
  status: PushStatus;
  /** ms; of a delivery that ended, when it did. */
  nextAt: number;
};

/** Success counts whoever holds the lease. */
export async function settlePushes(tx: Tx, pushes: readonly SettledPush[]): Promise<void> {
  await tx.query(
    {
      name: 'deliveries_settle',
      text: `update deliveries d set state = p.state, last_status = p.status, next_at = to_timestamp(p.next_ms / 1000.0)
        from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::text[], $6::bigint[])
          as p (tenant_id, id, tries, state, status, next_ms)
        where d.tenant_id = p.tenant_id and d.id = p.id
          and (p.state = 'delivered' or (d.state = 'waiting' and d.tries = p.tries))`,
    },
    [
      list(pushes.map((one) => one.tenantId)),
      list(pushes.map((one) => one.id)),
      list(pushes.map((one) => one.tries)),
      list(pushes.map((one) => one.state)),
      list(pushes.map((one) => one.status)),
      list(pushes.map((one) => Math.round(one.nextAt))),
    ],
  );
}

/**
 * Opens a round. Leases and outcomes need no fsync of their own: what a crash of the store forgets is pushed again,
 * under the same id. Rows are reached by key only, and the claim is planned once, as in the group commit (platform/db):
 * measured with 300 endpoints and 100,000 due rows, 4 ms a claim instead of 60.
 */
export async function openRound(tx: Tx): Promise<void> {
  await tx.query({
    name: 'deliveries_open_round',
    text: `select set_config('synchronous_commit', 'off', true), set_config('enable_seqscan', 'off', true),
      set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
      set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true),
      set_config('enable_incremental_sort', 'off', true), set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)`,
  });
}

/** Gives up what waited behind failing endpoints since before `createdBefore`; returns how many. */
export async function giveUpOld(
  tx: Tx,
  endpoints: readonly Endpoint[],
  createdBefore: number,
  now: number,
): Promise<number> {
  const { rowCount } = await tx.query(
    `update deliveries d set state = 'dead', last_status = coalesce(d.last_status, 'not_tried'), next_at = $4
     from unnest($1::bigint[], $2::text[]) as e (tenant_id, kind)
     where d.tenant_id = e.tenant_id and d.kind = e.kind and d.state = 'waiting' and d.created_at < $3`,
    [
      list(endpoints.map((one) => one.tenantId)),
      list(endpoints.map((one) => one.kind)),
      new Date(createdBefore),
      new Date(now),
    ],
  );
  return rowCount;
}

export type WebhookRow = { reportUrl: string | null; inboundUrl: string | null; sealedSecret: Buffer };

export async function readWebhook(tx: Tx, tenantId: string): Promise<WebhookRow | undefined> {
  const { rows } = await tx.query<WebhookRow>(
    `select report_url as "reportUrl", inbound_url as "inboundUrl", sealed_secret as "sealedSecret"
     from webhooks where tenant_id = $1`,
    [tenantId],
  );
  return rows[0];
}

/** Sets the addresses; true when the row, and with it the secret, is new. */
export async function storeWebhook(
  tx: Tx,
  tenantId: string,
  webhook: WebhookRow,
  now: number,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update webhooks set report_url = $2, inbound_url = $3, changed_at = $4 where tenant_id = $1',
    [tenantId, webhook.reportUrl, webhook.inboundUrl, new Date(now)],
  );
  if (rowCount === 1) return false;
  await tx.query(
    `insert into webhooks (tenant_id, report_url, inbound_url, sealed_secret, changed_at)
     values ($1, $2, $3, $4, $5)`,
    [tenantId, webhook.reportUrl, webhook.inboundUrl, webhook.sealedSecret, new Date(now)],
  );
  return true;
}

export type Backlog = {
  waiting: number;
  dead: number;
  mostTries: number;
  newestDeadAt: Date | null;
  lastStatus: string | null;
};

/** What is not delivered, in figures. */
export async function readBacklog(tx: Tx, tenantId: string): Promise<Backlog> {
  const { rows } = await tx.query<Backlog>(
    `select count(*) filter (where state = 'waiting')::int as waiting,
       count(*) filter (where state = 'dead')::int as dead,
       coalesce(max(tries) filter (where state = 'waiting' and last_status is not null), 0)::int as "mostTries",
       max(next_at) filter (where state = 'dead') as "newestDeadAt",
       (array_agg(last_status order by id desc) filter (where last_status is not null))[1] as "lastStatus"
     from deliveries where tenant_id = $1 and state <> 'delivered'`,
    [tenantId],
  );
  return rows[0]!;
}

export type DeliveryRow = {
  id: string;
  kind: DeliveryKind;
  events: number;
  state: DeliveryState;
  tries: number;
  lastStatus: string | null;
  createdAt: Date;
  nextAt: Date;
};

const LISTED = `id, kind, cardinality(event_ids) as events, state, tries, last_status as "lastStatus",
  created_at as "createdAt", next_at as "nextAt"`;

/** Newest first, below `before`. */
export async function readDeliveries(
  tx: Tx,
  tenantId: string,
  state: DeliveryState | null,
  before: string | null,
  limit: number,
): Promise<DeliveryRow[]> {
  const { rows } = await tx.query<DeliveryRow>(
    `select ${LISTED} from deliveries
     where tenant_id = $1 and ($2::text is null or state = $2) and ($3::bigint is null or id < $3::bigint)
     order by id desc limit $4`,
    [tenantId, state, before, limit],
  );
  return rows;
}

export async function countDeliveries(
  tx: Tx,
  tenantId: string,
  state: DeliveryState | null,
): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    `select count(*)::int as n from (
       select from deliveries where tenant_id = $1 and ($2::text is null or state = $2) limit $3) as counted`,
    [tenantId, state, COUNTED_TO],
  );
  return rows[0]!.n;
}

/** Makes a delivery due at once, as if never tried; undefined when the tenant has none of this id. */
export async function makeDue(
  tx: Tx,
  tenantId: string,
  id: string,
  now: number,
): Promise<DeliveryRow | undefined> {
  const { rows } = await tx.query<DeliveryRow>(
    `update deliveries set state = 'waiting', tries = 0, next_at = $3 where tenant_id = $1 and id = $2
     returning ${LISTED}`,
    [tenantId, id, new Date(now)],
  );
  return rows[0];
}

/** Erases deliveries that ended and were queued before `createdBefore`, at most `limit`; returns how many. */
export async function eraseDeliveries(tx: Tx, createdBefore: number, limit: number): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from deliveries where ctid = any (array(
       select ctid from deliveries where state <> 'waiting' and created_at < $1 limit $2))`,
    [new Date(createdBefore), limit],
  );
  return rowCount;
}
