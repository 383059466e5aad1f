/**
 * How fast one link may send: a token bucket that ESME_RTHROTTLED slows down and time speeds up again.
 * Pure arithmetic: `now` is milliseconds and never goes back.
 */
export type Pace = {
  /** Whole messages that may go at `now`; 0 while the link is paused. Infinity without a limit. */
  available(now: number): number;
  /** Counts `messages` as sent. */
  take(messages: number, now: number): void;
  /** The peer said "throttled": pause, then continue at half the rate that provoked it. */
  throttled(now: number): void;
  isPaused(now: number): boolean;
  /** When at least one message may go; `now` or earlier if it may already. */
  availableAt(now: number): number;
  /** The rate in force, messages a second; Infinity without a limit. */
  currentPerSecond(): number;
};

/** A carrier counts per second, so a second's silence makes good for what provoked it. */
export const THROTTLE_PAUSE_MS = 1_000;
/** Additive-increase would take minutes from 1/s to 5,000/s; 10 % a second takes 90 s at most. */
const RECOVERY_PER_SECOND = 1.1;
/** After a minute without a complaint the configured rate applies again. */
const FULL_RECOVERY_MS = 60_000;
/** The bucket holds a tenth of a second: bursts that a per-second counter cannot see. */
const BURST_SECONDS = 0.1;

/** @param perSecond configured limit; 0 = unlimited */
export const createPace = (perSecond: number): Pace => {
  const limit = perSecond > 0 ? perSecond : Number.POSITIVE_INFINITY;
  const burstOf = (rate: number) => Math.max(1, rate * BURST_SECONDS);
  let rate = limit;
  let tokens = burstOf(limit);
  let refilledAt: number | null = null;
  let pausedUntil = Number.NEGATIVE_INFINITY;
  let throttledAt = Number.NEGATIVE_INFINITY;
  let steppedAt = 0;
  // The rate that provoked a complaint when there is no configured one: messages in the second begun at `countedAt`.
  let countedAt = 0;
  let counted = 0;
  let countedBefore = 0;

  const refill = (now: number): void => {
    if (rate < limit && now > pausedUntil) {
      if (now - throttledAt >= FULL_RECOVERY_MS) {
        rate = limit;
        tokens = Math.min(tokens, burstOf(limit));
      } else {
        const steps = Math.floor((now - steppedAt) / 1_000);
        if (steps > 0) {
          rate = Math.min(limit, rate * RECOVERY_PER_SECOND ** steps);
          steppedAt += steps * 1_000;
        }
      }
    }
    if (rate === Number.POSITIVE_INFINITY) {
      tokens = rate;
    } else {
      const from = Math.max(refilledAt ?? now, pausedUntil);
      if (now > from) tokens = Math.min(burstOf(rate), tokens + ((now - from) * rate) / 1_000);
    }
    refilledAt = now;
  };

  return {
    available(now) {
      if (now < pausedUntil) return 0;
      refill(now);
      // One part in 10^9: 1/3 s times 3/s must be a message, not 0.9999999999.
      return Math.floor(tokens + 1e-9);
    },
    take(messages, now) {
      refill(now);
      tokens -= messages;
      if (now - countedAt >= 1_000) {
        countedBefore = now - countedAt < 2_000 ? counted : 0;
        countedAt = now;
        counted = 0;
      }
      counted += messages;
    },
    throttled(now) {
      // The answers of one window come together; they are one complaint.
      if (now < pausedUntil) return;
      refill(now);
      const provoking = Math.min(rate, Math.max(counted, countedBefore, 2));
      rate = Math.max(1, provoking / 2);
      tokens = 1;
      pausedUntil = now + THROTTLE_PAUSE_MS;
      throttledAt = now;
      steppedAt = pausedUntil;
    },
    isPaused: (now) => now < pausedUntil,
    availableAt(now) {
      if (now < pausedUntil) return pausedUntil;
      refill(now);
      return tokens + 1e-9 >= 1 ? now : now + Math.ceil(((1 - tokens) * 1_000) / rate);
    },
    currentPerSecond: () => rate,
  };
};
