import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  APPROVAL_STATES,
  type ApprovalEvent,
  type ApprovalState,
  nextApprovalState,
  nextReviewState,
  type ReviewEvent,
  type ReviewState,
  readCursor,
  writeCursor,
} from './model.ts';

const REVIEW_EVENTS: readonly ReviewEvent[] = ['approve', 'reject', 'lapse'];
const APPROVAL_EVENTS: readonly ApprovalEvent[] = ['approve', 'reject', 'withdraw', 'resubmit', 'revise'];

describe('states', () => {
  it('close a review once, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...REVIEW_EVENTS), { minLength: 1 }), (events) => {
        let state: ReviewState = 'open';
        let moves = 0;
        for (const event of events) {
          const next = nextReviewState(state, event);
          if (next === undefined) continue;
          state = next;
          moves += 1;
        }
        expect(moves).toBe(1);
        expect(state).not.toBe('open');
      }),
    );
  });

  it('let nothing become approved but by approval, which follows a review', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...APPROVAL_EVENTS)), (events) => {
        let state: ApprovalState = 'in_review';
        for (const event of events) {
          const next = nextApprovalState(state, event);
          if (next === 'approved') expect([state, event]).toEqual(['in_review', 'approve']);
          if (next === 'rejected') expect([state, event]).toEqual(['in_review', 'reject']);
          state = next ?? state;
        }
      }),
    );
  });

  it('take back what was approved, on every way out of it', () => {
    expect(Object.values(APPROVAL_STATES.approved)).toEqual(['withdrawn', 'in_review']);
    expect(nextApprovalState('approved', 'resubmit')).toBeUndefined();
  });
});

describe('cursors', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.bigInt(0n, 10n ** 18n), (atMs, id) => {
        const position = { atMs, id: String(id) };
        expect(readCursor(writeCursor(position))).toEqual(position);
        expect(writeCursor(position).length).toBeLessThanOrEqual(64);
      }),
    );
  });

  it('are refused when they are not ours', () => {
    for (const text of ['', '1', '1.', '.1', '1.2.3', 'a.1', "1.1'", `1.${'1'.repeat(20)}`]) {
      expect(readCursor(text)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.string(), (text) => readCursor(text) === undefined || /^-?\d+\.\d+$/.test(text)),
    );
  });
});
