import { type Automaton, buildAutomaton } from './automaton.ts';
import type { Folding } from './folding.ts';
import { type ContactChannel, LABELS, type Label } from './model.ts';
import { newReading, readText, restore } from './restoration.ts';

/**
 * A lexicon is UTF-8 TSV, one word a line: `word<TAB>category<TAB>kind<TAB>weight`. Lines that start with `#` and
 * empty lines are skipped; a line `# lexicon: NAME` names it in evidence (otherwise its index does).
 *
 * | kind | category | meaning |
 * |---|---|---|
 * | term | a Label | evidence by itself |
 * | hint | a Label | counts only beside another hint or term of the label, or a contact or URL |
 * | counter | a Label | lowers the score of the label (licensed lottery, bank notice) |
 * | warning | `-` | its sentence warns: what it names is not held against it |
 * | innocent | `-` | an everyday word: what shares its characters (情人节 and 色情) is dropped |
 * | contact | a ContactChannel | an account id may follow |
 *
 * weight: 0 < weight <= 1, or 0 in a later lexicon to switch an earlier entry off. The same word, category and kind
 * in a later lexicon overrides the earlier entry; within one lexicon it is an error.
 */
export type WordKind = 'term' | 'hint' | 'counter' | 'warning' | 'innocent' | 'contact';

export type Rule = {
  readonly word: string;
  readonly kind: WordKind;
  readonly label: Label | undefined;
  readonly channel: ContactChannel | undefined;
  readonly weight: number;
  /** `lexicon:NAME/LINE` */
  readonly name: string;
};

export type Lexicon = {
  readonly automaton: Automaton;
  readonly rules: readonly Rule[];
  /** Word → its rules. */
  readonly rulesOf: readonly Int32Array[];
  /** Word → length in UTF-16 units. */
  readonly lengths: Uint8Array;
  /** Word → bit 1: starts with an ASCII letter or digit, bit 2: ends with one. */
  readonly edges: Uint8Array;
};

/** Malformed engine parts; the message names the part and the line. */
export class PartsError extends Error {
  readonly line: number;
  constructor(part: string, line: number, problem: string) {
    super(`${part}, line ${line}: ${problem}`);
    this.name = 'PartsError';
    this.line = line;
  }
}

/** Longest word in UTF-16 units: bounds the words that can end at one place. */
const MAX_WORD_UNITS = 48;
const KINDS: readonly string[] = ['term', 'hint', 'counter', 'warning', 'innocent', 'contact'];
const CHANNELS: readonly string[] = ['wechat', 'qq', 'telegram', 'whatsapp', 'line', 'other'];
const NAME = /^# *lexicon: *([\w-]{1,32}) *$/;

/** Reads the lexicons and builds their automaton. Words are folded like the texts they shall be found in. */
export function buildLexicon(parts: readonly Uint8Array[], folding: Folding): Lexicon {
  const entries = new Map<string, Rule>();
  parts.forEach((bytes, index) => {
    readLexicon(bytes, index, folding, entries);
  });
  const rules = [...entries.values()].filter((rule) => rule.weight > 0);
  const byWord = new Map<string, number[]>();
  rules.forEach((rule, index) => {
    const indices = byWord.get(rule.word);
    if (indices) indices.push(index);
    else byWord.set(rule.word, [index]);
  });
  const words = [...byWord.keys()];
  return {
    automaton: buildAutomaton(words),
    rules,
    rulesOf: [...byWord.values()].map((indices) => Int32Array.from(indices)),
    lengths: Uint8Array.from(words, (word) => word.length),
    edges: Uint8Array.from(words, edgesOf),
  };
}

/** Reads the extra foldings, `character<TAB>replacement` lines. */
export function readFoldings(bytes: Uint8Array | undefined): Map<number, string> {
  const foldings = new Map<number, string>();
  if (!bytes) return foldings;
  decodeLines(bytes, 'foldings').forEach((line, index) => {
    if (line === '' || line.startsWith('#')) return;
    const [from, to, ...rest] = line.split('\t');
    if (!from || to === undefined || rest.length > 0 || [...from].length !== 1 || to.length > 4) {
      throw new PartsError(
        'foldings',
        index + 1,
        'expected one character, a tab and a replacement of at most 4 units',
      );
    }
    foldings.set(from.codePointAt(0)!, to);
  });
  return foldings;
}

function readLexicon(bytes: Uint8Array, index: number, folding: Folding, entries: Map<string, Rule>): void {
  const part = `lexicon ${index}`;
  let name = String(index);
  const lineOf = new Map<string, number>();
  const reading = newReading(64);
  decodeLines(bytes, part).forEach((line, at) => {
    const number = at + 1;
    if (line.startsWith('#')) name = NAME.exec(line)?.[1] ?? name;
    if (line === '' || line.startsWith('#')) return;
    const refuse = (problem: string): PartsError => new PartsError(part, number, problem);
    const columns = line.split('\t');
    const [raw, category, kind, weightText] = columns as [string, string, string, string];
    if (columns.length !== 4) throw refuse(`expected 4 columns, found ${columns.length}`);
    if (!KINDS.includes(kind)) throw refuse(`unknown kind "${kind}"`);
    const expected =
      kind === 'contact' ? CHANNELS : kind === 'warning' || kind === 'innocent' ? ['-'] : LABELS;
    if (!(expected as readonly string[]).includes(category))
      throw refuse(`unknown category "${category}" for ${kind}`);
    if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(weightText)) throw refuse(`weight "${weightText}" is not within 0..1`);
    restore(folding, raw.trim(), reading);
    const word = readText(reading, 0, reading.length).toLowerCase();
    if (word === '' || word.length > MAX_WORD_UNITS) throw refuse(`a word has 1 to ${MAX_WORD_UNITS} units`);
    const key = `${word}\t${category}\t${kind}`;
    const earlier = lineOf.get(key);
    if (earlier !== undefined) throw refuse(`repeats line ${earlier}`);
    lineOf.set(key, number);
    entries.set(key, {
      word,
      kind: kind as WordKind,
      label: expected === LABELS ? (category as Label) : undefined,
      channel: kind === 'contact' ? (category as ContactChannel) : undefined,
      weight: Number(weightText),
      name: `lexicon:${name}/${String(number).padStart(4, '0')}`,
    });
  });
}

function decodeLines(bytes: Uint8Array, part: string): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return decoder.decode(bytes).split(/\r?\n/);
  } catch {
    let start = 0;
    for (let line = 1; ; line++) {
      const end = bytes.indexOf(0x0a, start);
      try {
        decoder.decode(end < 0 ? bytes.subarray(start) : bytes.subarray(start, end));
      } catch {
        throw new PartsError(part, line, 'not UTF-8');
      }
      if (end < 0) throw new PartsError(part, line, 'not UTF-8');
      start = end + 1;
    }
  }
}

function edgesOf(word: string): number {
  const alphanumeric = /[a-z0-9]/;
  return (
    (alphanumeric.test(word.charAt(0)) ? 1 : 0) | (alphanumeric.test(word.charAt(word.length - 1)) ? 2 : 0)
  );
}
