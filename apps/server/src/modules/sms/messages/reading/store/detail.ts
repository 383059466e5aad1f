import type { Tx } from '../../../../../platform/db.ts';
import { firstIdAt } from '../../../../../platform/ids.ts';
import type { Finding, LifeRecord } from '../life-record.ts';
import { MESSAGE_COLUMNS, REGISTRATION_JOINS, type SealedMessage } from './queries.ts';

export type DetailMessage = SealedMessage & {
  tenantId: string;
  finding: Finding | null;
  expiresAt: Date;
  auditIndex: string;
  counted: boolean;
};

export async function readMessage(tx: Tx, tenantId: string, id: string): Promise<DetailMessage | undefined> {
  return (await readMessages(tx, [{ tenantId, id }]))[0];
}

/** These messages of any tenants that the transaction sees, in no order. */
export async function readMessages(
  tx: Tx,
  wanted: readonly { tenantId: string; id: string }[],
): Promise<DetailMessage[]> {
  const { rows } = await tx.query<DetailMessage>(
    `select ${MESSAGE_COLUMNS}, m.tenant_id as "tenantId", m.finding, m.expires_at as "expiresAt",
       m.audit_index as "auditIndex", m.counted
     from unnest($1::bigint[], $2::bigint[]) as w (tenant_id, id)
     join messages m on m.tenant_id = w.tenant_id and m.id = w.id ${REGISTRATION_JOINS}`,
    [`{${wanted.map((one) => one.tenantId).join(',')}}`, `{${wanted.map((one) => one.id).join(',')}}`],
  );
  return rows;
}

type Around = Omit<LifeRecord, 'message'>;

/** What other steps left about one message: segments, intents in flight, the review, the push. */
export async function readAround(tx: Tx, tenantId: string, message: DetailMessage): Promise<Around> {
  const segments = await tx.query<Around['segments'][number]>(
    `select g.attempt, g.segment, coalesce(c.name, '') as carrier, g.state, g.carrier_message_id as "carrierMessageId",
       g.status, g.route, g.intended_at as "intendedAt", g.at, g.receipt_at as "receiptAt"
     from segments g left join carriers c on c.id = g.carrier_id
     where g.tenant_id = $1 and g.message_id = $2 order by g.attempt, g.segment`,
    [tenantId, message.id],
  );
  // Only what is on the wire has a row here: as many as the windows of all carriers.
  const intents = await tx.query<Around['intents'][number]>(
    `select c.name as carrier, a.attempt_numbers[p.place] as attempt, a.routes[p.place] as route, a.at
     from attempts a join carriers c on c.id = a.carrier_id,
       lateral (select array_position(a.message_ids, $1::bigint) as place) p
     where $1::bigint = any (a.message_ids)`,
    [message.id],
  );
  const reviews = await tx.query<NonNullable<Around['review']>>(
    `select state, decided_at as "decidedAt" from reviews
     where tenant_id = $1 and subject = 'message' and subject_id = $2 order by id desc limit 1`,
    [tenantId, message.id],
  );
  const ended = new Set(segments.rows.map((row) => row.attempt));
  return {
    segments: segments.rows,
    intents: intents.rows.filter((row) => !ended.has(row.attempt)),
    review: reviews.rows[0] ?? null,
    push:
      message.finalAt === null
        ? null
        : await readPush(tx, tenantId, message.id, message.acceptedAt, message.finalAt),
  };
}

// A push is named by one of the messages that became final with this one, and is made in the same commit.
const OLDEST_COMPANION_MS = 5 * 86_400_000;
const SAME_COMMIT_MS = 1_000;

async function readPush(
  tx: Tx,
  tenantId: string,
  id: string,
  acceptedAt: Date,
  finalAt: Date,
): Promise<LifeRecord['push']> {
  const { rows } = await tx.query<NonNullable<LifeRecord['push']>>(
    `select state, tries, last_status as "lastStatus", created_at as "createdAt", next_at as "nextAt" from deliveries
     where tenant_id = $1 and id >= $2 and id < $3 and created_at >= $4 and created_at <= $5
       and kind = 'report' and $6::bigint = any (event_ids)
     order by id limit 1`,
    [
      tenantId,
      firstIdAt(Math.min(acceptedAt.getTime(), finalAt.getTime() - OLDEST_COMPANION_MS)),
      firstIdAt(finalAt.getTime() + 60_000),
      new Date(finalAt.getTime() - SAME_COMMIT_MS),
      new Date(finalAt.getTime() + SAME_COMMIT_MS),
      id,
    ],
  );
  return rows[0] ?? null;
}
