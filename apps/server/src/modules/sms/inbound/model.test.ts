import type { MessagePart } from '@signet/carrier-protocols/smpp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPartKeeper, destCode } from './model.ts';

const part = (reference: number, total: number, number: number, text: string): MessagePart => ({
  scheme: 'udh8',
  reference,
  total,
  part: number,
  octets: Buffer.from(text),
  dataCoding: 8,
});
const texts = (runs: readonly (Uint8Array | null)[]) =>
  runs.map((run) => (run === null ? null : Buffer.from(run).toString()));

describe('the keeper of parts', () => {
  it('joins parts in whatever order they come, repeats included, by sender', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 8 }), fc.infiniteStream(fc.nat(99)), (total, chance) => {
        const keeper = createPartKeeper<number>(100, 1_000);
        const order = Array.from({ length: total }, (_, i) => i + 1)
          .map((number) => [chance.next().value as number, number] as const)
          .sort((a, b) => a[0] - b[0])
          .map(([, number]) => number);
        // The first one comes twice; another sender uses the same reference at the same time.
        const sent = [order[0]!, ...order];
        keeper.add('other', part(7, total, 1, 'x'), 0, 0);
        const ready = sent.flatMap((number, token) =>
          keeper.add('me', part(7, total, number, `<${number}>`), token, 0),
        );
        expect(ready).toHaveLength(1);
        expect(texts(ready[0]!.runs)).toEqual([
          Array.from({ length: total }, (_, i) => `<${i + 1}>`).join(''),
        ]);
        expect(ready[0]!.tokens).toEqual(sent.map((_, token) => token));
        expect(keeper.giveUp(5_000)).toHaveLength(1);
      }),
    );
  });

  it('gives up after the hold, with gaps where parts are missing', () => {
    const keeper = createPartKeeper<string>(100, 1_000);
    keeper.add('me', part(1, 5, 2, 'b'), 't2', 100);
    keeper.add('me', part(1, 5, 3, 'c'), 't3', 300);
    keeper.add('me', part(1, 5, 5, 'e'), 't5', 400);
    expect(keeper.nextGiveUpAt()).toBe(1_100);
    expect(keeper.giveUp(1_099)).toEqual([]);
    const [given] = keeper.giveUp(1_100);
    expect(texts(given!.runs)).toEqual([null, 'bc', null, 'e']);
    expect(given!.tokens).toEqual(['t2', 't3', 't5']);
    expect(keeper.nextGiveUpAt()).toBeUndefined();
  });

  it('is bounded: the oldest gives way, and no token is ever lost or answered twice', () => {
    const step = fc.record({
      reference: fc.nat(9),
      number: fc.integer({ min: 1, max: 3 }),
      elapsedMs: fc.nat(400),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const keeper = createPartKeeper<number>(4, 1_000);
        let now = 0;
        let held = 0;
        const left: number[] = [];
        for (const [token, { reference, number, elapsedMs }] of steps.entries()) {
          now += elapsedMs;
          left.push(
            ...keeper.add('me', part(reference, 3, number, 'x'), token, now).flatMap(({ tokens }) => tokens),
          );
          held = token + 1 - left.length;
          expect(held).toBeLessThanOrEqual(steps.length);
          const at = keeper.nextGiveUpAt();
          if (at !== undefined) expect(at).toBeGreaterThan(now);
        }
        const rest = keeper.giveUp(Number.POSITIVE_INFINITY);
        expect(rest.length).toBeLessThanOrEqual(4);
        left.push(...rest.flatMap(({ tokens }) => tokens));
        expect([...left].sort((a, b) => a - b)).toEqual(steps.map((_, token) => token));
      }),
    );
  });
});

describe('dest_code', () => {
  it('is the extension after the access number, or the whole destination', () => {
    expect(destCode('1069000088', '10690000')).toBe('88');
    expect(destCode('10690000', '10690000')).toBe('10690000');
    expect(destCode('95588', '10690000')).toBe('95588');
    expect(destCode('1069000088', undefined)).toBe('1069000088');
    expect(destCode('1069000088', '')).toBe('1069000088');
  });
});
