import type { Receipt } from '@signet/carrier-protocols/smpp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finalFate, orphanNextAt, readReport, type SegmentState } from './model.ts';

const receipt = (state: Receipt['state'], errorCode = '000'): Receipt => ({
  messageId: '1',
  candidateIds: ['1'],
  state,
  isFinal: true,
  errorCode,
  submitDate: '',
  doneDate: '',
});

describe('receipts', () => {
  it('speak the words that clients know', () => {
    expect(readReport('7', receipt('delivered'), () => null)).toMatchObject({
      fate: 'delivered',
      errCode: 'DELIVERED',
    });
    expect(readReport('7', receipt('undeliverable'), () => null)).toMatchObject({
      fate: 'undelivered',
      errCode: 'UNDELIV',
    });
    expect(readReport('7', receipt('undeliverable', 'MK:0005'), () => null)).toMatchObject({
      errCode: 'MK:0005',
    });
    expect(readReport('7', receipt('enroute'), () => null)).toBeUndefined();
  });

  it('give a message one final state, only when every segment has its own', () => {
    const state = fc.constantFrom<SegmentState>(
      'accepted',
      'rejected',
      'unknown',
      'delivered',
      'undelivered',
      'expired',
    );
    fc.assert(
      fc.property(fc.array(state, { maxLength: 6 }), fc.integer({ min: 1, max: 6 }), (states, count) => {
        const fate = finalFate(states, count);
        const owed = states.length < count || states.includes('accepted') || states.includes('unknown');
        expect(fate === undefined).toBe(owed);
        if (fate === 'delivered') expect(states.every((one) => one === 'delivered')).toBe(true);
      }),
    );
  });

  it('look for orphans at growing distance, never further than ten minutes', () => {
    for (let tries = 0; tries < 200; tries++) {
      const wait = orphanNextAt(tries, 0);
      expect(wait).toBeGreaterThanOrEqual(1_000);
      expect(wait).toBeLessThanOrEqual(600_000);
    }
  });
});
