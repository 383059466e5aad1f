import type { Tx } from '../../../platform/db.ts';
import type { Ids } from '../../../platform/ids.ts';
import type { OpenLog } from '../audit/public.ts';
import type { ReviewSubject } from './model.ts';
import { type ClosedReview, insertReviews, lapseOfSubjects } from './store.ts';

export type ReviewRequest = {
  subject: ReviewSubject;
  subjectId: string;
  tenantId: string;
  /** ms; forms: now + FORM_REVIEW_MS, messages: their own expiry. */
  dueAt: number;
};

/** Opens and closes reviews inside the transaction of the module whose subject they are about. */
export type ReviewBook = {
  /** Returns the review's id. */
  openReview(request: ReviewRequest, tx: Tx, log: OpenLog, now: number): Promise<string>;
  /** The same for many at once, for the commit lane: one statement. */
  openReviews(requests: readonly ReviewRequest[], tx: Tx, log: OpenLog, now: number): Promise<string[]>;
  /** For a subject that was withdrawn, changed or is over; nothing when no review is open. */
  closeReview(about: Omit<ReviewRequest, 'dueAt'>, tx: Tx, log: OpenLog, now: number): Promise<void>;
  closeReviews(
    subject: ReviewSubject,
    about: readonly { tenantId: string; subjectId: string }[],
    tx: Tx,
    log: OpenLog,
    now: number,
  ): Promise<void>;
};

export function createReviewBook(deps: { ids: Ids }): ReviewBook {
  const book: ReviewBook = {
    async openReview(request, tx, log, now) {
      const [id] = await book.openReviews([request], tx, log, now);
      return id!;
    },
    async openReviews(requests, tx, log, now) {
      if (requests.length === 0) return [];
      const openedAt = new Date(now);
      const opened = requests.map((request) => ({
        ...request,
        id: deps.ids.next(),
        openedAt,
        dueAt: new Date(request.dueAt),
      }));
      await insertReviews(tx, opened);
      for (const { id, tenantId, subject, subjectId } of opened) {
        log.append({
          action: 'review.opened',
          actor: 'system:approvals',
          tenantId,
          subject: `rev_${id}`,
          facts: { subject, subjectId },
        });
      }
      return opened.map(({ id }) => id);
    },
    closeReview: ({ subject, tenantId, subjectId }, tx, log, now) =>
      book.closeReviews(subject, [{ tenantId, subjectId }], tx, log, now),
    async closeReviews(subject, about, tx, log, now) {
      if (about.length === 0) return;
      const tenantIds = about.map(({ tenantId }) => tenantId);
      const subjectIds = about.map(({ subjectId }) => subjectId);
      appendLapsed(log, await lapseOfSubjects(tx, subject, tenantIds, subjectIds, new Date(now)));
    },
  };
  return book;
}

export function appendLapsed(log: OpenLog, closed: readonly ClosedReview[]): void {
  for (const { id, tenantId, subject, subjectId } of closed) {
    log.append({
      action: 'review.lapsed',
      actor: 'system:approvals',
      tenantId,
      subject: `rev_${id}`,
      facts: { subject, subjectId },
    });
  }
}
