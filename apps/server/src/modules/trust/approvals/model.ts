export type ReviewSubject = 'qualification' | 'signature' | 'template' | 'message';
export const REVIEW_SUBJECTS: readonly ReviewSubject[] = [
  'qualification',
  'signature',
  'template',
  'message',
];

export type ReviewState = 'open' | 'approved' | 'rejected' | 'lapsed';
export type ReviewEvent = 'approve' | 'reject' | 'lapse';

/** State of a review; one that is closed stays as it is. */
export const REVIEW_STATES: Readonly<Record<ReviewState, Partial<Record<ReviewEvent, ReviewState>>>> = {
  open: { approve: 'approved', reject: 'rejected', lapse: 'lapsed' },
  approved: {},
  rejected: {},
  lapsed: {},
};

export const nextReviewState = (state: ReviewState, event: ReviewEvent): ReviewState | undefined =>
  REVIEW_STATES[state][event];

/** State of what is applied for: qualifications, signatures, templates. */
export type ApprovalState = 'in_review' | 'approved' | 'rejected' | 'withdrawn';
/** `resubmit` changes an application that does not hold, `revise` one that does. */
export type ApprovalEvent = 'approve' | 'reject' | 'withdraw' | 'resubmit' | 'revise';

export const APPROVAL_STATES: Readonly<Record<ApprovalState, Partial<Record<ApprovalEvent, ApprovalState>>>> =
  {
    in_review: { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn', resubmit: 'in_review' },
    approved: { withdraw: 'withdrawn', revise: 'in_review' },
    rejected: { withdraw: 'withdrawn', resubmit: 'in_review' },
    withdrawn: { resubmit: 'in_review' },
  };

export const nextApprovalState = (state: ApprovalState, event: ApprovalEvent): ApprovalState | undefined =>
  APPROVAL_STATES[state][event];

/** A form is to be decided within two hours; a message before its own expiry. */
export const FORM_REVIEW_MS = 2 * 3_600_000;

export type Review = {
  id: string;
  tenantId: string;
  subject: ReviewSubject;
  subjectId: string;
  state: ReviewState;
  openedAt: Date;
  dueAt: Date;
  decidedAt: Date | null;
  /** Name of the person, for people; the audit log has the id. */
  decidedBy: string | null;
  reason: string | null;
};

/** What a module is told of a decision about its subject. */
export type ReviewDecision = { approve: boolean; reason: string; actor: string };

/** A place in the text with the reading that matched and the rule that it matched (contract, `evidence`). */
export type ReviewSpan = { start: number; end: number; restored: string; rule: string; label: string | null };

/**
 * What a reviewer is told of a subject, by name; codes and values, which the console puts into words (contract,
 * `reviewFacts`). Never a number of a phone in clear.
 */
export type ReviewFacts = {
  // a qualification
  company?: string;
  creditCode?: string;
  creditCodeCheck?: 'right' | 'wrong';
  legalPerson?: string;
  ownUse?: boolean;
  contactPhone?: string;
  // a signature
  source?: 'enterprise' | 'website' | 'app' | 'official_account' | 'shop' | 'trademark';
  use?: 'codes_only' | 'general';
  qualificationId?: string;
  thirdParty?: boolean;
  files?: number;
  // a template
  code?: string;
  /** Name → type of packages/sms-text. */
  variables?: Readonly<Record<string, string>>;
  relatedSignName?: string;
  trafficDriving?: string;
  screening?: 'pass' | 'review' | 'block';
  // a message
  signature?: string;
  template?: string;
  rules?: readonly string[];
  acceptedAt?: string;
  expiresAt?: string;
  // several
  kind?: 'code' | 'notice' | 'marketing' | 'international';
  labels?: readonly string[];
  applyScene?: string;
  remark?: string;
};

/** What a reviewer needs of a subject and no more. */
export type Description = {
  title: string;
  facts: ReviewFacts;
  text: string | null;
  spans: ReviewSpan[];
};

export type DescribedReview = Review & Description & { tenantName: string };

const CURSOR = /^(-?\d{1,16})\.(\d{1,19})$/;

/** Where a list goes on: after this instant (ms) and id, in the list's own order. */
export type Position = { atMs: number; id: string };

export const writeCursor = (position: Position): string => `${position.atMs}.${position.id}`;

/** Undefined for a cursor that is not one of ours. */
export function readCursor(cursor: string): Position | undefined {
  const parts = CURSOR.exec(cursor);
  return parts === null ? undefined : { atMs: Number(parts[1]), id: parts[2]! };
}
