import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendEntries,
  appendLeaves,
  decodeFrontier,
  emptyTree,
  encodeFrontier,
  leafHash,
  rootOf,
} from './public.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

// The tree of the Certificate Transparency reference implementation.
const ENTRIES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

// RFC 6962 §2.1 read word by word, independent of the subject.
function naiveRoot(entries: readonly Uint8Array[]): Buffer {
  const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0]!);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(Buffer.of(1), naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k)));
}

const entryLists = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 });

describe('frontier', () => {
  it.each(ROOTS.map((root, size) => ({ size, root })))(
    'gives the reference root of $size leaves',
    ({ size, root }) => {
      const leaves = ENTRIES.slice(0, size).map((entry) => leafHash(Buffer.from(entry, 'hex')));
      expect(hex(rootOf(appendLeaves(emptyTree(), leaves)))).toBe(root);
    },
  );

  it('has the root of the recursive definition in whatever batches it grew', () => {
    fc.assert(
      fc.property(entryLists, fc.nat(70), (entries, cut) => {
        const first = appendEntries(emptyTree(), entries.slice(0, cut));
        const { frontier, leafHashes } = appendEntries(first.frontier, entries.slice(cut));
        expect(hex(rootOf(frontier))).toBe(hex(naiveRoot(entries)));
        expect([...first.leafHashes, ...leafHashes].map(hex)).toEqual(entries.map(leafHash).map(hex));
      }),
    );
  });

  it('leaves the frontier it appends to as it was', () => {
    const before = appendLeaves(emptyTree(), [leafHash(Buffer.of(1))]);
    const root = hex(rootOf(before));
    appendLeaves(before, [leafHash(Buffer.of(2))]);
    expect(before.size).toBe(1);
    expect(hex(rootOf(before))).toBe(root);
  });

  it('passes 2^32 leaves', () => {
    const roots = Array.from({ length: 33 }, (_, at) => leafHash(Buffer.of(at)));
    const grown = appendLeaves({ size: 2 ** 33 - 1, roots }, [leafHash(Buffer.of(99))]);
    expect(grown.size).toBe(2 ** 33);
    expect(grown.roots).toHaveLength(1);
    expect(decodeFrontier(encodeFrontier(grown))?.size).toBe(2 ** 33);
  });

  it('refuses an entry where a leaf hash belongs and a tree past the limit', () => {
    expect(() => appendLeaves(emptyTree(), [Buffer.from('entry')])).toThrow(RangeError);
    expect(() => appendLeaves({ size: Number.MAX_SAFE_INTEGER, roots: [] }, [leafHash(Buffer.of())])).toThrow(
      RangeError,
    );
  });
});

describe('encoding of a frontier', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(entryLists, (entries) => {
        const { frontier } = appendEntries(emptyTree(), entries);
        const bytes = encodeFrontier(frontier);
        const decoded = decodeFrontier(bytes);
        expect(decoded?.size).toBe(entries.length);
        expect(decoded?.roots.map(hex)).toEqual(frontier.roots.map(hex));
        expect(decodeFrontier(bytes.subarray(0, -1))).toBeUndefined();
        expect(decodeFrontier(Buffer.concat([bytes, Buffer.of(0)]))).toBeUndefined();
      }),
    );
  });

  it('is nothing else than what is written: arbitrary octets are refused or read back as themselves', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const decoded = decodeFrontier(bytes);
        if (decoded) expect(hex(encodeFrontier(decoded))).toBe(hex(bytes));
      }),
    );
    expect(decodeFrontier(new Uint8Array(8).fill(0xff))).toBeUndefined();
  });
});
