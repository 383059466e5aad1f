import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  decodeFrontier,
  emptyTree,
  type Frontier,
  type LogVerdict,
  rootOf,
  signCheckpoint,
  verifierKey,
  verifyLog,
} from '@signet/merkle-log';
import type { Database, Tx } from '../../../platform/db.ts';
import type { Flush, GroupCommit } from '../../../platform/group-commit.ts';
import { LOG_ORIGIN, type LogState, type OpenLog, unpackEntries } from './model.ts';
import { auditSequencer } from './sequencer.ts';
import {
  type ChunkRow,
  readCheckpoints,
  readChunks,
  readHead,
  readNewestChunks,
  storeCheckpoint,
} from './store.ts';

/** A change of anything but messages: runs alone under a savepoint in the next group commit, with its audit entries. */
export type Change<T> = {
  tenants: readonly string[];
  /** `now` in ms. A thrown error undoes this change only and is given to the caller. */
  run(tx: Tx, log: OpenLog, now: number): Promise<T>;
};
export type MakeChange = <T>(change: Change<T>) => Promise<T>;

type Settled = { ok: true; value: unknown } | { ok: false; error: unknown };

/** The lane of changes. Register it after the lanes of sending: a form can wait for a message, not the other way. */
export function changeLane(
  commit: GroupCommit<LogState>,
  sequencer: { mark(log: LogState): unknown; rewind(log: LogState, mark: unknown): void },
): MakeChange {
  const submit = commit.lane<Change<unknown>, Settled, undefined>({
    name: 'changes',
    tenantsOf: (change) => change.tenants,
    async run(flush: Flush<LogState>, changes) {
      const settled: Settled[] = [];
      for (const change of changes) {
        const mark = sequencer.mark(flush.log);
        await flush.tx.query('savepoint change');
        try {
          settled.push({ ok: true, value: await change.run(flush.tx, flush.log, flush.now) });
          await flush.tx.query('release savepoint change');
        } catch (error) {
          await flush.tx.query('rollback to savepoint change; release savepoint change');
          sequencer.rewind(flush.log, mark);
          settled.push({ ok: false, error });
        }
      }
      return settled;
    },
  });
  return async <T>(change: Change<T>): Promise<T> => {
    const settled = await submit(change as Change<unknown>);
    if (!settled.ok) throw settled.error;
    return settled.value as T;
  };
}

/**
 * Changes of a command that has the store to itself and no group commit (restore): each locks the head, runs and appends
 * within `db`, so it shares the end of the caller's transaction where `db` is one.
 */
export function changesWithin(db: Database, now: () => number): MakeChange {
  const sequencer = auditSequencer(() => undefined);
  return (change) =>
    db.withTenants(change.tenants, async (tx) => {
      const at = now();
      const head = (await tx.query(sequencer.lockStatement)).rows[0]!;
      const log = sequencer.open(head, at);
      const done = await change.run(tx, log, at);
      await sequencer.store(tx, log);
      return done;
    });
}

export type ReadEntry = {
  index: string;
  at: number;
  action: string;
  actor: string;
  tenantId: string | null;
  subject: string;
  facts: Record<string, unknown>;
};
export type Audit = {
  /** Newest entries first, at most `limit`; `before` is an index to go on from. */
  read(before: string | null, limit: number): Promise<{ entries: ReadEntry[]; size: string }>;
  /** Signs the log as it stands and keeps the note; the same size gives the same note. */
  checkpoint(): Promise<{ note: string; verifierKey: string; size: string }>;
  /** Recomputes the stored log against all kept checkpoints and `extraNotes` kept elsewhere. */
  verify(extraNotes?: readonly string[]): Promise<LogVerdict>;
};

const CHUNKS_A_READ = 500;

export function createAudit(deps: { db: Database; signingKey: KeyObject; now(): number }): Audit {
  const publicKey = verifierKey(LOG_ORIGIN, createPublicKey(deps.signingKey));

  async function* storedChunks() {
    let from = '0';
    for (;;) {
      const rows = await deps.db.sweep((tx) => readChunks(tx, from, CHUNKS_A_READ));
      if (rows.length === 0) return;
      for (const row of rows) yield asLogChunk(row);
      const last = rows.at(-1)!;
      from = (BigInt(last.first_index) + BigInt(last.entry_count)).toString();
    }
  }

  return {
    async read(before, limit) {
      const { size } = await deps.db.sweep(readHead);
      const entries: ReadEntry[] = [];
      let below = before;
      while (entries.length < limit) {
        const rows = await deps.db.sweep((tx) => readNewestChunks(tx, below, CHUNKS_A_READ));
        if (rows.length === 0) break;
        for (const row of rows) {
          for (const entry of readEntries(row).reverse()) {
            if (entries.length < limit && (before === null || BigInt(entry.index) < BigInt(before)))
              entries.push(entry);
          }
        }
        below = rows.at(-1)!.first_index;
      }
      return { entries, size };
    },
    async checkpoint() {
      return deps.db.sweep(async (tx) => {
        const head = await readHead(tx);
        const frontier: Frontier | undefined =
          head.frontier.length === 0 ? emptyTree() : decodeFrontier(head.frontier);
        if (frontier === undefined) throw new Error('the head of the audit log was altered');
        const note = signCheckpoint(
          { origin: LOG_ORIGIN, size: frontier.size, rootHash: rootOf(frontier) },
          deps.signingKey,
        );
        await storeCheckpoint(tx, frontier.size, note, new Date(deps.now()));
        return { note, verifierKey: publicKey, size: head.size };
      });
    },
    async verify(extraNotes = []) {
      const kept = await deps.db.sweep(readCheckpoints);
      return verifyLog({
        chunks: storedChunks(),
        checkpoints: [...kept, ...extraNotes],
        verifierKeys: [publicKey],
      });
    },
  };
}

function asLogChunk(row: ChunkRow) {
  const leafHashes: Buffer[] = [];
  for (let at = 0; at + 32 <= row.leaf_hashes.length; at += 32)
    leafHashes.push(row.leaf_hashes.subarray(at, at + 32));
  return { firstIndex: Number(row.first_index), entries: unpackEntries(row.entries), leafHashes };
}

function readEntries(row: ChunkRow): ReadEntry[] {
  return unpackEntries(row.entries).map((bytes, i) => {
    const entry = JSON.parse(bytes.toString('utf8')) as Omit<ReadEntry, 'index'>;
    return { ...entry, index: (BigInt(row.first_index) + BigInt(i)).toString() };
  });
}
