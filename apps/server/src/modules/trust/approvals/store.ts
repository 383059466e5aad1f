import type { Tx } from '../../../platform/db.ts';
import type { Position, Review, ReviewState, ReviewSubject } from './model.ts';

const COLUMNS = `id, tenant_id as "tenantId", subject, subject_id as "subjectId", state, opened_at as "openedAt",
  due_at as "dueAt", decided_at as "decidedAt", decided_by as "decidedBy", reason`;

export type NewReview = Pick<Review, 'id' | 'tenantId' | 'subject' | 'subjectId' | 'openedAt' | 'dueAt'>;

export async function insertReviews(tx: Tx, reviews: readonly NewReview[]): Promise<void> {
  await tx.query(
    `insert into reviews (id, tenant_id, subject, subject_id, state, opened_at, due_at)
     select id, tenant_id, subject, subject_id, 'open', opened_at, due_at
     from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
       as opened (id, tenant_id, subject, subject_id, opened_at, due_at)`,
    [
      reviews.map((review) => review.id),
      reviews.map((review) => review.tenantId),
      reviews.map((review) => review.subject),
      reviews.map((review) => review.subjectId),
      reviews.map((review) => review.openedAt),
      reviews.map((review) => review.dueAt),
    ],
  );
}

export async function findReview(tx: Tx, id: string): Promise<Review | undefined> {
  return (await tx.query<Review>(`select ${COLUMNS} from reviews where id = $1`, [id])).rows[0];
}

/** Locked, so that the answer holds until the transaction ends. */
export async function lockReview(tx: Tx, id: string): Promise<Review | undefined> {
  return (await tx.query<Review>(`select ${COLUMNS} from reviews where id = $1 for update`, [id])).rows[0];
}

export async function findOpenReview(
  tx: Tx,
  subject: ReviewSubject,
  subjectId: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from reviews where subject = $1 and subject_id = $2 and state = 'open' order by id desc limit 1`,
    [subject, subjectId],
  );
  return rows[0]?.id;
}

export async function storeDecision(
  tx: Tx,
  decided: { id: string; state: ReviewState; at: Date; by: string; reason: string | null },
): Promise<void> {
  await tx.query(
    `update reviews set state = $2, decided_at = $3, decided_by = $4, reason = $5 where id = $1`,
    [decided.id, decided.state, decided.at, decided.by, decided.reason],
  );
}

export type ClosedReview = { id: string; tenantId: string; subject: ReviewSubject; subjectId: string };
const CLOSED = `id, tenant_id as "tenantId", subject, subject_id as "subjectId"`;

/** Closes what is open about these subjects of these tenants. */
export async function lapseOfSubjects(
  tx: Tx,
  subject: ReviewSubject,
  tenantIds: readonly string[],
  subjectIds: readonly string[],
  at: Date,
): Promise<ClosedReview[]> {
  const { rows } = await tx.query<ClosedReview>(
    `update reviews set state = 'lapsed', decided_at = $4
     where state = 'open' and subject = $1 and (tenant_id, subject_id) in (select * from unnest($2::bigint[], $3::bigint[]))
     returning ${CLOSED}`,
    [subject, tenantIds, subjectIds, at],
  );
  return rows;
}

export async function lapseReviews(tx: Tx, ids: readonly string[], at: Date): Promise<ClosedReview[]> {
  const { rows } = await tx.query<ClosedReview>(
    `update reviews set state = 'lapsed', decided_at = $2 where state = 'open' and id = any($1::bigint[]) returning ${CLOSED}`,
    [ids, at],
  );
  return rows;
}

export async function findOverdueMessages(tx: Tx, now: Date, limit: number): Promise<ClosedReview[]> {
  const { rows } = await tx.query<ClosedReview>(
    `select ${CLOSED} from reviews where state = 'open' and subject = 'message' and due_at <= $1 order by due_at limit $2`,
    [now, limit],
  );
  return rows;
}

type ListQuery = { subject: ReviewSubject | null; after: Position | null; limit: number };
const after = (query: ListQuery) => [
  query.subject,
  query.after === null ? null : new Date(query.after.atMs),
  query.after?.id ?? null,
  query.limit,
];

/** Open ones, most urgent first. */
export async function listOpen(tx: Tx, query: ListQuery): Promise<Review[]> {
  const { rows } = await tx.query<Review>(
    `select ${COLUMNS} from reviews
     where state = 'open' and ($1::text is null or subject = $1)
       and ($2::timestamptz is null or (date_trunc('milliseconds', due_at), id) > ($2, $3::bigint))
     order by date_trunc('milliseconds', due_at), id limit $4`,
    after(query),
  );
  return rows;
}

/** Closed ones, newest first. */
export async function listClosed(tx: Tx, query: ListQuery): Promise<Review[]> {
  const { rows } = await tx.query<Review>(
    `select ${COLUMNS} from reviews
     where state <> 'open' and ($1::text is null or subject = $1)
       and ($2::timestamptz is null or (date_trunc('milliseconds', decided_at), id) < ($2, $3::bigint))
     order by date_trunc('milliseconds', decided_at) desc, id desc limit $4`,
    after(query),
  );
  return rows;
}

export async function countReviews(tx: Tx, open: boolean, subject: ReviewSubject | null): Promise<number> {
  const { rows } = await tx.query<{ total: number }>(
    `select count(*)::int as total from reviews where (state = 'open') = $1 and ($2::text is null or subject = $2)`,
    [open, subject],
  );
  return rows[0]!.total;
}
