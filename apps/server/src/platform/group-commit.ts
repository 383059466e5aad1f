import type { Connection, Rows, Statement, Tx } from './db.ts';
import { tenantsStatement } from './db.ts';

/** What a lane sees of the one transaction that it shares with the others. */
export type Flush<Log> = {
  readonly tx: Tx;
  /** Milliseconds, one value for the whole flush. */
  readonly now: number;
  /** The audit log's side of the flush: appended entries get their index at once. */
  readonly log: Log;
  /** A write whose answer the lane does not need: it must hold for the commit, and nobody waits for it before. */
  later(write: Promise<unknown>): void;
  /** Widens row-level security of this transaction, for a lane that learns its tenants by reading. */
  addTenants(ids: Iterable<string>): Promise<void>;
};

/**
 * One kind of work in the group commit. All items waiting are run together in one transaction; `run` gives one result
 * an item, in order. `committed` runs after the commit is durable, in the same turn in which the callers are resolved: the
 * hand-over to what happens next in this process.
 */
export type Lane<Item, Result, Log, Read = unknown> = {
  readonly name: string;
  tenantsOf(item: Item): Iterable<string>;
  /** What the lane wants to know, asked in the same round trip as `begin`; it sees all commits before this one. */
  read?(tx: Tx, items: readonly Item[], now: number): Promise<Read>;
  run(flush: Flush<Log>, items: readonly Item[], read: Read): Promise<Result[]>;
  committed?(items: readonly Item[], results: readonly Result[]): void;
};

/** Opens and closes the audit log within the transaction; its row lock makes all group commits of all processes one sequence. */
export type Sequencer<Log> = {
  /** The statement that locks the head; sent in the same round trip as `begin`. It returns one row. */
  readonly lockStatement: Statement;
  open(headRow: Record<string, unknown>, now: number): Log;
  /** Position to come back to when a part of the flush is undone. */
  mark(log: Log): unknown;
  rewind(log: Log, mark: unknown): void;
  store(tx: Tx, log: Log): Promise<void>;
  committed(log: Log): void;
};

export type GroupCommit<Log> = {
  lane<Item, Result, Read>(lane: Lane<Item, Result, Log, Read>): (item: Item) => Promise<Result>;
  /** Resolves when nothing waits and nothing is in flight. */
  drain(): Promise<void>;
  close(): Promise<void>;
  /** A lane's `committed` threw; its work is stored and its callers are answered. */
  onFault: (error: unknown) => void;
  /** Called after each flush. */
  onFlush: (facts: { items: number; seconds: number; commitSeconds: number }) => void;
};

type Waiting<Item, Result> = { item: Item; resolve(result: Result): void; reject(error: unknown): void };
// A lane's types are its own; the queue keeps them together by construction in `lane`.
type Queue<Log> = {
  lane: Lane<unknown, unknown, Log>;
  waiting: Waiting<unknown, unknown>[];
};
type Taken<Log> = { lane: Lane<unknown, unknown, Log>; jobs: Waiting<unknown, unknown>[] };

/** A transaction that has begun: its lock and its lanes' questions are on the way. */
type Opened<Log> = {
  taken: Taken<Log>[];
  tx: Connection;
  tenants: Set<string>;
  now: number;
  startedAt: number;
  /** Every statement of this transaction: all have answered before it is given up, so none runs outside of it. */
  asked: Promise<unknown>[];
  ask<T>(statement: Promise<T>): Promise<T>;
  locked: Promise<Rows<Record<string, unknown>>>;
  reads: (Promise<unknown> | undefined)[];
};

/**
 * A following transaction goes out behind the commit of the one before once this many wait, and as many as that one took:
 * with few, an early one only makes the next wait longer.
 */
const BUSY_ITEMS = 32;

/** The store could not be reached or the commit's answer was lost: whether it holds is unknown to the caller. */
export class CommitUncertain extends Error {
  override readonly name = 'CommitUncertain';
}

/**
 * Micro-batched durable commits over one connection: everything that waits goes into one transaction with one fsync
 * (measured on this kind of disk: 379 single fsyncs/s, 45 k records/s at 200 a sync; reference/gateway-lessons §7.3).
 * A failing item is found by running its flush again item by item, so that it fails alone.
 */
