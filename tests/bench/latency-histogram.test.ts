import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHistogram, quantileMs, recordLatency } from '../../benchmarks/latency-histogram.ts';

function histogramOf(latenciesMs: readonly number[]) {
  const histogram = createHistogram();
  for (const latencyMs of latenciesMs) recordLatency(histogram, latencyMs);
  return histogram;
}

describe('latency histogram', () => {
  it('answers the nearest rank of known values', () => {
    const histogram = histogramOf(Array.from({ length: 100 }, (_, index) => (index + 1) / 100));
    expect(quantileMs(histogram, 0.5)).toBe(0.5);
    expect(quantileMs(histogram, 0.99)).toBe(0.99);
    expect(quantileMs(histogram, 1)).toBe(1);
    expect(histogram.count).toBe(100);
  });

  it('answers 0 when nothing was recorded, and counts a negative latency as 0', () => {
    expect(quantileMs(createHistogram(), 0.99)).toBe(0);
    expect(quantileMs(histogramOf([-3]), 0.5)).toBe(0);
  });

  it('never reports less than the true quantile and at most 0.1 % more', () => {
    const latencyUs = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        fc.array(latencyUs, { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (us, quantile) => {
          const sorted = us.toSorted((one, other) => one - other);
          const exactMs = sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)]! / 1000;
          const reportedMs = quantileMs(histogramOf(us.map((value) => value / 1000)), quantile);
          expect(reportedMs).toBeGreaterThanOrEqual(exactMs);
          expect(reportedMs).toBeLessThanOrEqual(exactMs * 1.001);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps the highest value exactly', () => {
    const histogram = histogramOf([0.5, 123456.789, 2]);
    expect(quantileMs(histogram, 1)).toBe(123456.789);
  });
});
