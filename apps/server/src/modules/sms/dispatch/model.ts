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

/** A command_status as receipts of the wire name it, e.g. `SMPP:0058`. */
export const statusCode = (status: number): string =>
  `SMPP:${status.toString(16).toUpperCase().padStart(4, '0')}`;