export function createGroupCommit<Log>(deps: {
  connect(): Promise<Connection>;
  sequencer: Sequencer<Log>;
  now(): number;
  /** Seconds of a monotonic clock, for the step times. */
  seconds(): number;
  maxItems: number;
}): GroupCommit<Log> {
  const queues: Queue<Log>[] = [];
  let connection: Connection | undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  const suspects: Taken<Log>[] = [];
  let awaited: { items: number; enough(): void } | undefined;
  const queued = (): number => queues.reduce((sum, queue) => sum + queue.waiting.length, suspects.length);

  const take = (): Taken<Log>[] => {
    const taken: Taken<Log>[] = [];
    for (const queue of queues) {
      if (queue.waiting.length === 0) continue;
      taken.push({ lane: queue.lane, jobs: queue.waiting.splice(0, deps.maxItems) });
    }
    return taken;
  };

  /** Begins the transaction of what was taken and asks what its lanes want to know. */
  const open = async (taken: Taken<Log>[]): Promise<Opened<Log>> => {
    if (connection === undefined || connection.broken) {
      await connection?.close().catch(() => undefined);
      connection = await deps.connect();
    }
    return opened(connection, taken, deps);
  };

  /** Runs an opened transaction to its end; `sent` is called when its commit is on the way, before it is answered. */
  const finish = async (
    { taken, tx, tenants, now, startedAt, asked, ask, locked, reads }: Opened<Log>,
    sent: () => void,
  ): Promise<(() => void)[]> => {
    let committing = false;
    try {
      const log = deps.sequencer.open((await locked).rows[0]!, now);
      const writes: Promise<unknown>[] = [];
      const flush: Flush<Log> = {
        tx,
        now,
        log,
        later: (write) => void writes.push(ask(write)),
        async addTenants(ids) {
          const before = tenants.size;
          for (const id of ids) tenants.add(id);
          if (tenants.size > before) flush.later(tx.query(...setTenants(tenants)));
        },
      };
      const finished: (() => void)[] = [];
      for (const [i, { lane, jobs }] of taken.entries()) {
        const items = jobs.map((job) => job.item);
        const results = await ask(lane.run(flush, items, await reads[i]));
        finished.push(() => {
          jobs.forEach((job, place) => {
            job.resolve(results[place]);
          });
          lane.committed?.(items, results);
        });
      }
      const written = deps.seconds();
      flush.later(deps.sequencer.store(tx, log));
      // A commit after a failed statement rolls back and says so as a success: the statements are asked too.
      const committed = ask(tx.query('commit'));
      committing = true;
      sent();
      await Promise.all([...writes, committed]);
      deps.sequencer.committed(log);
      const ended = deps.seconds();
      group.onFlush({
        items: taken.reduce((sum, part) => sum + part.jobs.length, 0),
        seconds: ended - startedAt,
        commitSeconds: ended - written,
      });
      return finished;
    } catch (error) {
      await Promise.all(asked);
      if (tx.broken) {
        if (connection === tx) connection = undefined;
        await tx.close().catch(() => undefined);
        throw new CommitUncertain('the store was lost during a commit', { cause: error });
      }
      // After its commit was sent the transaction is over, and the connection is the next one's.
      if (!committing) {
        await tx.query('rollback').catch(() => {
          if (connection === tx) connection = undefined;
          return tx.close().catch(() => undefined);
        });
      }
      throw error;
    }
  };

  /** Runs one transaction; its callers are answered, or its jobs wait to be tried one by one. */
  const flush = async (transaction: Opened<Log>, sent: () => void): Promise<void> => {
    let finished: (() => void)[];
    try {
      finished = await finish(transaction, sent);
    } catch (error) {
      reject(transaction.taken, error);
      return;
    }
    // Durable now: whatever goes wrong from here on must not run the work again.
    for (const finish of finished) {
      try {
        finish();
      } catch (error) {
        group.onFault(error);
      }
    }
  };

  const reject = (taken: Taken<Log>[], error: unknown): void => {
    const jobs = taken.flatMap((part) => part.jobs.map((job) => ({ lane: part.lane, jobs: [job] })));
    if (jobs.length > 1 && !(error instanceof CommitUncertain)) suspects.push(...jobs);
    else fail(taken, error);
  };

  const fail = (taken: readonly Taken<Log>[], error: unknown): void => {
    for (const part of taken) for (const job of part.jobs) job.reject(error);
  };

  /** What failed together is tried one by one, before anything new. */
  const next = (): Taken<Log>[] => {
    const suspect = suspects.shift();
    return suspect === undefined ? take() : [suspect];
  };

  const begin = async (taken: Taken<Log>[]): Promise<Opened<Log> | undefined> => {
    if (taken.length === 0) return undefined;
    try {
      return await open(taken);
    } catch (error) {
      // Nothing was asked yet: the store is away for all of them.
      fail(taken, error);
      return undefined;
    }
  };

  const run = async (): Promise<void> => {
    // Lets everything that this turn of the event loop brings into the same transaction.
    await new Promise((resolve) => setImmediate(resolve));
    for (let taken = next(); taken.length > 0; taken = next()) {
      let transaction = await begin(taken);
      while (transaction !== undefined) {
        let following: Promise<Opened<Log> | undefined> | undefined;
        // The next transaction goes out behind this one's commit, so that the store works while its answer travels;
        // or later, when enough waits: half-empty commits cost the store more than they gain.
        const size = transaction.taken.reduce((sum, part) => sum + part.jobs.length, 0);
        await flush(transaction, () => {
          awaited = {
            items: Math.max(BUSY_ITEMS, size),
            enough: () => {
              awaited = undefined;
              following = begin(next());
            },
          };
          if (queued() >= awaited.items) awaited.enough();
        });
        awaited = undefined;
        transaction = await following;
      }
    }
  };

  const wake = (): void => {
    running ??= run().finally(() => {
      running = undefined;
      if (queues.some((queue) => queue.waiting.length > 0)) wake();
    });
  };

  const group: GroupCommit<Log> = {
    lane<Item, Result, Read>(lane: Lane<Item, Result, Log, Read>) {
      const queue: Queue<Log> = { lane: lane as Lane<unknown, unknown, Log>, waiting: [] };
      queues.push(queue);
      return (item: Item) =>
        new Promise<Result>((resolve, reject) => {
          if (closed) {
            reject(new CommitUncertain('the group commit is closed'));
            return;
          }
          queue.waiting.push({ item, resolve: resolve as (result: unknown) => void, reject });
          if (awaited !== undefined && queued() >= awaited.items) awaited.enough();
          wake();
        });
    },
    async drain() {
      while (running !== undefined) await running;
    },
    async close() {
      closed = true;
      await group.drain();
      await connection?.close().catch(() => undefined);
    },
    onFlush: () => undefined,
    onFault: () => undefined,
  };
  return group;
}

const setTenants = (tenants: ReadonlySet<string>) => tenantsStatement([...tenants]);

/** Sends the begin, the lock and the questions of the lanes in one round trip. */
function opened<Log>(
  tx: Connection,
  taken: Taken<Log>[],
  deps: { sequencer: Sequencer<Log>; now(): number; seconds(): number },
): Opened<Log> {
  const tenants = new Set<string>();
  for (const { lane, jobs } of taken)
    for (const { item } of jobs) for (const id of lane.tenantsOf(item)) tenants.add(id);
  const now = deps.now();
  const startedAt = deps.seconds();
  const asked: Promise<unknown>[] = [];
  const ask = <T>(statement: Promise<T>): Promise<T> => {
    asked.push(statement.catch(() => undefined));
    return statement;
  };
  ask(tx.query('begin'));
  ask(tx.query(...setTenants(tenants)));
  const locked = ask(tx.query(deps.sequencer.lockStatement));
  const reads = taken.map(({ lane, jobs }) => {
    const items = jobs.map((job) => job.item);
    const read = lane.read?.(tx, items, now);
    return read === undefined ? undefined : ask(read);
  });
  return { taken, tx, tenants, now, startedAt, asked, ask, locked, reads };
}
