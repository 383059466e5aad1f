import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildAutomaton, findWords, newHits } from './automaton.ts';

function find(words: readonly string[], text: string) {
  const hits = newHits();
  const units = Uint16Array.from(text, (_, i) => text.charCodeAt(i));
  const steps = findWords(buildAutomaton(words), units, units.length, hits);
  const found: string[] = [];
  for (let i = 0; i < hits.count; i++)
    found.push(`${words[hits.words[i]!]}@${hits.ends[i]! - words[hits.words[i]!]!.length}`);
  return { found: found.sort(), steps, count: hits.count };
}

function findPlainly(words: readonly string[], text: string): string[] {
  const lower = text.toLowerCase();
  const found: string[] = [];
  for (const word of words) {
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + 1)) found.push(`${word}@${at}`);
  }
  return found.sort();
}

describe('the automaton', () => {
  it('finds overlapping and nested words', () => {
    expect(find(['he', 'she', 'his', 'hers'], 'uSHErs').found).toEqual(['he@2', 'hers@2', 'she@1']);
  });

  it('finds nothing with no words', () => {
    expect(find([], 'abc').found).toEqual([]);
  });

  it('agrees with plain search for any words and text', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '赌', '博'), minLength: 1, maxLength: 5 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'C', 'x', '赌', '博'), maxLength: 60 });
    fc.assert(
      fc.property(fc.uniqueArray(word, { maxLength: 30 }), text, (words, haystack) => {
        expect(find(words, haystack).found).toEqual(findPlainly(words, haystack));
      }),
      { numRuns: 1500 },
    );
  });

  it('takes at most two steps a unit and one a hit, on its worst text', () => {
    const words = Array.from({ length: 30 }, (_, i) => `${'a'.repeat(i)}b`).concat('a'.repeat(30));
    for (const text of ['a'.repeat(20_000), `${'a'.repeat(29)}c`.repeat(700), 'ab'.repeat(10_000)]) {
      const { steps, count } = find(words, text);
      expect(steps).toBeLessThanOrEqual(2 * text.length + count);
    }
  });
});
