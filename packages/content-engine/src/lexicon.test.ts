import { describe, expect, it } from 'vitest';
import { buildFolding } from './folding.ts';
import { buildLexicon, PartsError, readFoldings } from './lexicon.ts';

const folding = buildFolding(new Map());
const bytes = (text: string) => new TextEncoder().encode(text);
const build = (...texts: string[]) => buildLexicon(texts.map(bytes), folding);

describe('a lexicon', () => {
  it('names its rules by name and line and folds its words', () => {
    const { rules } = build('# lexicon: own\n\n賭ＢＯ\tgambling\tterm\t0.7\n');
    expect(rules).toMatchObject([
      { word: '赌bo', kind: 'term', label: 'gambling', weight: 0.7, name: 'lexicon:own/0003' },
    ]);
  });

  it('lets a later lexicon change or switch off an entry', () => {
    expect(
      build('赌\tgambling\tterm\t0.7', '赌\tgambling\tterm\t0.2').rules.map((rule) => rule.weight),
    ).toEqual([0.2]);
    expect(build('赌\tgambling\tterm\t0.7', '賭\tgambling\tterm\t0').rules).toEqual([]);
  });

  it.each([
    ['# x\n赌\tgambling\tterm', 2, 'expected 4 columns'],
    ['赌\tgambling\tterm\t0.5\t', 1, 'expected 4 columns'],
    ['赌\tpolitics\tterm\t0.5', 1, 'unknown category'],
    ['勿\tfraud\twarning\t1', 1, 'unknown category'],
    ['赌\tgambling\tword\t0.5', 1, 'unknown kind'],
    ['赌\tgambling\tterm\t1.5', 1, 'not within 0..1'],
    ['赌\tgambling\tterm\t-1', 1, 'not within 0..1'],
    ['赌\tgambling\tterm\tNaN', 1, 'not within 0..1'],
    ['a\tfraud\tterm\t1\n\u200b\tfraud\tterm\t1', 2, 'a word has 1 to'],
    [`${'长'.repeat(49)}\tfraud\tterm\t1`, 1, 'a word has 1 to'],
    ['赌\tgambling\tterm\t0.5\n\n賭\tgambling\tterm\t0.5', 3, 'repeats line 1'],
  ])('is refused with its line: %j', (text, line, problem) => {
    const attempt = () => build('好\tfraud\tterm\t1', text);
    expect(attempt).toThrow(PartsError);
    expect(attempt).toThrow(`lexicon 1, line ${line}: `);
    expect(attempt).toThrow(problem);
  });

  it('is refused with the line that is not UTF-8', () => {
    const broken = Uint8Array.of(...bytes('赌\tgambling\tterm\t1\n'), 0xff, 0x0a);
    expect(() => buildLexicon([broken], folding)).toThrow('lexicon 0, line 2: not UTF-8');
  });
});

describe('extra foldings', () => {
  it('are read and refused by line', () => {
    expect(readFoldings(bytes('薇\t微\n# note\n\u2661\t'))).toEqual(
      new Map([
        [0x8587, '微'],
        [0x2661, ''],
      ]),
    );
    expect(() => readFoldings(bytes('薇\t微\n薇信\t微信'))).toThrow('foldings, line 2');
  });
});
