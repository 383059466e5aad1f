import type { Receipt } from '@signet/carrier-protocols/smpp';

/** Final word on one segment. */
export type SegmentFate = 'delivered' | 'undelivered' | 'expired';

/** A receipt as it is kept until its segment is known. */
export type Report = {
  carrierId: string;
  /** Best first; the first is the id as written, the others are guesses about its form. */
  candidateKeys: readonly string[];
  /** Keyed digest of the number it speaks of, null when unreadable: a guess must agree with it. Made when asked for. */
  numberKey(): Buffer | null;
  fate: SegmentFate;
  /** Code for QuerySendDetails and the push: DELIVERED, or the carrier's word. */
  errCode: string;
};

const FATES: Readonly<Record<Receipt['state'], SegmentFate | null>> = {
  enroute: null,
  accepted: null,
  delivered: 'delivered',
  expired: 'expired',
  deleted: 'undelivered',
  undeliverable: 'undelivered',
  unknown: 'undelivered',
  rejected: 'undelivered',
};

/** SMPP's word for each state (v3.4 appendix B), as Chinese receipts name it too. */
const WORDS: Readonly<Record<Receipt['state'], string>> = {
  enroute: 'ENROUTE',
  accepted: 'ACCEPTD',
  delivered: 'DELIVERED',
  expired: 'EXPIRED',
  deleted: 'DELETED',
  undeliverable: 'UNDELIV',
  unknown: 'UNKNOWN',
  rejected: 'REJECTD',
};

/** Undefined for a step on the way. `DELIVERED` is success on the wire, not SMPP's DELIVRD (reference §8). */
export function readReport(
  carrierId: string,
  receipt: Receipt,
  numberKey: () => Buffer | null,
): Report | undefined {
  const fate = FATES[receipt.state];
  if (fate === null) return undefined;
  const vendor = fate !== 'delivered' && /^[A-Z]{2}:\w+$/.test(receipt.errorCode) ? receipt.errorCode : null;
  return {
    carrierId,
    candidateKeys: receipt.candidateIds,
    numberKey,
    fate,
    errCode: vendor ?? WORDS[receipt.state],
  };
}

export type SegmentState = 'accepted' | 'rejected' | 'unknown' | SegmentFate;

/**
 * One final state from all segments: delivered when each is; failed as soon as none is outstanding and one failed.
 * Undefined while a receipt is still owed.
 */
export function finalFate(states: readonly SegmentState[], segmentCount: number): SegmentFate | undefined {
  if (states.length < segmentCount) return undefined;
  if (states.some((state) => state === 'accepted' || state === 'unknown')) return undefined;
  if (states.every((state) => state === 'delivered')) return 'delivered';
  return states.some((state) => state === 'undelivered' || state === 'rejected') ? 'undelivered' : 'expired';
}

const FIRST_LOOK_MS = 1_000;
const LONGEST_WAIT_MS = 600_000;
/** A receipt whose segment never turns up is given up after about a day, and stays counted. */
export const ORPHAN_TRIES = 150;

/**
 * From this look on, 15 s after it came, an orphan may settle a doubt by its number: until then the answer that names its
 * id may still be on its way (a submit waits 10 s for it).
 */
export const TRIES_BEFORE_DOUBT = 3;

/** When an orphan is looked up again. */
export const orphanNextAt = (tries: number, now: number): number =>
  now + Math.min(LONGEST_WAIT_MS, FIRST_LOOK_MS * 2 ** Math.min(tries, 20));
