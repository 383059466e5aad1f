import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../carriers/public.ts';
import { conclude, MAX_ATTEMPTS } from './model.ts';

const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant<Outcome>({ kind: 'accepted', carrierMessageId: '1' }),
  fc.record({
    kind: fc.constant('rejected' as const),
    status: fc.integer({ min: 1, max: 255 }),
    retryable: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('unknown' as const),
    reason: fc.constantFrom('timeout' as const, 'link_lost' as const),
  }),
);

describe('conclusion of an attempt', () => {
  it('never sends again what the carrier may have', () => {
    fc.assert(
      fc.property(
        fc.array(outcome, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 12 }),
        (outcomes, attempt) => {
          const conclusion = conclude(outcomes, attempt, 1_000_000, 9_000_000);
          if (conclusion.kind === 'retry') {
            expect(outcomes.every((one) => one.kind === 'rejected' && one.retryable)).toBe(true);
            expect(attempt).toBeLessThan(MAX_ATTEMPTS);
            expect(conclusion.notBefore).toBeGreaterThan(1_000_000);
          }
          if (outcomes.some((one) => one.kind === 'unknown')) expect(conclusion.kind).toBe('in_doubt');
          expect(conclusion.kind === 'submitted').toBe(outcomes.every((one) => one.kind === 'accepted'));
        },
      ),
    );
  });

  it('does not try again what would come too late', () => {
    const busy: Outcome = { kind: 'rejected', status: 0x58, retryable: true };
    expect(conclude([busy], 1, 0, 5_000)).toEqual({ kind: 'retry', notBefore: 2_000 });
    expect(conclude([busy], 2, 0, 4_000)).toEqual({ kind: 'failed', errCode: 'SMPP:0058' });
  });
});
