import { emptyRoot, HASH_OCTETS, isCount, isHash, leafHash, type NodeHash, nodeHashing } from './hashing.ts';

/**
 * What must be kept of a tree to append to it: its number of leaves and the roots of its perfect subtrees, the largest
 * (oldest) first. There is one root per set bit of `size`, so it never exceeds 53 hashes.
 */
export type Frontier = { readonly size: number; readonly roots: readonly Uint8Array[] };

const SIZE_OCTETS = 8;

/** The frontier of the tree without leaves. */
export function emptyTree(): Frontier {
  return { size: 0, roots: [] };
}

/**
 * Appends leaf hashes (32 octets each, from `leafHash`) in order; the given frontier stays as it was. One node hash a
 * leaf on average. Throws RangeError when a leaf hash has another length or the tree would exceed 2^53 - 1 leaves.
 */
export function appendLeaves(frontier: Frontier, leafHashes: readonly Uint8Array[]): Frontier {
  if (!isCount(frontier.size + leafHashes.length))
    throw new RangeError('the tree would exceed 2^53 - 1 leaves');
  const node = nodeHashing();
  const roots = [...frontier.roots];
  let size = frontier.size;
  for (const hash of leafHashes) {
    if (!isHash(hash)) throw new RangeError(`a leaf hash has ${HASH_OCTETS} octets`);
    pushLeaf(roots, size, hash, node);
    size += 1;
  }
  return { size, roots };
}

/**
 * Hashes entries and appends them: 2.7 µs an entry of 200 octets in batches of 500, 1.3 µs of it the append (Node 24).
 * The leaf hashes are returned to be stored beside the entries, so that `verifyLog` can name an altered one.
 */
export function appendEntries(
  frontier: Frontier,
  entries: readonly Uint8Array[],
): { readonly frontier: Frontier; readonly leafHashes: readonly Uint8Array[] } {
  const leafHashes = entries.map(leafHash);
  return { frontier: appendLeaves(frontier, leafHashes), leafHashes };
}

// The trailing one bits of the old size are the subtrees that the new leaf completes, smallest first. Division instead
// of shifts: sizes pass 2^32.
function pushLeaf(roots: Uint8Array[], oldSize: number, leaf: Uint8Array, node: NodeHash): void {
  let root = leaf;
  for (let rest = oldSize; rest % 2 === 1; rest = (rest - 1) / 2) root = node(roots.pop()!, root);
  roots.push(root);
}

/** Merkle tree hash (RFC 6962 §2.1) of the leaves appended so far: 32 octets. */
export function rootOf(frontier: Frontier): Uint8Array {
  const node = nodeHashing();
  const last = frontier.roots.at(-1);
  if (last === undefined) return emptyRoot();
  return frontier.roots.slice(0, -1).reduceRight((right, left) => node(left, right), last);
}

/** Octets of a frontier: size as 8 octets big-endian, then the roots, the largest subtree first. */
export function encodeFrontier(frontier: Frontier): Uint8Array {
  const bytes = Buffer.alloc(SIZE_OCTETS + frontier.roots.length * HASH_OCTETS);
  bytes.writeBigUInt64BE(BigInt(frontier.size));
  for (const [at, root] of frontier.roots.entries()) bytes.set(root, SIZE_OCTETS + at * HASH_OCTETS);
  return bytes;
}

/** Reads `encodeFrontier`'s octets; undefined when they are not the encoding of any frontier. */
export function decodeFrontier(bytes: Uint8Array): Frontier | undefined {
  if (bytes.length < SIZE_OCTETS) return undefined;
  const size = Number(Buffer.from(bytes.buffer, bytes.byteOffset, SIZE_OCTETS).readBigUInt64BE());
  if (!isCount(size)) return undefined;
  const count = subtreesIn(size);
  if (bytes.length !== SIZE_OCTETS + count * HASH_OCTETS) return undefined;
  const roots = Array.from({ length: count }, (_, at) =>
    bytes.slice(SIZE_OCTETS + at * HASH_OCTETS, SIZE_OCTETS + (at + 1) * HASH_OCTETS),
  );
  return { size, roots };
}

function subtreesIn(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}
