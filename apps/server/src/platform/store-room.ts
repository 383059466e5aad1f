import { statfs } from 'node:fs/promises';
import type { Log } from './telemetry.ts';

/** PostgreSQL: disk_full, insufficient_resources as a class (Appendix A); the file system's own words for the same. */
const FULL_CODES: readonly string[] = ['53100', 'ENOSPC', 'EDQUOT'];

export const isOutOfRoom = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && FULL_CODES.includes(String(error.code));

/** Two files of PostgreSQL's write-ahead log: when not even those fit, it ends itself (PANIC) with the next one. */
const LEAST_OCTETS = 32 * 1024 * 1024;
/** How long a failure tells something: the jobs of the worker try again more often. */
const TELLING_MS = 10_000;

export type RoomWatch = {
  /** The log, in which thousands of failures for one full disk are one line every ten seconds. */
  readonly log: Log;
  /** A commit was stored. */
  stored(): void;
  /** Whether the store takes more: no commit failed for want of room, and there is room for the next. */
  hasRoom(): Promise<boolean>;
};

/** @param dataDir folder of the embedded database; null when the store is elsewhere, where only failures tell */
export function watchRoom(deps: { log: Log; now(): number; dataDir: string | null }): RoomWatch {
  const { log, now, dataDir } = deps;
  let failedAt = Number.NEGATIVE_INFINITY;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    log: {
      ...log,
      fault(event, error, facts) {
        if (!isOutOfRoom(error)) return log.fault(event, error, facts);
        failedAt = now();
        if (failedAt - toldAt < TELLING_MS) return;
        toldAt = failedAt;
        log.warn('store.full', { event, setting: dataDir === null ? 'DATABASE_URL' : '--data' });
      },
    },
    stored() {
      failedAt = Number.NEGATIVE_INFINITY;
    },
    async hasRoom() {
      if (now() - failedAt < TELLING_MS) return false;
      if (dataDir === null) return true;
      const { bavail, bsize } = await statfs(dataDir);
      return bavail * bsize >= LEAST_OCTETS;
    },
  };
}
