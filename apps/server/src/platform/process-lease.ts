import type { Clock } from './clock.ts';
import type { Database, Tx } from './db.ts';
import { createIds, type Ids } from './ids.ts';

/** This process among those that share the store: its node number and its id, the owner of what it leases. */
export type ProcessLease = {
  ids: Ids;
  processId: string;
  /**
   * Tells that this process lives, and forgets those that stopped telling. Rejects with LeaseLost when this one was
   * forgotten, or may have been by the time its next beat is due; with the store's error while nobody can have taken its work.
   */
  beat(): Promise<void>;
  leave(): Promise<void>;
};

export const BEAT_MS = 5_000;
/** Four missed beats: a process that long without the store cannot have kept its leases. */
export const DEAD_AFTER_MS = 20_000;
const NODES = 1024;

/** The lease was given to another: this process was away for too long and must not go on. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * Takes the smallest free node number. `alone` says that no other process can use this store (the embedded one locks its
 * folder), so whatever stands in the table is dead.
 */
export async function joinProcesses(deps: {
  db: Database;
  clock: Clock;
  alone: boolean;
}): Promise<ProcessLease> {
  let toldAt = 0;
  const node = await deps.db.sweep(async (tx) => {
    await tx.query('lock table processes in exclusive mode');
    await forgetDead(tx, deps.alone ? deps.clock.now() + 1 : deps.clock.now() - DEAD_AFTER_MS);
    const { rows } = await tx.query<{ node: number }>('select node from processes');
    const taken = new Set(rows.map((row) => row.node));
    let free = 0;
    while (taken.has(free)) free++;
    if (free >= NODES) throw new Error('1024 processes share this store already');
    const ids = createIds(free, deps.clock);
    const processId = ids.next();
    toldAt = deps.clock.now();
    await tx.query('insert into processes (id, node, started_at, heartbeat_at) values ($1, $2, $3, $3)', [
      processId,
      free,
      new Date(toldAt),
    ]);
    return { ids, processId };
  });

  const tell = async (): Promise<void> => {
    const now = deps.clock.now();
    await deps.db.sweep(async (tx) => {
      const { rowCount } = await tx.query('update processes set heartbeat_at = $2 where id = $1', [
        node.processId,
        new Date(now),
      ]);
      if (rowCount === 0)
        throw new LeaseLost('this process was silent for too long; its work was given to others');
      await forgetDead(tx, now - DEAD_AFTER_MS);
    });
    toldAt = now;
  };

  return {
    ...node,
    async beat() {
      try {
        await tell();
      } catch (error) {
        const isSafe = deps.alone || deps.clock.now() - toldAt < DEAD_AFTER_MS - BEAT_MS;
        if (isSafe || error instanceof LeaseLost) throw error;
        throw new LeaseLost('the store was away for so long that others may have this work', {
          cause: error,
        });
      }
    },
    async leave() {
      await deps.db.sweep((tx) => tx.query('delete from processes where id = $1', [node.processId]));
    },
  };
}

async function forgetDead(tx: Tx, before: number): Promise<void> {
  await tx.query('delete from processes where heartbeat_at < $1', [new Date(before)]);
}
