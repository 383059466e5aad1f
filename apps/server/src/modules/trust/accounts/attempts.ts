/** Counts tries of one kind in windows of fixed length, in bounded memory. */
export type Attempts = {
  /** Counts one try; false when the window of this key is full. */
  take(key: string, now: number): boolean;
  /** A try that turned out to be right does not count. */
  giveBack(key: string, now: number): void;
};

type Window = { startedAt: number; count: number };

/**
 * At most `limit` tries a key in `windowMs`. A try counts before its answer is known, so that many at once cannot pass.
 * Beyond `maxKeys` the oldest window goes: a flood of made-up names is what the limit by address is for.
 */
export function createAttempts(limit: number, windowMs: number, maxKeys: number): Attempts {
  const windows = new Map<string, Window>();
  const current = (key: string, now: number): Window | undefined => {
    const window = windows.get(key);
    return window !== undefined && now - window.startedAt < windowMs ? window : undefined;
  };
  return {
    take(key, now) {
      const window = current(key, now);
      if (window !== undefined) {
        if (window.count >= limit) return false;
        window.count += 1;
        return true;
      }
      windows.delete(key);
      if (windows.size >= maxKeys) windows.delete(windows.keys().next().value as string);
      windows.set(key, { startedAt: now, count: 1 });
      return true;
    },
    giveBack(key, now) {
      const window = current(key, now);
      if (window !== undefined && --window.count <= 0) windows.delete(key);
    },
  };
}
