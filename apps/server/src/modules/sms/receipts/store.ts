import type { Tx } from '../../../platform/db.ts';
import type { Report, SegmentFate, SegmentState } from './model.ts';

const list = (values: readonly (string | number)[]): string => `{${values.join(',')}}`;

export type FoundSegment = {
  tenant_id: string;
  message_id: string;
  attempt: number;
  segment: number;
  carrier_id: string;
  carrier_key: string | null;
  state: SegmentState;
  segment_count: number;
  message_state: string;
  number_key: Buffer;
};

export async function findSegments(
  tx: Tx,
  pairs: readonly { carrierId: string; key: string }[],
): Promise<FoundSegment[]> {
  const { rows } = await tx.query<FoundSegment>(
    {
      name: 'receipts_find_segments',
      text: `select tenant_id, message_id, attempt, segment, carrier_id, carrier_key, state, segment_count, message_state, number_key
             from find_segments($1::bigint[], $2::text[])`,
    },
    [list(pairs.map((pair) => pair.carrierId)), pairs.map((pair) => pair.key)],
  );
  return rows;
}

export type SegmentReport = {
  tenantId: string;
  messageId: string;
  attempt: number;
  segment: number;
  fate: SegmentFate;
  errCode: string;
};

export async function storeReports(tx: Tx, reports: readonly SegmentReport[], now: number): Promise<void> {
  await tx.query(
    {
      name: 'segments_report',
      text: `update segments s set state = r.fate, status = r.err_code, receipt_at = to_timestamp($7 / 1000.0)
        from unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::smallint[], $5::text[], $6::text[])
          as r (tenant_id, message_id, attempt, segment, fate, err_code)
        where s.tenant_id = r.tenant_id and s.message_id = r.message_id and s.attempt = r.attempt and s.segment = r.segment
          and s.state in ('accepted', 'unknown')`,
    },
    [
      list(reports.map((r) => r.tenantId)),
      list(reports.map((r) => r.messageId)),
      list(reports.map((r) => r.attempt)),
      list(reports.map((r) => r.segment)),
      list(reports.map((r) => r.fate)),
      reports.map((r) => r.errCode),
      now,
    ],
  );
}

