import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds, firstIdAt, ID_EPOCH_MS, timeOfId } from './ids.ts';

describe('ids', () => {
  it('grow and never repeat, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 200 }), (steps) => {
        let now = ID_EPOCH_MS + 1_000_000;
        const ids = createIds(7, { now: () => now });
        let last = 0n;
        for (const step of steps) {
          now += step;
          for (const id of ids.run(3)) {
            expect(BigInt(id) > last).toBe(true);
            last = BigInt(id);
          }
        }
      }),
    );
  });

  it('borrow the next millisecond when one is full', () => {
    const ids = createIds(1023, { now: () => ID_EPOCH_MS + 5 });
    const all = ids.run(10_000);
    expect(new Set(all).size).toBe(10_000);
    expect(timeOfId(all[0]!)).toBe(ID_EPOCH_MS + 5);
  });

  it('turn a time into a range: an id made at an instant is not below the first id of that instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: 0, max: 1023 }), (offset, node) => {
        const id = createIds(node, { now: () => ID_EPOCH_MS + offset }).next();
        expect(BigInt(id) >= BigInt(firstIdAt(ID_EPOCH_MS + offset))).toBe(true);
        expect(BigInt(id) < BigInt(firstIdAt(ID_EPOCH_MS + offset + 1))).toBe(true);
      }),
    );
  });
});
