export { createReviewBook, type ReviewBook, type ReviewRequest } from './book.ts';
export { REVIEW_ERRORS } from './errors.ts';
export {
  APPROVAL_STATES,
  type ApprovalEvent,
  type ApprovalState,
  type DescribedReview,
  type Description,
  FORM_REVIEW_MS,
  nextApprovalState,
  REVIEW_SUBJECTS,
  type Review,
  type ReviewDecision,
  type ReviewFacts,
  type ReviewSpan,
  type ReviewState,
  type ReviewSubject,
} from './model.ts';
export {
  type Approvals,
  createApprovals,
  type DecisionEffect,
  type Describe,
  type ReviewQuery,
} from './service.ts';
