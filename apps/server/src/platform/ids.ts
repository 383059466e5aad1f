import type { Clock } from './clock.ts';

/** 2025-01-01T00:00:00Z: ids of the next decades have 18 or 19 digits, as a BizId of the wire has. */
export const ID_EPOCH_MS = 1_735_689_600_000;
const SEQUENCE_BITS = 12n;
const NODE_BITS = 10n;
const TIME_SHIFT = SEQUENCE_BITS + NODE_BITS;
const SEQUENCES_PER_MS = 1 << Number(SEQUENCE_BITS);

/** A decimal string of a positive 63-bit integer, growing with time: 41 bits ms, 12 bits sequence, 10 bits node. */
export type Id = string;

export type Ids = {
  next(): Id;
  /** `count` ids of which each is the one before plus a fixed stride; the first names the whole run. */
  run(count: number): Id[];
};

/**
 * Ids of one process. `node` (0..1023) is leased in table `processes`, so that no two processes share it. When the
 * clock steps back the last time is kept; when a millisecond is full the next one is borrowed.
 */
export function createIds(node: number, clock: Clock): Ids {
  let lastMs = 0;
  let sequence = 0;
  const low = BigInt(node);
  const next = (): Id => {
    const ms = clock.now() - ID_EPOCH_MS;
    if (ms > lastMs) {
      lastMs = ms;
      sequence = 0;
    } else if (++sequence === SEQUENCES_PER_MS) {
      lastMs += 1;
      sequence = 0;
    }
    return ((BigInt(lastMs) << TIME_SHIFT) | (BigInt(sequence) << NODE_BITS) | low).toString();
  };
  return { next, run: (count) => Array.from({ length: count }, next) };
}

/** The smallest id that a message of this instant can have: turns a time window into an id range. */
export function firstIdAt(ms: number): Id {
  return (BigInt(Math.max(0, Math.floor(ms) - ID_EPOCH_MS)) << TIME_SHIFT).toString();
}

/** The instant, in ms, at which an id was made. */
export function timeOfId(id: Id): number {
  return Number(BigInt(id) >> TIME_SHIFT) + ID_EPOCH_MS;
}
