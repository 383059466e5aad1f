import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendLeaves,
  type ConsistencyClaim,
  consistencyProof,
  emptyTree,
  type InclusionClaim,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from './public.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const leavesOf = (size: number) =>
  Array.from({ length: size }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));
const rootAt = (leaves: readonly Uint8Array[], size: number) =>
  rootOf(appendLeaves(emptyTree(), leaves.slice(0, size)));

// The tree of the Certificate Transparency reference implementation and its published proofs.
const REFERENCE = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((entry) => leafHash(Buffer.from(entry, 'hex')));
const LEFT_LEAF = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const SECOND_PAIR = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const RIGHT_HALF = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const LAST_PAIR = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const LEFT_HALF = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7';
const FIFTH_LEAF = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const THIRD_PAIR = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % flipped.length;
  flipped[at] = flipped[at]! ^ (1 << (bit % 8));
  return flipped;
}

const trees = fc
  .integer({ min: 1, max: 80 })
  .chain((size) =>
    fc.record({ size: fc.constant(size), index: fc.nat(size - 1), bit: fc.nat(255), victim: fc.nat(20) }),
  );

describe('inclusion proof', () => {
  it('is the one of the reference tree', () => {
    expect(inclusionProof(REFERENCE, 0).map(hex)).toEqual([LEFT_LEAF, SECOND_PAIR, RIGHT_HALF]);
    expect(inclusionProof(REFERENCE, 5).map(hex)).toEqual([FIFTH_LEAF, LAST_PAIR, LEFT_HALF]);
    expect(inclusionProof(REFERENCE.slice(0, 1), 0)).toEqual([]);
    expect(() => inclusionProof(REFERENCE, 8)).toThrow(RangeError);
  });

  it('verifies for every leaf of every tree up to 40', () => {
    for (let size = 1; size <= 40; size += 1) {
      const leaves = leavesOf(size);
      const rootHash = rootAt(leaves, size);
      for (let index = 0; index < size; index += 1) {
        const claim = {
          leafHash: leaves[index]!,
          index,
          treeSize: size,
          path: inclusionProof(leaves, index),
          rootHash,
        };
        expect(verifyInclusion(claim)).toBe(true);
      }
    }
  });

  it('fails with any bit flipped, another index, a hash more or less', () => {
    fc.assert(
      fc.property(trees, ({ size, index, bit, victim }) => {
        const leaves = leavesOf(size);
        const path = inclusionProof(leaves, index);
        const claim: InclusionClaim = {
          leafHash: leaves[index]!,
          index,
          treeSize: size,
          path,
          rootHash: rootAt(leaves, size),
        };
        expect(verifyInclusion({ ...claim, leafHash: flip(claim.leafHash, bit) })).toBe(false);
        expect(verifyInclusion({ ...claim, rootHash: flip(claim.rootHash, bit) })).toBe(false);
        expect(verifyInclusion({ ...claim, index: (index + 1) % size })).toBe(size === 1);
        expect(verifyInclusion({ ...claim, path: [...path, claim.leafHash] })).toBe(false);
        if (path.length === 0) return;
        const at = victim % path.length;
        expect(verifyInclusion({ ...claim, path: path.with(at, flip(path[at]!, bit)) })).toBe(false);
        expect(verifyInclusion({ ...claim, path: path.slice(0, -1) })).toBe(false);
      }),
    );
  });
});

it('an inclusion proof of a subtree is none of the tree', () => {
  const leaves = leavesOf(8);
  const path = inclusionProof(leaves.slice(0, 4), 1);
  const claim = { leafHash: leaves[1]!, index: 1, treeSize: 4, path, rootHash: rootAt(leaves, 4) };
  expect(verifyInclusion(claim)).toBe(true);
  expect(verifyInclusion({ ...claim, treeSize: 8 })).toBe(false);
});

