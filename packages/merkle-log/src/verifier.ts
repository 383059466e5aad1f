import { openCheckpoint } from './checkpoint.ts';
import { appendLeaves, emptyTree, type Frontier, rootOf } from './frontier.ts';
import { isHash, leafHash, sameHash } from './hashing.ts';

/** Consecutive entries as they are stored; `leafHashes` are the hashes stored beside them, one an entry. */
export type LogChunk = {
  readonly firstIndex: number;
  readonly entries: readonly Uint8Array[];
  readonly leafHashes?: readonly Uint8Array[];
};

export type StoredLog = {
  /** In order from index 0. Only one chunk is held at a time. */
  readonly chunks: Iterable<LogChunk> | AsyncIterable<LogChunk>;
  /** Signed notes in any order. Without one, neither truncation nor a rewritten tree can show. */
  readonly checkpoints: readonly string[];
  /** Text form of every key the log ever signed with. */
  readonly verifierKeys: readonly string[];
};

export type FailedCheck = 'signature' | 'order' | 'entry' | 'root' | 'truncation';

export type LogVerdict =
  | {
      readonly ok: true;
      /** Entries read. */
      readonly size: number;
      /** Root over all of them. */
      readonly root: Uint8Array;
      /** Size of the newest checkpoint; entries from here on agree with their hashes but no signature covers them. */
      readonly provenSize: number;
    }
  | {
      readonly ok: false;
      readonly check: FailedCheck;
      /** The first entry that is altered, missing or out of place; with `root`, the first one no earlier root proves. */
      readonly firstBadIndex: number;
      readonly reason: string;
    };

type Failure = Extract<LogVerdict, { ok: false }>;
type OpenCheckpoint = { readonly size: number; readonly rootHash: Uint8Array };
type Progress = { frontier: Frontier; provenSize: number; readonly awaited: OpenCheckpoint[] };

/**
 * Recomputes a whole log offline and reads as five checks: every checkpoint is signed, chunks follow each other, every
 * entry hashes to its stored leaf hash, at the size of every checkpoint the root is the signed one (an older tree was
 * not rewritten), and the log reaches its newest checkpoint (nothing was cut off). The first failure in order of index
 * is returned; whoever alters an entry together with its leaf hash fails at the next checkpoint.
 */
export async function verifyLog({ chunks, checkpoints, verifierKeys }: StoredLog): Promise<LogVerdict> {
  const awaited = checkSignatures(checkpoints, verifierKeys);
  if ('ok' in awaited) return awaited;
  const progress: Progress = { frontier: emptyTree(), provenSize: 0, awaited };
  const atStart = checkRoots(progress);
  if (atStart) return atStart;
  for await (const chunk of chunks) {
    const failure = checkOrder(chunk, progress.frontier.size) ?? checkEntries(chunk, progress);
    if (failure) return failure;
  }
  const { frontier, provenSize } = progress;
  return checkReach(progress) ?? { ok: true, size: frontier.size, root: rootOf(frontier), provenSize };
}

function checkSignatures(
  notes: readonly string[],
  verifierKeys: readonly string[],
): OpenCheckpoint[] | Failure {
  const opened: OpenCheckpoint[] = [];
  for (const [at, note] of notes.entries()) {
    const checkpoint = openCheckpoint(note, verifierKeys);
    if (!checkpoint.ok)
      return failed('signature', 0, `checkpoint ${at} of ${notes.length}: ${checkpoint.reason}`);
    opened.push(checkpoint);
  }
  return opened.sort((a, b) => a.size - b.size);
}

function checkOrder({ firstIndex, entries, leafHashes }: LogChunk, expected: number): Failure | undefined {
  if (firstIndex !== expected) {
    return failed(
      'order',
      Math.min(firstIndex, expected),
      `a chunk starts at ${firstIndex}, expected ${expected}`,
    );
  }
  if (leafHashes !== undefined && leafHashes.length !== entries.length) {
    const firstBadIndex = firstIndex + Math.min(leafHashes.length, entries.length);
    return failed('order', firstBadIndex, `${entries.length} entries with ${leafHashes.length} leaf hashes`);
  }
  return undefined;
}

function checkEntries(
  { firstIndex, entries, leafHashes }: LogChunk,
  progress: Progress,
): Failure | undefined {
  let pending: Uint8Array[] = [];
  for (const [at, entry] of entries.entries()) {
    const index = firstIndex + at;
    const computed = leafHash(entry);
    const stored = leafHashes?.[at];
    if (leafHashes !== undefined && !(isHash(stored) && sameHash(stored, computed))) {
      return failed('entry', index, 'the entry does not hash to its stored leaf hash');
    }
    pending.push(computed);
    if (index + 1 === progress.awaited[0]?.size) {
      progress.frontier = appendLeaves(progress.frontier, pending);
      pending = [];
      const failure = checkRoots(progress);
      if (failure) return failure;
    }
  }
  progress.frontier = appendLeaves(progress.frontier, pending);
  return undefined;
}

function checkRoots(progress: Progress): Failure | undefined {
  const { frontier, awaited } = progress;
  while (awaited[0]?.size === frontier.size) {
    const { size, rootHash } = awaited[0];
    if (!sameHash(rootOf(frontier), rootHash)) {
      return failed(
        'root',
        progress.provenSize,
        `an entry before ${size} differs from the signed checkpoint of that size`,
      );
    }
    progress.provenSize = size;
    awaited.shift();
  }
  return undefined;
}

function checkReach({ frontier, awaited }: Progress): Failure | undefined {
  const newest = awaited.at(-1);
  if (newest === undefined) return undefined;
  return failed(
    'truncation',
    frontier.size,
    `the log ends at ${frontier.size}, a signed checkpoint has ${newest.size}`,
  );
}

function failed(check: FailedCheck, firstBadIndex: number, reason: string): Failure {
  return { ok: false, check, firstBadIndex, reason };
}
