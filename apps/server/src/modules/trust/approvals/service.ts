import type { Database, Tx } from '../../../platform/db.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import { actorOf, type Principal } from '../access/public.ts';
import type { MakeChange, OpenLog } from '../audit/public.ts';
import { appendLapsed } from './book.ts';
import { REVIEW_ERRORS } from './errors.ts';
import {
  type DescribedReview,
  type Description,
  nextReviewState,
  type Review,
  type ReviewDecision,
  type ReviewSubject,
  readCursor,
  writeCursor,
} from './model.ts';
import {
  countReviews,
  findOpenReview,
  findOverdueMessages,
  findReview,
  lapseReviews,
  listClosed,
  listOpen,
  lockReview,
  storeDecision,
} from './store.ts';

/** The effect of a decision, in its transaction. A DomainError undoes the decision too. */
export type DecisionEffect<Value> = (
  tx: Tx,
  log: OpenLog,
  review: Review,
  decision: ReviewDecision,
  now: number,
) => Promise<Value>;

/** Describes subjects of one kind by id; what is gone is left out. */
export type Describe = (
  subjects: readonly { tenantId: string; subjectId: string }[],
) => Promise<ReadonlyMap<string, Description>>;

export type ReviewQuery = {
  state: 'open' | 'decided';
  subject?: ReviewSubject | undefined;
  cursor?: string | undefined;
  limit: number;
};

export type Approvals = {
  /** Errors: review.not_found, decided_already, reason_missing, not_yours, and those of the effect. */
  decide(wanted: {
    reviewId: string;
    principal: Principal;
    approve: boolean;
    reason: string;
  }): Promise<DescribedReview>;
  list(query: ReviewQuery): Promise<{ items: DescribedReview[]; total: number; next: string | null }>;
  /** What a review is about. Errors: review.not_found. */
  subjectOf(reviewId: string): Promise<Pick<Review, 'tenantId' | 'subject' | 'subjectId'>>;
  /** Id of the open review about a subject, for those who know the subject only. */
  findOpen(subject: ReviewSubject, subjectId: string): Promise<string | undefined>;
  /** Job: closes the reviews of messages that are past their time; returns how many. */
  lapse(now: number): Promise<number>;
};

type Values = Record<ReviewSubject, unknown>;

const LAPSE_BATCH = 500;
const NO_DESCRIPTION: Omit<Description, 'title'> = { facts: {}, text: null, spans: [] };

/**
 * The desk where people decide. `onDecision` holds each subject's effect, run in the decision's transaction;
 * `afterDecision` is given what the effect returned, once that transaction is durable.
 */
