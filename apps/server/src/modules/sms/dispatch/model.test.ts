import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../carriers/public.ts';
import { conclude, concludeLate, MAX_ATTEMPTS, type SegmentState } from './model.ts';

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

describe('answers after the timeout', () => {
  const fate = fc.constantFrom('delivered' as const, 'undelivered' as const, 'expired' as const);

  it('end a doubt as the same answers in time would have, but never with another try', () => {
    fc.assert(
      fc.property(fc.array(outcome, { minLength: 1, maxLength: 8 }), (outcomes) => {
        const inTime = conclude(outcomes, MAX_ATTEMPTS, 0, 1);
        const late = concludeLate(outcomes.map(({ kind }) => kind));
        expect({ submitted: 'clear', in_doubt: 'in_doubt', failed: 'fail', retry: null }[inTime.kind]).toBe(
          late,
        );
      }),
    );
  });

  it('in any order, mixed with receipts, conclude once: when the last doubt is gone or a segment is refused then', () => {
    const arrival = fc.record({
      segment: fc.nat(5),
      word: fc.oneof(fc.constantFrom('accepted' as const, 'rejected' as const), fate),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(arrival, { maxLength: 40 }),
        (segmentCount, arrivals) => {
          const states: SegmentState[] = Array.from({ length: segmentCount }, () => 'unknown');
          let concluded = 0;
          for (const { segment, word } of arrivals) {
            const isAnswer = word === 'accepted' || word === 'rejected';
            const known = states[segment];
            // Stored only where the segment still waits for it (the condition of the statements).
            if (isAnswer ? known !== 'unknown' : known !== 'unknown' && known !== 'accepted') continue;
            states[segment] = word;
            if (!isAnswer) continue;
            const conclusion = concludeLate(states);
            if (conclusion !== 'in_doubt') concluded++;
            if (conclusion === 'in_doubt') expect(states).toContain('unknown');
            if (conclusion === 'clear') expect(states).not.toContain('rejected');
          }
          expect(concluded).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});