export async function storeOrphan(
  tx: Tx,
  id: string,
  report: Report,
  now: number,
  nextAt: number,
): Promise<void> {
  await tx.query(
    `insert into orphan_receipts (id, carrier_id, candidate_keys, number_key, state, err_code, received_at, next_at, tries)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
    [
      id,
      report.carrierId,
      report.candidateKeys,
      report.numberKey(),
      report.fate,
      report.errCode,
      new Date(now),
      new Date(nextAt),
    ],
  );
}

export type OrphanRow = {
  id: string;
  carrier_id: string;
  candidate_keys: string[];
  number_key: Buffer | null;
  state: SegmentFate;
  err_code: string;
  tries: number;
};

export async function readDueOrphans(tx: Tx, now: number, limit: number): Promise<OrphanRow[]> {
  const { rows } = await tx.query<OrphanRow>(
    `select id, carrier_id, candidate_keys, number_key, state, err_code, tries from orphan_receipts
     where given_up_at is null and next_at <= $1 order by next_at limit $2`,
    [new Date(now), limit],
  );
  return rows;
}

export async function removeOrphan(tx: Tx, id: string): Promise<void> {
  await tx.query('delete from orphan_receipts where id = $1', [id]);
}

export async function postponeOrphan(
  tx: Tx,
  id: string,
  tries: number,
  nextAt: number | null,
  now: number,
): Promise<void> {
  await tx.query(
    'update orphan_receipts set tries = $2, next_at = coalesce($3, next_at), given_up_at = $4 where id = $1',
    [id, tries, nextAt === null ? null : new Date(nextAt), nextAt === null ? new Date(now) : null],
  );
}

/**
 * Gives the ids of orphans to segments in doubt: the submit_sm_resp that would have named the id was lost, so carrier,
 * number and time alone connect them. A receipt's own submit date is in the carrier's time zone, which it does not tell,
 * so the time is that of its coming. Named only where
 * - all the carrier's doubtful segments to this number belong to one message, and no other message to it has an intent
 *   there whose outcome is not stored yet (it may be in doubt next, or its answer names the id);
 * - the receipt came after the intent, and after the time from which numbers are trusted (`distrustNumbers`);
 * - the ids are as many as the segments, or all say the same: one too many is of a message that nobody here knows.
 * Of one message's segments any may take any id, for its fate is that of them all; an id counts once, however often its
 * receipt came. Over all tenants (role signet_sweep). Returns how many segments have an id now.
 */
export async function nameDoubtful(tx: Tx, orphanIds: readonly string[]): Promise<number> {
  const { rowCount } = await tx.query(
    `with orphan as (
       select distinct on (o.carrier_id, o.number_key, o.candidate_keys[1])
         o.id, o.carrier_id, o.number_key, o.candidate_keys[1] as carrier_key, o.state, o.received_at
       from orphan_receipts o
       where o.id = any ($1::bigint[]) and o.number_key is not null
         and o.received_at >= coalesce(
           (select to_timestamp(i.value::bigint / 1000.0) from installation i where i.name = $2), '-infinity')
       order by o.carrier_id, o.number_key, o.candidate_keys[1], o.received_at desc
     ), doubtful as (
       select s.tenant_id, s.message_id, s.attempt, s.segment, s.carrier_id, s.intended_at, m.number_key,
         min(s.message_id) over same = max(s.message_id) over same as is_alone,
         count(*) over same as owed,
         row_number() over (partition by s.carrier_id, m.number_key order by s.segment) as place
       from messages m
       join segments s on s.tenant_id = m.tenant_id and s.message_id = m.id
       where m.number_key in (select number_key from orphan) and m.state = 'in_doubt'
         and s.state = 'unknown' and s.carrier_key is null and s.carrier_id is not null
       window same as (partition by s.carrier_id, m.number_key)
     ), open as (
       select a.carrier_id, m.number_key, m.id as message_id
       from attempts a
       cross join lateral unnest(a.tenant_ids, a.message_ids, a.attempt_numbers) as i (tenant_id, message_id, attempt)
       join messages m on m.tenant_id = i.tenant_id and m.id = i.message_id
       where m.number_key in (select number_key from orphan) and not exists (
         select from segments s where s.tenant_id = m.tenant_id and s.message_id = m.id and s.attempt = i.attempt)
     ), offered as (
       select d.message_id, d.attempt, o.carrier_id, o.number_key, o.carrier_key, d.owed,
         row_number() over of_message as place,
         count(*) over of_whole as ids, min(o.state) over of_whole = max(o.state) over of_whole as agree
       from orphan o
       join doubtful d using (carrier_id, number_key)
       where d.is_alone and d.place = 1 and o.received_at >= d.intended_at
         and not exists (select from open x where x.carrier_id = o.carrier_id and x.number_key = o.number_key
           and x.message_id <> d.message_id)
         and not exists (select from segments s where s.tenant_id = d.tenant_id and s.message_id = d.message_id
           and s.attempt = d.attempt and s.carrier_key = o.carrier_key)
       window of_message as (partition by d.message_id order by o.id), of_whole as (partition by d.message_id)
     )
     update segments s set carrier_key = o.carrier_key
     from doubtful d
     join offered o using (carrier_id, number_key, place)
     where (o.ids <= o.owed or o.agree)
       and s.tenant_id = d.tenant_id and s.message_id = d.message_id and s.attempt = d.attempt and s.segment = d.segment`,
    [list(orphanIds), NUMBERS_TRUSTED_FROM],
  );
  return rowCount ?? 0;
}

/** Row of `installation`, in ms: receipts that came before it settle no doubt by their number. */
const NUMBERS_TRUSTED_FROM = 'receipts.numbers_trusted_from';

/**
 * Until then the store does not know all messages that were sent: a receipt may be of one that it never had, so its
 * number proves nothing.
 */
export async function distrustNumbers(tx: Tx, untilMs: number): Promise<void> {
  await tx.query(
    `insert into installation (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`,
    [NUMBERS_TRUSTED_FROM, String(untilMs)],
  );
}