export function createApprovals<V extends Values>(deps: {
  db: Database;
  makeChange: MakeChange;
  onDecision: { readonly [S in keyof V]: DecisionEffect<V[S]> };
  afterDecision: { readonly [S in keyof V]?: (value: V[S]) => void };
  describe: Readonly<Record<ReviewSubject, Describe>>;
  tenantNames(tenantIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
}): Approvals {
  const described = async (reviews: readonly Review[]): Promise<DescribedReview[]> => {
    const names = await deps.tenantNames([...new Set(reviews.map((review) => review.tenantId))]);
    const bySubject = new Map<ReviewSubject, ReadonlyMap<string, Description>>();
    for (const subject of new Set(reviews.map((review) => review.subject))) {
      bySubject.set(
        subject,
        await deps.describe[subject](reviews.filter((review) => review.subject === subject)),
      );
    }
    return reviews.map((review) => ({
      ...review,
      ...(bySubject.get(review.subject)?.get(review.subjectId) ?? {
        ...NO_DESCRIPTION,
        title: review.subjectId,
      }),
      tenantName: names.get(review.tenantId) ?? review.tenantId,
    }));
  };

  const decideAs = async <S extends ReviewSubject>(
    subject: S,
    found: Review,
    person: { actor: string; name: string },
    approve: boolean,
    reason: string,
  ): Promise<Review> => {
    const { review, value } = await deps.makeChange({
      tenants: [found.tenantId],
      async run(tx, log, now) {
        const current = await lockReview(tx, found.id);
        const state = current && nextReviewState(current.state, approve ? 'approve' : 'reject');
        if (current === undefined || state === undefined) {
          throw new DomainError(
            REVIEW_ERRORS.decidedAlready,
            'This review is closed already; look at the list again.',
          );
        }
        const at = new Date(now);
        const kept = reason === '' ? null : reason;
        await storeDecision(tx, { id: found.id, state, at, by: person.name, reason: kept });
        log.append({
          action: approve ? 'review.approved' : 'review.rejected',
          actor: person.actor,
          tenantId: found.tenantId,
          subject: `rev_${found.id}`,
          facts: { subject, subjectId: found.subjectId },
        });
        const review: Review = { ...current, state, decidedAt: at, decidedBy: person.name, reason: kept };
        const decision: ReviewDecision = { approve, reason, actor: person.actor };
        return { review, value: await deps.onDecision[subject](tx, log, review, decision, now) };
      },
    });
    deps.afterDecision[subject]?.(value);
    return review;
  };

  const find = async (reviewId: string): Promise<Review> => {
    const found = await deps.db.sweep((tx) => findReview(tx, reviewId));
    if (found === undefined) {
      throw new DomainError(REVIEW_ERRORS.notFound, 'There is no such review; look at the list again.');
    }
    return found;
  };

  return {
    async decide({ reviewId, principal, approve, reason }) {
      // Policy decides who reviews; that a tenant never decides about itself does not hang on a policy.
      if (principal.kind !== 'user' || principal.role === 'tenant') {
        throw new DomainError(
          REVIEW_ERRORS.notYours,
          'Reviews are decided by the operator and its reviewers only.',
        );
      }
      const words = reason.trim();
      if (!approve && words === '') {
        throw new DomainError(
          REVIEW_ERRORS.reasonMissing,
          'Say why it is rejected, so that the tenant can mend it.',
        );
      }
      const found = await find(reviewId);
      const person = { actor: actorOf(principal), name: principal.name };
      const [review] = await described([await decideAs(found.subject, found, person, approve, words)]);
      return review!;
    },
    async list({ state, subject = null, cursor, limit }) {
      const position = cursor === undefined ? null : readCursor(cursor);
      if (position === undefined) {
        throw new DomainError(
          REVIEW_ERRORS.badCursor,
          'The cursor is not one of this list; begin again without it.',
        );
      }
      const { rows, total } = await deps.db.sweep(async (tx) => {
        const query = { subject, after: position, limit: limit + 1 };
        return {
          rows: await (state === 'open' ? listOpen(tx, query) : listClosed(tx, query)),
          total: await countReviews(tx, state === 'open', subject),
        };
      });
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      const at = last && (state === 'open' ? last.dueAt : (last.decidedAt ?? last.openedAt));
      return {
        items: await described(shown),
        total,
        next: last && at ? writeCursor({ atMs: at.getTime(), id: last.id }) : null,
      };
    },
    subjectOf: find,
    findOpen: (subject, subjectId) => deps.db.sweep((tx) => findOpenReview(tx, subject, subjectId)),
    async lapse(now) {
      let total = 0;
      for (;;) {
        const overdue = await deps.db.sweep((tx) => findOverdueMessages(tx, new Date(now), LAPSE_BATCH));
        if (overdue.length === 0) return total;
        const closed = await deps.makeChange({
          tenants: [...new Set(overdue.map((review) => review.tenantId))],
          async run(tx, log, at) {
            const ids = overdue.map((review) => review.id);
            const lapsed = await lapseReviews(tx, ids, new Date(at));
            appendLapsed(log, lapsed);
            return lapsed.length;
          },
        });
        total += closed;
        if (overdue.length < LAPSE_BATCH) return total;
      }
    },
  };
}
