/** Milliseconds since 1970, UTC. Passed as an argument everywhere below the composition root. */
export type Clock = { now(): number };

export const systemClock: Clock = { now: () => Date.now() };

/** Seconds that are never set back, for durations; their zero means nothing. */
export const monotonicSeconds = (): number => performance.now() / 1000;