describe('consistency proof', () => {
  it('is the one of the reference tree', () => {
    expect(consistencyProof(REFERENCE, 1).map(hex)).toEqual([LEFT_LEAF, SECOND_PAIR, RIGHT_HALF]);
    expect(consistencyProof(REFERENCE, 6).map(hex)).toEqual([THIRD_PAIR, LAST_PAIR, LEFT_HALF]);
    expect(consistencyProof(REFERENCE.slice(0, 5), 2).map(hex)).toEqual([SECOND_PAIR, FIFTH_LEAF]);
    expect(consistencyProof(REFERENCE, 8)).toEqual([]);
    expect(() => consistencyProof(REFERENCE, 9)).toThrow(RangeError);
  });

  it('verifies between all prefixes of a tree of 40', () => {
    const leaves = leavesOf(40);
    const roots = Array.from({ length: 41 }, (_, size) => rootAt(leaves, size));
    for (let newSize = 0; newSize <= 40; newSize += 1) {
      for (let oldSize = 0; oldSize <= newSize; oldSize += 1) {
        const path = consistencyProof(leaves.slice(0, newSize), oldSize);
        const claim = { oldSize, oldRootHash: roots[oldSize]!, newSize, newRootHash: roots[newSize]!, path };
        expect(verifyConsistency(claim), `${oldSize} → ${newSize}`).toBe(true);
      }
    }
  });

  it('fails with any bit flipped, sizes swapped, a hash more or less', () => {
    fc.assert(
      fc.property(trees, ({ size: newSize, index, bit, victim }) => {
        const oldSize = index + 1;
        const leaves = leavesOf(newSize);
        const path = consistencyProof(leaves, oldSize);
        const oldRootHash = rootAt(leaves, oldSize);
        const newRootHash = rootAt(leaves, newSize);
        const claim: ConsistencyClaim = { oldSize, oldRootHash, newSize, newRootHash, path };
        expect(verifyConsistency({ ...claim, oldRootHash: flip(oldRootHash, bit) })).toBe(false);
        expect(verifyConsistency({ ...claim, newRootHash: flip(newRootHash, bit) })).toBe(false);
        expect(verifyConsistency({ ...claim, path: [...path, oldRootHash] })).toBe(false);
        expect(verifyConsistency({ ...claim, oldSize: newSize, newSize: oldSize })).toBe(oldSize === newSize);
        if (path.length === 0) return;
        const at = victim % path.length;
        expect(verifyConsistency({ ...claim, path: path.with(at, flip(path[at]!, bit)) })).toBe(false);
        expect(verifyConsistency({ ...claim, path: path.slice(0, -1) })).toBe(false);
      }),
    );
  });

  it('does not let an empty tree of another root begin a log', () => {
    const leaves = leavesOf(3);
    const claim = {
      oldSize: 0,
      oldRootHash: leaves[0]!,
      newSize: 3,
      newRootHash: rootAt(leaves, 3),
      path: [],
    };
    expect(verifyConsistency(claim)).toBe(false);
  });
});

describe('hostile claims', () => {
  const field = fc.oneof(
    fc.anything(),
    fc.nat(9),
    fc.uint8Array({ maxLength: 33 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.array(fc.oneof(fc.anything(), fc.uint8Array({ minLength: 32, maxLength: 32 })), { maxLength: 60 }),
  );

  it('are false, never thrown at', () => {
    fc.assert(
      fc.property(
        fc.record({ leafHash: field, index: field, treeSize: field, path: field, rootHash: field }),
        (claim) => {
          expect(verifyInclusion(claim as InclusionClaim)).toBe(false);
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.record({
          oldSize: field,
          oldRootHash: fc.constant(leavesOf(1)[0]),
          newSize: field,
          newRootHash: field,
          path: field,
        }),
        (claim) => {
          expect(verifyConsistency(claim as ConsistencyClaim)).toBe(false);
        },
      ),
    );
  });

  it('are bounded: a path longer than any tree is refused unread', () => {
    const path = Array.from({ length: 10_000 }, () => leafHash(Buffer.of()));
    const hash = leafHash(Buffer.of());
    Object.defineProperty(path, 60, {
      get() {
        throw new Error('read');
      },
    });
    const treeSize = Number.MAX_SAFE_INTEGER;
    expect(verifyInclusion({ leafHash: hash, index: 5, treeSize, path, rootHash: hash })).toBe(false);
    const claim = { oldSize: 5, oldRootHash: hash, newSize: treeSize, newRootHash: hash, path };
    expect(verifyConsistency(claim)).toBe(false);
  });
});
