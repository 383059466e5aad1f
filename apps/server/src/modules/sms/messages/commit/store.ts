import type { TemplateKind } from '@signet/sms-text';
import { byteaArray, type Tx } from '../../../../platform/db.ts';
import type { Refusal } from '../errors.ts';
import type { MessageState, SendAnswer, SendCall } from '../model.ts';

export type MessageWrite = {
  tenantId: string;
  id: string;
  callId: string;
  signatureId: string;
  templateId: string;
  kind: TemplateKind;
  numberKey: Buffer;
  sealed: Buffer;
  segmentCount: number;
  state: MessageState;
  errCode: string | null;
  /** JSON text. */
  finding: string | null;
  acceptedAt: number;
  expiresAt: number;
  finalAt: number | null;
  auditIndex: string;
  counted: boolean;
};

/** Everything that one flush of the accept lane writes, column by column in two statements at most. */
export type Writes = {
  messages: MessageWrite[];
  refusals: { tenantId: string; id: string; requestId: string; refusal: Refusal; at: number }[];
  chunks: { id: string; messageIds: string[]; tenantIds: string[]; notBefore: number; owner: string }[];
  answers: {
    tenantId: string;
    keyDigest: Buffer;
    bodyDigest: Buffer;
    answer: SendAnswer;
    expiresAt: number;
  }[];
  /** Sends the statements; each must hold. */
  store(tx: Tx): Promise<void>[];
};

export function createWrites(): Writes {
  const writes: Writes = {
    messages: [],
    refusals: [],
    chunks: [],
    answers: [],
    store(tx) {
      const sent: Promise<void>[] = [];
      if (writes.messages.length > 0) sent.push(storeMessages(tx, writes));
      if (writes.refusals.length > 0) sent.push(storeRefusals(tx, writes.refusals));
      if (writes.answers.length > 0) sent.push(storeAnswers(tx, writes.answers));
      return sent;
    },
  };
  return writes;
}

/** Array literal of values that hold no quote, comma or brace: ids, numbers, words of closed lists. */
const plain = (values: readonly (string | number | boolean | null)[]): string =>
  `{${values.map((v) => v ?? 'NULL').join(',')}}`;

async function storeMessages(tx: Tx, { messages, chunks }: Writes): Promise<void> {
  const held = messages.filter((message) => message.state === 'held');
  await tx.query(
    {
      name: 'messages_store',
      text: `with sent as (
          insert into messages (tenant_id, id, call_id, signature_id, template_id, kind, number_key, sealed, segment_count,
            state, err_code, finding, accepted_at, expires_at, final_at, audit_index, counted)
          select m.tenant_id, m.id, m.call_id, m.signature_id, m.template_id, m.kind, m.number_key, m.sealed, m.segment_count,
            m.state, m.err_code, m.finding::jsonb, to_timestamp(m.accepted_ms / 1000.0), to_timestamp(m.expires_ms / 1000.0),
            to_timestamp(m.final_ms / 1000.0), m.audit_index, m.counted
          from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bytea[], $8::bytea[],
            $9::smallint[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::boolean[])
            as m (tenant_id, id, call_id, signature_id, template_id, kind, number_key, sealed, segment_count,
              state, err_code, finding, accepted_ms, expires_ms, final_ms, audit_index, counted)),
        queued as (
          insert into dispatch_chunks (id, message_ids, tenant_ids, attempt, not_before, owner)
          select c.id, c.message_ids::bigint[], c.tenant_ids::bigint[], 1, to_timestamp(c.not_before_ms / 1000.0), c.owner
          from unnest($18::bigint[], $19::text[], $20::text[], $21::bigint[], $22::bigint[])
            as c (id, message_ids, tenant_ids, not_before_ms, owner))
        insert into held_messages (tenant_id, message_id, expires_at)
        select h.tenant_id, h.message_id, to_timestamp(h.expires_ms / 1000.0)
        from unnest($23::bigint[], $24::bigint[], $25::bigint[]) as h (tenant_id, message_id, expires_ms)`,
    },
    [
      plain(messages.map((m) => m.tenantId)),
      plain(messages.map((m) => m.id)),
      plain(messages.map((m) => m.callId)),
      plain(messages.map((m) => m.signatureId)),
      plain(messages.map((m) => m.templateId)),
      plain(messages.map((m) => m.kind)),
      byteaArray(messages.map((m) => m.numberKey)),
      byteaArray(messages.map((m) => m.sealed)),
      plain(messages.map((m) => m.segmentCount)),
      plain(messages.map((m) => m.state)),
      messages.map((m) => m.errCode),
      messages.map((m) => m.finding),
      plain(messages.map((m) => m.acceptedAt)),
      plain(messages.map((m) => m.expiresAt)),
      plain(messages.map((m) => m.finalAt)),
      plain(messages.map((m) => m.auditIndex)),
      plain(messages.map((m) => m.counted)),
      plain(chunks.map((c) => c.id)),
      chunks.map((c) => plain(c.messageIds)),
      chunks.map((c) => plain(c.tenantIds)),
      plain(chunks.map((c) => c.notBefore)),
      plain(chunks.map((c) => c.owner)),
      plain(held.map((m) => m.tenantId)),
      plain(held.map((m) => m.id)),
      plain(held.map((m) => m.expiresAt)),
    ],
  );
}

