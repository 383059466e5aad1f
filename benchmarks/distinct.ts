/** Counts which running numbers have been seen, when, and tells when a number of distinct ones is reached. */

import { monotonicMs } from './monotonic.ts';

export interface DistinctCounter {
  see(running: number): void;
  /** Resolves with the monotonic time at which `distinct` different numbers had been seen. */
  whenDistinct(distinct: number): Promise<number>;
  counts(): { distinct: number; repeated: number; strangers: number };
  /** First sight of each running number on the monotonic clock, 0 where unseen. */
  firstSeenMs(first: number, count: number): Float64Array;
}

/** Running numbers from 0 up to this are counted, others are strangers. */
const CAPACITY = 4_000_000;

export function createDistinctCounter(): DistinctCounter {
  const seenAtMs = new Float64Array(CAPACITY);
  const waiting: { distinct: number; resolve: (atMs: number) => void }[] = [];
  let distinct = 0;
  let repeated = 0;
  let strangers = 0;
  return {
    see(running) {
      if (!(running >= 0 && running < CAPACITY)) {
        strangers += 1;
        return;
      }
      if (seenAtMs[running] !== 0) {
        repeated += 1;
        return;
      }
      const now = monotonicMs();
      seenAtMs[running] = now;
      distinct += 1;
      while (waiting[0] && waiting[0].distinct <= distinct) waiting.shift()?.resolve(now);
    },
    whenDistinct(wanted) {
      if (distinct >= wanted) return Promise.resolve(monotonicMs());
      const { promise, resolve } = Promise.withResolvers<number>();
      waiting.push({ distinct: wanted, resolve });
      waiting.sort((one, other) => one.distinct - other.distinct);
      return promise;
    },
    counts: () => ({ distinct, repeated, strangers }),
    firstSeenMs: (first, count) => seenAtMs.slice(first, first + count),
  };
}

/** What the orchestrating process may ask of a counting process, and the answers. */
export type CounterCommand =
  | { readonly type: 'await'; readonly distinct: number }
  | { readonly type: 'count' }
  | { readonly type: 'times'; readonly first: number; readonly count: number };

export type CounterEvent =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'reached'; readonly atMs: number }
  | {
      readonly type: 'counted';
      readonly distinct: number;
      readonly repeated: number;
      readonly strangers: number;
    }
  | { readonly type: 'times'; readonly seenAtMs: Float64Array };

/** Answers the parent process about `counter` over the IPC channel; the process ends with its parent. */
export function serveCounter(counter: DistinctCounter, port: number): void {
  const tell = (event: CounterEvent) => process.send?.(event);
  process.on('message', (command: CounterCommand) => {
    if (command.type === 'await') {
      void counter.whenDistinct(command.distinct).then((atMs) => tell({ type: 'reached', atMs }));
    } else if (command.type === 'count') {
      tell({ type: 'counted', ...counter.counts() });
    } else {
      tell({ type: 'times', seenAtMs: counter.firstSeenMs(command.first, command.count) });
    }
  });
  process.on('disconnect', () => process.exit(0));
  tell({ type: 'listening', port });
}
