import { createPrivateKey, createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  appendEntries,
  emptyTree,
  type LogChunk,
  leafHash,
  rootOf,
  signCheckpoint,
  verifierKey,
  verifyLog,
} from './public.ts';

const ORIGIN = 'signet.example/audit';
const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 9)]);
const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
const verifierKeys = [verifierKey(ORIGIN, createPublicKey(privateKey))];

const entriesOf = (size: number, word = 'entry') =>
  Array.from({ length: size }, (_, at) => Buffer.from(`${word} ${at}`));
const rootAt = (entries: readonly Uint8Array[], size: number) =>
  rootOf(appendEntries(emptyTree(), entries.slice(0, size)).frontier);
const checkpointAt = (entries: readonly Uint8Array[], size: number) =>
  signCheckpoint({ origin: ORIGIN, size, rootHash: rootAt(entries, size) }, privateKey);

function chunksOf(
  entries: readonly Uint8Array[],
  chunkEntries: number,
  leafHashes = entries.map(leafHash),
): LogChunk[] {
  const chunks: LogChunk[] = [];
  for (let at = 0; at < entries.length; at += chunkEntries) {
    const to = at + chunkEntries;
    chunks.push({ firstIndex: at, entries: entries.slice(at, to), leafHashes: leafHashes.slice(at, to) });
  }
  return chunks;
}

const logs = fc.integer({ min: 1, max: 60 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    victim: fc.nat(size - 1),
    chunkEntries: fc.integer({ min: 1, max: 70 }),
    checkpointSizes: fc.array(fc.nat(size), { minLength: 1, maxLength: 6 }),
  }),
);

describe('verifyLog', () => {
  it('accepts an untouched log in whatever chunks, with checkpoints in any order', async () => {
    await fc.assert(
      fc.asyncProperty(logs, async ({ size, chunkEntries, checkpointSizes }) => {
        const entries = entriesOf(size);
        const checkpoints = checkpointSizes.map((at) => checkpointAt(entries, at));
        const verdict = await verifyLog({
          chunks: chunksOf(entries, chunkEntries),
          checkpoints,
          verifierKeys,
        });
        expect(verdict).toEqual({
          ok: true,
          size,
          root: rootAt(entries, size),
          provenSize: Math.max(...checkpointSizes),
        });
      }),
    );
  });

  it('reads chunks as they arrive and accepts an empty log', async () => {
    async function* arriving() {
      yield* chunksOf(entriesOf(5), 2);
    }
    const checkpoints = [checkpointAt(entriesOf(5), 5)];
    expect((await verifyLog({ chunks: arriving(), checkpoints, verifierKeys })).ok).toBe(true);
    const empty = await verifyLog({ chunks: [], checkpoints: [checkpointAt([], 0)], verifierKeys });
    expect(empty).toMatchObject({ ok: true, size: 0, provenSize: 0 });
  });

  it('names the first altered entry', async () => {
    await fc.assert(
      fc.asyncProperty(logs, async ({ size, victim, chunkEntries, checkpointSizes }) => {
        const entries = entriesOf(size);
        const checkpoints = checkpointSizes.map((at) => checkpointAt(entries, at));
        const altered = entries.map((entry, at) =>
          at >= victim && at % 2 === victim % 2 ? Buffer.from('altered') : entry,
        );
        const chunks = chunksOf(altered, chunkEntries, entries.map(leafHash));
        expect(await verifyLog({ chunks, checkpoints, verifierKeys })).toMatchObject({
          ok: false,
          check: 'entry',
          firstBadIndex: victim,
        });
      }),
    );
  });

  it('names the stretch of an entry altered together with its leaf hash', async () => {
    const entries = entriesOf(20);
    const checkpoints = [5, 10, 20].map((at) => checkpointAt(entries, at));
    const altered = entries.with(12, Buffer.from('altered'));
    expect(await verifyLog({ chunks: chunksOf(altered, 7), checkpoints, verifierKeys })).toEqual({
      ok: false,
      check: 'root',
      firstBadIndex: 10,
      reason: 'an entry before 20 differs from the signed checkpoint of that size',
    });
  });

  it('reports an entry altered before a checkpoint when no leaf hashes are stored', async () => {
    const entries = entriesOf(4);
    const chunks = [{ firstIndex: 0, entries: entries.with(1, Buffer.from('altered')) }];
    const verdict = await verifyLog({ chunks, checkpoints: [checkpointAt(entries, 4)], verifierKeys });
    expect(verdict).toMatchObject({ ok: false, check: 'root', firstBadIndex: 0 });
  });

  it('reports a missing chunk, a repeated chunk and a missing entry', async () => {
    const entries = entriesOf(9);
    const [first, second, third] = chunksOf(entries, 3) as [LogChunk, LogChunk, LogChunk];
    const checkpoints = [checkpointAt(entries, 9)];
    const verdictOf = (chunks: LogChunk[]) => verifyLog({ chunks, checkpoints, verifierKeys });
    expect(await verdictOf([first, third])).toMatchObject({ check: 'order', firstBadIndex: 3 });
    expect(await verdictOf([first, second, second])).toMatchObject({ check: 'order', firstBadIndex: 3 });
    expect(await verdictOf([second, third])).toMatchObject({ check: 'order', firstBadIndex: 0 });
    const short = { ...second, entries: second.entries.slice(0, 1) };
    expect(await verdictOf([first, short, third])).toMatchObject({ check: 'order', firstBadIndex: 4 });
  });

  it('reports a log cut off before its newest checkpoint', async () => {
    await fc.assert(
      fc.asyncProperty(logs, async ({ size, victim, chunkEntries }) => {
        const entries = entriesOf(size);
        const checkpoints = [checkpointAt(entries, size), checkpointAt(entries, Math.floor(size / 2))];
        const chunks = chunksOf(entries.slice(0, victim), chunkEntries);
        const verdict = await verifyLog({ chunks, checkpoints, verifierKeys });
        expect(verdict).toMatchObject({ ok: false, check: 'truncation', firstBadIndex: victim });
      }),
    );
  });

  it('reports a tree rolled back and grown anew against an older checkpoint', async () => {
    const entries = entriesOf(10);
    const rewritten = [...entries.slice(0, 4), ...entriesOf(12, 'another')];
    const older = checkpointAt(entries, 8);
    const newer = checkpointAt(rewritten, 16);
    const chunks = chunksOf(rewritten, 5);
    expect(await verifyLog({ chunks, checkpoints: [newer, older], verifierKeys })).toMatchObject({
      check: 'root',
      firstBadIndex: 0,
    });
    const kept = checkpointAt(entries, 4);
    const verdict = await verifyLog({ chunks, checkpoints: [newer, older, kept], verifierKeys });
    expect(verdict).toMatchObject({ check: 'root', firstBadIndex: 4 });
    const split = [checkpointAt(entries, 10), checkpointAt(rewritten, 10)];
    expect((await verifyLog({ chunks: chunksOf(entries, 5), checkpoints: split, verifierKeys })).ok).toBe(
      false,
    );
  });

  it('reports a checkpoint that none of the keys signed', async () => {
    const entries = entriesOf(3);
    const forged = checkpointAt(entries, 3).replace('\n3\n', '\n2\n');
    const verdict = await verifyLog({ chunks: chunksOf(entries, 3), checkpoints: [forged], verifierKeys });
    expect(verdict).toMatchObject({
      ok: false,
      check: 'signature',
      reason: 'checkpoint 0 of 1: signature_wrong',
    });
  });
});