async function storeRefusals(tx: Tx, refusals: Writes['refusals']): Promise<void> {
  await tx.query(
    {
      name: 'refusals_store',
      text: `insert into refusals (tenant_id, id, request_id, step, code, reason, at)
        select r.tenant_id, r.id, r.request_id, r.step, r.code, r.reason, to_timestamp(r.at_ms / 1000.0)
        from unnest($1::bigint[], $2::bigint[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::bigint[])
          as r (tenant_id, id, request_id, step, code, reason, at_ms)`,
    },
    [
      plain(refusals.map((r) => r.tenantId)),
      plain(refusals.map((r) => r.id)),
      refusals.map((r) => r.requestId),
      plain(refusals.map((r) => r.refusal.step)),
      plain(refusals.map((r) => r.refusal.wire)),
      refusals.map((r) => r.refusal.message),
      plain(refusals.map((r) => r.at)),
    ],
  );
}

async function storeAnswers(tx: Tx, answers: Writes['answers']): Promise<void> {
  await tx.query(
    {
      name: 'idempotent_answers_store',
      // An expired answer of the same key that the sweep has not met yet gives way.
      text: `insert into idempotent_answers (tenant_id, key_digest, body_digest, answer, expires_at)
        select a.tenant_id, a.key_digest, a.body_digest, a.answer::jsonb, to_timestamp(a.expires_ms / 1000.0)
        from unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::text[], $5::bigint[])
          as a (tenant_id, key_digest, body_digest, answer, expires_ms)
        on conflict (tenant_id, key_digest) do update
        set body_digest = excluded.body_digest, answer = excluded.answer, expires_at = excluded.expires_at`,
    },
    [
      plain(answers.map((a) => a.tenantId)),
      byteaArray(answers.map((a) => a.keyDigest)),
      byteaArray(answers.map((a) => a.bodyDigest)),
      answers.map((a) => JSON.stringify(a.answer)),
      plain(answers.map((a) => a.expiresAt)),
    ],
  );
}

export type RecentSend = {
  number_key: Buffer;
  id: string;
  tenant_id: string;
  signature_id: string;
  template_id: string;
  kind: string;
};

/** Counted sends to these numbers from an id on, of all tenants: see function recent_sends. */
export async function readRecentSends(
  tx: Tx,
  keys: readonly Buffer[],
  sinceId: string,
): Promise<RecentSend[]> {
  const { rows } = await tx.query<RecentSend>(
    {
      name: 'recent_sends',
      text: 'select number_key, id, tenant_id, signature_id, template_id, kind from recent_sends($1::bytea[], $2::bigint)',
    },
    [byteaArray(keys), sinceId],
  );
  return rows;
}

export async function readAnswers(
  tx: Tx,
  calls: readonly SendCall[],
  now: number,
): Promise<Map<string, { bodyDigest: Buffer; answer: SendAnswer }>> {
  const { rows } = await tx.query<{
    tenant_id: string;
    key_digest: Buffer;
    body_digest: Buffer;
    answer: SendAnswer;
  }>(
    {
      name: 'idempotent_answers_read',
      text: `select tenant_id, key_digest, body_digest, answer from idempotent_answers
        where (tenant_id, key_digest) in (select * from unnest($1::bigint[], $2::bytea[])) and expires_at > to_timestamp($3 / 1000.0)`,
    },
    [plain(calls.map((call) => call.tenantId)), byteaArray(calls.map((call) => call.repeat!.keyDigest)), now],
  );
  return new Map(
    rows.map((row) => [
      `${row.tenant_id}|${row.key_digest.toString('hex')}`,
      { bodyDigest: row.body_digest, answer: row.answer },
    ]),
  );
}
