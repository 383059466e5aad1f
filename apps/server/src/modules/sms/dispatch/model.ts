import type { Outcome } from '../carriers/public.ts';

/** What the carrier said of each segment of one attempt, in order of the segments. */
export type AttemptOutcome = readonly Outcome[];

export type Conclusion =
  | { kind: 'submitted' }
  /** Some segment may or may not be with the carrier: never sent again blindly. */
  | { kind: 'in_doubt' }
  | { kind: 'retry'; notBefore: number }
  | { kind: 'failed'; errCode: string };

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
export const MAX_ATTEMPTS = 8;

/**
 * One conclusion from all segments: unknown outweighs all; a message of which nothing was taken may be tried again while
 * it is of use; one of which a part was taken is not (the receiver would get the part twice).
 */
export function conclude(
  outcomes: AttemptOutcome,
  attempt: number,
  now: number,
  expiresAt: number,
): Conclusion {
  if (outcomes.some((outcome) => outcome.kind === 'unknown')) return { kind: 'in_doubt' };
  const rejected = outcomes.filter((outcome) => outcome.kind === 'rejected');
  if (rejected.length === 0) return { kind: 'submitted' };
  const errCode = statusCode(rejected[0]!.status);
  const nothingTaken = rejected.length === outcomes.length;
  if (!nothingTaken || attempt >= MAX_ATTEMPTS || !rejected.every((outcome) => outcome.retryable)) {
    return { kind: 'failed', errCode };
  }
  const notBefore = now + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1));
  return notBefore < expiresAt ? { kind: 'retry', notBefore } : { kind: 'failed', errCode };
}

/** A segment as it is stored: an outcome of its submit, or the fate that its receipt told. */
export type SegmentState = Outcome['kind'] | 'delivered' | 'undelivered' | 'expired';

/**
 * What an answer that came after its timeout means for a message in doubt, from the states of all segments of its
 * attempt, that answer included. By the rules of `conclude`: unknown outweighs all, then a refused segment fails the
 * message at once. It is never tried again, even where the carrier now says that it took nothing: the answer is too late
 * to act on. `clear` when nothing is unknown any more: only receipts are missing, as after any submit.
 */
export function concludeLate(states: readonly SegmentState[]): 'in_doubt' | 'fail' | 'clear' {
  if (states.includes('unknown')) return 'in_doubt';
  return states.includes('rejected') ? 'fail' : 'clear';
}

/** The outcome of one segment of an attempt, as it is stored. */
export type SegmentWrite = {
  tenantId: string;
  messageId: string;
  attempt: number;
  segment: number;
  /** Null for what another server may have sent (restored-queue.ts). */
  carrierId: string | null;
  state: 'accepted' | 'rejected' | 'unknown';
  carrierKey: string | null;
  carrierMessageId: string | null;
  status: string | null;
  route: string;
  /** ms */
  intendedAt: number;
};

/** An attempt of which nobody knows what became of its segments. */
export type LostAttempt = Pick<
  SegmentWrite,
  'tenantId' | 'messageId' | 'attempt' | 'route' | 'intendedAt'
> & {
  segmentCount: number;
  /** Null when not even the carrier is known. */
  carrierId: string | null;
  /** Why nobody knows. */
  status: 'process_lost' | 'restored';
};

/** Each of its segments with the outcome unknown: the carrier may have any of them, so a receipt may come for any. */
export const unknownSegments = ({ segmentCount, ...lost }: LostAttempt): SegmentWrite[] =>
  Array.from({ length: segmentCount }, (_, place) => ({
    ...lost,
    segment: place + 1,
    state: 'unknown',
    carrierKey: null,
    carrierMessageId: null,
  }));

/** A command_status as receipts of the wire name it, e.g. `SMPP:0058`. */
export const statusCode = (status: number): string =>
  `SMPP:${status.toString(16).toUpperCase().padStart(4, '0')}`;
