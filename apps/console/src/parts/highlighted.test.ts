import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisTop } from './day-chart.tsx';
import { cutAtEvidence } from './highlighted.tsx';

const span = (start: number, end: number, rule = 'r') => ({ start, end, restored: '', rule, label: null });

describe('cutAtEvidence', () => {
  it('marks overlapping spans on the piece they share', () => {
    const pieces = cutAtEvidence('abcdef', [span(1, 4, 'one'), span(3, 5, 'two')]);
    expect(pieces.map(({ text, marks }) => [text, marks.map(({ rule }) => rule).join('+')])).toEqual([
      ['a', ''],
      ['bc', 'one'],
      ['d', 'one+two'],
      ['e', 'two'],
      ['f', ''],
    ]);
  });

  it('never loses or repeats a character, whatever the spans', () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: -5, max: 60 }), fc.integer({ min: -5, max: 60 })));
    fc.assert(
      fc.property(fc.string(), spans, (text, pairs) => {
        const pieces = cutAtEvidence(
          text,
          pairs.map(([start, end]) => span(start, end)),
        );
        expect(pieces.map((piece) => piece.text).join('')).toBe(text);
      }),
    );
  });
});

describe('axisTop', () => {
  it('is a figure at or above the largest bar and at most twice as high', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 10_000_000 }), (largest) => {
        expect(axisTop(largest)).toBeGreaterThanOrEqual(largest);
        expect(axisTop(largest)).toBeLessThanOrEqual(largest * 2);
      }),
    );
    expect(axisTop(0)).toBe(4);
    expect(axisTop(1210)).toBe(2000);
  });
});
