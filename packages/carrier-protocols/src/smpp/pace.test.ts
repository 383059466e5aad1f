import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPace } from './pace.ts';
import { statusRow, statusRows } from './status.ts';

describe('createPace', () => {
  it('without a limit never withholds anything until throttled', () => {
    const pace = createPace(0);
    expect(pace.available(0)).toBe(Number.POSITIVE_INFINITY);
    pace.take(1_000, 0);
    expect(pace.available(0)).toBe(Number.POSITIVE_INFINITY);
    pace.throttled(10);
    expect(pace.available(500)).toBe(0);
    expect(pace.isPaused(1_009)).toBe(true);
    expect(pace.currentPerSecond()).toBe(500);
    pace.throttled(20);
    expect(pace.currentPerSecond()).toBe(500);
    expect(pace.availableAt(20)).toBe(1_010);
    pace.available(61_000);
    expect(pace.currentPerSecond()).toBe(Number.POSITIVE_INFINITY);
  });

  it('recovers by a tenth a second, at most to the limit', () => {
    const pace = createPace(100);
    pace.take(10, 0);
    pace.throttled(0);
    expect(pace.currentPerSecond()).toBe(5);
    pace.available(2_000);
    expect(pace.currentPerSecond()).toBeCloseTo(5.5);
    pace.available(3_000);
    expect(pace.currentPerSecond()).toBeCloseTo(6.05);
    pace.available(60_000);
    expect(pace.currentPerSecond()).toBe(100);
  });

  it('never lets more through than rate × time plus one burst, and always something in the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 50 }),
        (perSecond, waits) => {
          const pace = createPace(perSecond);
          let now = 0;
          let taken = 0;
          for (const wait of waits) {
            now += wait;
            const available = pace.available(now);
            pace.take(available, now);
            taken += available;
          }
          expect(taken).toBeLessThanOrEqual((perSecond * now) / 1_000 + Math.max(1, perSecond / 10) + 1e-6);
          expect(pace.available(pace.availableAt(now))).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });
});

describe('statusRow', () => {
  it('has each code once, exactly one acceptance and one throttle', () => {
    const codes = statusRows().map((row) => row.code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(statusRows().filter((row) => row.outcome === 'accepted')).toHaveLength(1);
    expect(statusRows().filter((row) => row.throttled)).toEqual([statusRow(0x58)]);
    expect(statusRow(0x58).outcome).toBe('retryable');
  });

  it('calls a vendor’s code a final rejection', () => {
    expect(statusRow(0x0400)).toMatchObject({ name: 'ESME_0x00000400', outcome: 'final', throttled: false });
  });
});
