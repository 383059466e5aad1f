import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.ts';

/** Resolves in the next turn of the event loop. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('let everybody go in order of coming, never more in a turn than allowed, and the first at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 }),
        async (perTurn, arrivals) => {
          const turn = createTurns(perTurn);
          const gone: number[] = [];
          const ahead: number[] = [];
          let asked = 0;
          let turnsLeft = 200;
          for (let i = 0; i < arrivals.length || gone.length < asked; i++) {
            const before = gone.length;
            for (let k = 0; k < (arrivals[i] ?? 0); k++) {
              const mine = asked++;
              const wait = turn();
              if (wait === undefined) gone.push(mine);
              else void wait.then(() => gone.push(mine));
            }
            await nextTurn();
            ahead.push(gone.length - before);
            if (--turnsLeft === 0) throw new Error('somebody waits for ever');
          }
          expect(gone).toEqual(Array.from({ length: asked }, (_, i) => i));
          // The callers' turn and the queue's may fall into one look of this test.
          expect(Math.max(0, ...ahead)).toBeLessThanOrEqual(2 * perTurn);
          if (asked > 0) expect(gone[0]).toBe(0);
        },
      ),
    );
  });

  it('cost an idle process nothing: a lone caller goes at once', async () => {
    const turn = createTurns(1);
    for (let i = 0; i < 3; i++) {
      expect(turn()).toBeUndefined();
      await nextTurn();
      await nextTurn();
      await nextTurn();
    }
  });
});
