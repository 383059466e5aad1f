import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, matchPattern } from './wildcard.ts';

/** The definition itself, exponential. */
function naive(pattern: string, value: string): boolean {
  if (pattern === '') return value === '';
  const rest = pattern.slice(1);
  if (pattern[0] === '*') return naive(rest, value) || (value !== '' && naive(pattern, value.slice(1)));
  return value !== '' && (pattern[0] === '?' || pattern[0] === value[0]) && naive(rest, value.slice(1));
}

describe('matchPattern', () => {
  it.each([
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['dysms:Query*', 'dysms:QuerySendDetails', true],
    ['dysms:Query*', 'dysms:SendSms', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['A', 'a', false],
  ])('%j on %j: %s', (pattern, value, expected) => {
    expect(matchPattern(pattern, value)).toBe(expected);
  });

  it('agrees with the definition, compiled or not', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const value = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, value, (p, v) => {
        const expected = naive(p, v);
        expect(matchPattern(p, v)).toBe(expected);
        expect(compilePattern(p)(v)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
  });

  it('stays polynomial on the classic trap', () => {
    const started = performance.now();
    expect(matchPattern(`${'a*'.repeat(200)}b`, 'a'.repeat(2_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
