import { appendLeaves, emptyTree, rootOf } from './frontier.ts';
import { emptyRoot, isCount, isHash, nodeHashing, sameHash } from './hashing.ts';

// A tree of at most 2^53 - 1 leaves has 53 levels; a consistency proof may carry one hash more (RFC 6962 §2.1.2).
const MAX_PATH_HASHES = 54;

/**
 * Audit path of the leaf at `index` in the tree of all `leafHashes`: PATH(m, D[n]) of RFC 6962 §2.1.1, lowest sibling
 * first. Hashes every leaf once. Throws RangeError when the tree has no such leaf.
 */
export function inclusionProof(leafHashes: readonly Uint8Array[], index: number): Uint8Array[] {
  if (!isCount(index) || index >= leafHashes.length)
    throw new RangeError(`no leaf ${index} in a tree of ${leafHashes.length}`);
  const path: Uint8Array[] = [];
  let from = 0;
  let to = leafHashes.length;
  while (to - from > 1) {
    const split = from + leftLeaves(to - from);
    if (index < split) {
      path.push(rootOfRange(leafHashes, split, to));
      to = split;
    } else {
      path.push(rootOfRange(leafHashes, from, split));
      from = split;
    }
  }
  return path.reverse();
}

/**
 * Consistency proof between the tree of the first `oldSize` leaves and the tree of all: PROOF(m, D[n]) of
 * RFC 6962 §2.1.2. Empty for `oldSize` 0 and for equal sizes. Throws RangeError when `oldSize` exceeds the tree.
 */
export function consistencyProof(leafHashes: readonly Uint8Array[], oldSize: number): Uint8Array[] {
  if (!isCount(oldSize) || oldSize > leafHashes.length)
    throw new RangeError(`no size ${oldSize} in a tree of ${leafHashes.length}`);
  if (oldSize === 0 || oldSize === leafHashes.length) return [];
  const path: Uint8Array[] = [];
  let from = 0;
  let to = leafHashes.length;
  // SUBPROOF walks down to the subtree that ends at oldSize; `from > 0` is its flag b = false.
  while (to !== oldSize) {
    const split = from + leftLeaves(to - from);
    if (oldSize <= split) {
      path.push(rootOfRange(leafHashes, split, to));
      to = split;
    } else {
      path.push(rootOfRange(leafHashes, from, split));
      from = split;
    }
  }
  if (from > 0) path.push(rootOfRange(leafHashes, from, to));
  return path.reverse();
}

/** What `verifyInclusion` judges; every field may come from an attacker. */
export type InclusionClaim = {
  readonly leafHash: Uint8Array;
  readonly index: number;
  readonly treeSize: number;
  readonly path: readonly Uint8Array[];
  readonly rootHash: Uint8Array;
};

/** Whether the path proves the leaf (RFC 9162 §2.1.3.2). Hostile input: anything malformed is false, at most 54 hashes. */
export function verifyInclusion({ leafHash, index, treeSize, path, rootHash }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(treeSize) || index >= treeSize) return false;
  if (!isHash(leafHash) || !isHash(rootHash) || !isPath(path)) return false;
  const node = nodeHashing();
  let at = index;
  let last = treeSize - 1;
  let hash = leafHash;
  for (const sibling of path) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = node(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      hash = node(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameHash(hash, rootHash);
}

/** What `verifyConsistency` judges; every field may come from an attacker. */
export type ConsistencyClaim = {
  readonly oldSize: number;
  readonly oldRootHash: Uint8Array;
  readonly newSize: number;
  readonly newRootHash: Uint8Array;
  readonly path: readonly Uint8Array[];
};

/**
 * Whether the new tree begins with the old one (RFC 9162 §2.1.4.2); the empty tree begins every tree. Hostile input:
 * anything malformed is false, at most 108 hashes.
 */
export function verifyConsistency({
  oldSize,
  oldRootHash,
  newSize,
  newRootHash,
  path,
}: ConsistencyClaim): boolean {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) return false;
  if (!isHash(oldRootHash) || !isHash(newRootHash) || !isPath(path)) return false;
  if (oldSize === newSize) return path.length === 0 && sameHash(oldRootHash, newRootHash);
  if (oldSize === 0) return path.length === 0 && sameHash(oldRootHash, emptyRoot());
  const node = nodeHashing();
  let at = oldSize - 1;
  let last = newSize - 1;
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // The RFC's test "is an exact power of two": then nothing is left of the index, and the old root itself is the start.
  const [first, ...rest] = at === 0 ? [oldRootHash, ...path] : path;
  if (first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldHash = node(sibling, oldHash);
      newHash = node(sibling, newHash);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else {
      newHash = node(newHash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && sameHash(oldHash, oldRootHash) && sameHash(newHash, newRootHash);
}

function isPath(path: unknown): path is readonly Uint8Array[] {
  return Array.isArray(path) && path.length <= MAX_PATH_HASHES && path.every(isHash);
}

// The largest power of two below the number of leaves: k of RFC 6962 §2.1.
function leftLeaves(leaves: number): number {
  let k = 1;
  while (k * 2 < leaves) k *= 2;
  return k;
}

function rootOfRange(leafHashes: readonly Uint8Array[], from: number, to: number): Uint8Array {
  return rootOf(appendLeaves(emptyTree(), leafHashes.slice(from, to)));
}

function half(value: number): number {
  return Math.floor(value / 2);
}
