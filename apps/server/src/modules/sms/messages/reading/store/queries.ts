import type { TemplateKind } from '@signet/sms-text';
import type { Tx } from '../../../../../platform/db.ts';
import type { MessageState } from '../../model.ts';
import type { IdRange } from '../model.ts';

/** A message as answers over the OpenAPI and pushes need it; opened by the service. */
export type SealedMessage = {
  id: string;
  callId: string;
  kind: TemplateKind;
  sealed: Buffer | null;
  segmentCount: number;
  state: MessageState;
  errCode: string | null;
  acceptedAt: Date;
  finalAt: Date | null;
  signName: string;
  templateCode: string;
};

export const MESSAGE_COLUMNS = `m.id, m.call_id as "callId", m.kind, m.sealed, m.segment_count as "segmentCount", m.state,
  m.err_code as "errCode", m.accepted_at as "acceptedAt", m.final_at as "finalAt",
  coalesce(s.name, '') as "signName", coalesce(t.code, '') as "templateCode"`;

/** A signature or template that is gone leaves its messages readable. */
export const REGISTRATION_JOINS = `left join signatures s on s.tenant_id = m.tenant_id and s.id = m.signature_id
  left join templates t on t.tenant_id = m.tenant_id and t.id = m.template_id`;

/** Messages of one tenant to one number in a period, newest first, and how many there are. */
export async function readDetails(
  tx: Tx,
  wanted: {
    tenantId: string;
    numberKey: Buffer;
    range: IdRange;
    callId: string | null;
    limit: number;
    offset: number;
  },
): Promise<{ total: number; rows: SealedMessage[] }> {
  const { tenantId, numberKey, range, callId, limit, offset } = wanted;
  const where = `m.number_key = $1 and m.id >= $2 and m.id < $3 and m.tenant_id = $4
    and m.accepted_at >= $5 and m.accepted_at < $6 and ($7::bigint is null or m.call_id = $7)`;
  const values = [
    numberKey,
    range.fromId,
    range.toId,
    tenantId,
    new Date(range.from),
    new Date(range.to),
    callId,
  ];
  const counted = await tx.query<{ total: number }>(
    { name: 'messages_count_details', text: `select count(*)::int as total from messages m where ${where}` },
    values,
  );
  const { rows } = await tx.query<SealedMessage>(
    {
      name: 'messages_read_details',
      text: `select ${MESSAGE_COLUMNS} from messages m ${REGISTRATION_JOINS}
        where ${where} order by m.id desc limit $8 offset $9`,
    },
    [...values, limit, offset],
  );
  return { total: counted.rows[0]!.total, rows };
}

/** These messages of a tenant, in no order. */
export async function readByIds(tx: Tx, tenantId: string, ids: readonly string[]): Promise<SealedMessage[]> {
  const { rows } = await tx.query<SealedMessage>(
    {
      name: 'messages_read_by_ids',
      text: `select ${MESSAGE_COLUMNS} from messages m ${REGISTRATION_JOINS}
        where m.tenant_id = $1 and m.id = any ($2::bigint[])`,
    },
    [tenantId, `{${ids.join(',')}}`],
  );
  return rows;
}

export type DayCounts = {
  /** yyyyMMdd, UTC+8. */
  day: string;
  total: number;
  success: number;
  fail: number;
  noreply: number;
};

/**
 * Sends of each day of UTC+8 on which there was one, oldest first. A refused recipient was not sent; one that was given
 * up for want of a receipt (UNKNOWN after 72 h) has not been replied to.
 */
export async function countDays(
  tx: Tx,
  wanted: {
    tenantId: string;
    range: IdRange;
    international: boolean | null;
    signName: string | null;
    kind: TemplateKind | null;
  },
): Promise<DayCounts[]> {
  const { range } = wanted;
  const { rows } = await tx.query<DayCounts>(
    `select to_char(m.accepted_at at time zone 'UTC' + interval '8 hours', 'YYYYMMDD') as day,
       count(*)::int as total,
       (count(*) filter (where m.state = 'delivered'))::int as success,
       (count(*) filter (where m.state = 'undelivered' or (m.state = 'expired' and m.err_code is distinct from 'UNKNOWN')))::int as fail,
       (count(*) filter (where m.state in ('held', 'accepted', 'in_doubt')
          or (m.state = 'expired' and m.err_code = 'UNKNOWN')))::int as noreply
     from messages m
     where m.tenant_id = $1 and m.id >= $2 and m.id < $3 and m.accepted_at >= $4 and m.accepted_at < $5
       and m.state <> 'refused'
       and ($6::boolean is null or (m.kind = 'international') = $6)
       and ($7::text is null or m.signature_id in (select s.id from signatures s where s.tenant_id = $1 and s.name = $7))
       and ($8::text is null or m.kind = $8)
     group by 1 order by 1`,
    [
      wanted.tenantId,
      range.fromId,
      range.toId,
      new Date(range.from),
      new Date(range.to),
      wanted.international,
      wanted.signName,
      wanted.kind,
    ],
  );
  return rows;
}

export async function countHeld(tx: Tx, tenantId: string): Promise<number> {
  const { rows } = await tx.query<{ held: number }>(
    'select count(*)::int as held from held_messages where tenant_id = $1',
    [tenantId],
  );
  return rows[0]!.held;
}

/** Whoever wrote to this number last, of all tenants; for a sweep. */
export async function readLastSender(
  tx: Tx,
  numberKey: Buffer,
  sinceId: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ tenant_id: string }>(
    {
      name: 'messages_last_sender',
      text: `select tenant_id from messages where number_key = $1 and id >= $2 and state <> 'refused' order by id desc limit 1`,
    },
    [numberKey, sinceId],
  );
  return rows[0]?.tenant_id;
}

export async function readAnswer(
  tx: Tx,
  tenantId: string,
  keyDigest: Buffer,
  now: Date,
): Promise<{ bodyDigest: Buffer; answer: unknown } | undefined> {
  const { rows } = await tx.query<{ bodyDigest: Buffer; answer: unknown }>(
    {
      name: 'idempotent_answer_read',
      text: `select body_digest as "bodyDigest", answer from idempotent_answers
        where tenant_id = $1 and key_digest = $2 and expires_at > $3`,
    },
    [tenantId, keyDigest, now],
  );
  return rows[0];
}
