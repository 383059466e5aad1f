import traditionalToSimplified from 'opencc-js/dict/TSCharacters';
import {
  CAPITAL_RUNS,
  CHINESE_PUNCTUATION,
  DECORATION_RANGES,
  KEEP_TRADITIONAL,
  LOOKALIKES,
  SCRIPT_RANGES,
  STROKE_SEPARATORS,
  UNCONDITIONAL,
} from './glyphs.ts';

/** Class of a restored UTF-16 unit. */
export const UNIT = {
  other: 0,
  han: 1,
  letter: 2,
  digit: 3,
  /** Symbols, dots, dashes and emoji: what is put between characters to break a word. */
  symbol: 4,
  space: 5,
  /** Commas, stops, brackets: they separate clauses in honest text too. */
  punctuation: 6,
  lineBreak: 7,
} as const;

/** `single` value of a unit that needs more than a one-to-one replacement. U+FFFF is a noncharacter. */
export const SPECIAL = 0xffff;

export type Folding = {
  /** BMP unit → 0 (stays), its replacement unit, or SPECIAL. */
  readonly single: Uint16Array;
  /** Code point → replacement, for SPECIAL units (may be empty: removed) and astral code points. */
  readonly several: ReadonlyMap<number, string>;
  /** BMP unit → UNIT class. */
  readonly classOf: Uint8Array;
  /** BMP unit → bit of its script in SCRIPT_RANGES, 0 otherwise. */
  readonly scriptOf: Uint8Array;
  /** BMP unit of such a script → the Latin unit it looks like, 0 if none. */
  readonly latinOf: Uint16Array;
  /** BMP unit → value + 1 of a Han numeral, 0 otherwise. */
  readonly hanNumeral: Uint8Array;
};

const ASTRAL_RANGES: readonly (readonly [number, number])[] = [
  [0x10780, 0x107bf],
  [0x1d100, 0x1d7ff],
  [0x1ee00, 0x1eeff],
  [0x1f100, 0x1f251],
  [0x1f51f, 0x1f51f],
  [0x1fbf0, 0x1fbf9],
  [0x2f800, 0x2fa1d],
  [0x1bca0, 0x1bca3],
  [0xe0000, 0xe0fff],
];
const MAX_ROUNDS = 6;
const LATIN_BASE = /^[A-Za-z]\p{Mn}+$/u;
const DECIMAL = /\p{Nd}/u;
const LETTER = /\p{L}/u;
const SYMBOL = /\p{S}/u;
const PUNCTUATION = /\p{P}/u;

/**
 * Builds the folding tables: what each code point is read as, and what class each unit has.
 * @param foldings code point → replacement, applied before the built-in tables.
 */
export function buildFolding(foldings: ReadonlyMap<number, string>): Folding {
  const first = firstReadings(foldings);
  const decimals = decimalValues();
  const several = new Map<number, string>();
  const single = new Uint16Array(0x10000);
  const fold = (codePoint: number): string => foldFully(codePoint, first, decimals);

  for (let unit = 0x80; unit <= 0xffff; unit++) {
    if (unit >= 0xd800 && unit <= 0xdfff) single[unit] = SPECIAL;
    else if (needsLook(unit, first)) {
      const reading = fold(unit);
      if (reading.length === 1 && reading !== '\uffff') {
        const target = reading.charCodeAt(0);
        single[unit] = target === unit ? 0 : target;
      } else {
        single[unit] = SPECIAL;
        several.set(unit, reading);
      }
    }
  }
  for (const unit of [...foldings.keys()].filter((codePoint) => codePoint < 0x80)) {
    single[unit] = SPECIAL;
    several.set(unit, fold(unit));
  }
  const astral = new Set([...first.keys(), ...decimals.keys()].filter((codePoint) => codePoint > 0xffff));
  for (const [from, to] of ASTRAL_RANGES) for (let c = from; c <= to; c++) astral.add(c);
  for (const codePoint of astral) {
    const reading = fold(codePoint);
    if (reading !== String.fromCodePoint(codePoint)) several.set(codePoint, reading);
  }
  return { single, several, classOf: unitClasses(), hanNumeral: hanNumerals(), ...lookalikes() };
}

/** CJK ideographs and Hangul syllables fold to themselves unless a table names them; skipping them saves 15 ms. */
function needsLook(unit: number, first: ReadonlyMap<number, string>): boolean {
  const plain = (unit >= 0x3400 && unit <= 0x9fff) || (unit >= 0xac00 && unit <= 0xd7a3);
  return !plain || first.has(unit);
}

function firstReadings(foldings: ReadonlyMap<number, string>): Map<number, string> {
  const first = new Map<number, string>();
  for (const pair of traditionalToSimplified.split('|')) {
    const [traditional, simplified] = pair.split(' ');
    if (traditional && simplified && !KEEP_TRADITIONAL.includes(traditional)) {
      first.set(traditional.codePointAt(0)!, simplified);
    }
  }
  for (const [target, glyphs] of UNCONDITIONAL)
    for (const glyph of glyphs) first.set(glyph.codePointAt(0)!, target);
  for (const start of CAPITAL_RUNS) {
    for (let letter = 0; letter < 26; letter++) first.set(start + letter, String.fromCharCode(65 + letter));
  }
  for (const [from, to] of DECORATION_RANGES) for (let c = from; c <= to; c++) first.set(c, '');
  for (const mark of CHINESE_PUNCTUATION) first.set(mark.codePointAt(0)!, mark);
  for (const [codePoint, reading] of foldings) first.set(codePoint, reading);
  return first;
}

function foldFully(
  codePoint: number,
  first: ReadonlyMap<number, string>,
  decimals: ReadonlyMap<number, string>,
) {
  let reading = String.fromCodePoint(codePoint);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let next = '';
    for (const char of reading) next += foldOnce(char, first, decimals);
    if (next === reading) break;
    reading = next;
  }
  return reading;
}

function foldOnce(
  char: string,
  first: ReadonlyMap<number, string>,
  decimals: ReadonlyMap<number, string>,
): string {
  const codePoint = char.codePointAt(0)!;
  const named = first.get(codePoint) ?? decimals.get(codePoint);
  if (named !== undefined) return named;
  if (codePoint < 0x80) return char;
  const decomposed = char.normalize('NFKD');
  return LATIN_BASE.test(decomposed) ? decomposed.charAt(0) : char.normalize('NFKC');
}

/** Digits of every script: Unicode assigns Nd characters in runs of ten that start at zero (TUS 4.6). */
function decimalValues(): Map<number, string> {
  const values = new Map<number, string>();
  let start = 0;
  for (let codePoint = 0x80; codePoint <= 0x1ffff; codePoint++) {
    const skip = (codePoint >= 0x2e80 && codePoint <= 0xa61f) || (codePoint >= 0xac00 && codePoint <= 0xfaff);
    if (skip || !DECIMAL.test(String.fromCodePoint(codePoint))) {
      start = 0;
      continue;
    }
    if (start === 0) start = codePoint;
    values.set(codePoint, String((codePoint - start) % 10));
  }
  return values;
}

function unitClasses(): Uint8Array {
  const classOf = new Uint8Array(0x10000);
  for (let unit = 0; unit <= 0xffff; unit++) classOf[unit] = classOfUnit(unit);
  for (const dot of '.-~|/\\*_·•‧・\'`"#&%@+=^…—–―') classOf[dot.charCodeAt(0)] = UNIT.symbol;
  for (const stroke of STROKE_SEPARATORS) classOf[stroke.charCodeAt(0)] = UNIT.symbol;
  return classOf;
}

function classOfUnit(unit: number): number {
  if ((unit >= 0x3400 && unit <= 0x9fff) || unit === 0x3007) return UNIT.han;
  if (unit >= 0xac00 && unit <= 0xd7a3) return UNIT.letter;
  if (unit >= 0x30 && unit <= 0x39) return UNIT.digit;
  if (unit === 0x0a || unit === 0x0d || unit === 0x2028 || unit === 0x2029) return UNIT.lineBreak;
  if (unit === 0x20 || unit === 0x09 || unit === 0x3000) return UNIT.space;
  // Surrogate pairs that are left after folding are emoji and rare ideographs; the former matter here.
  if (unit >= 0xd800 && unit <= 0xdfff) return UNIT.symbol;
  const char = String.fromCharCode(unit);
  if (LETTER.test(char)) return UNIT.letter;
  if (SYMBOL.test(char)) return UNIT.symbol;
  if (PUNCTUATION.test(char)) return UNIT.punctuation;
  return UNIT.other;
}

function lookalikes(): Pick<Folding, 'scriptOf' | 'latinOf'> {
  const scriptOf = new Uint8Array(0x10000);
  const latinOf = new Uint16Array(0x10000);
  SCRIPT_RANGES.forEach(([from, to], index) => {
    for (let unit = from; unit <= to; unit++) {
      if (LETTER.test(String.fromCharCode(unit))) scriptOf[unit] = 1 << index;
    }
  });
  for (const [latin, glyphs] of LOOKALIKES) {
    for (const glyph of glyphs) latinOf[glyph.charCodeAt(0)] = latin.charCodeAt(0);
  }
  return { scriptOf, latinOf };
}

function hanNumerals(): Uint8Array {
  const values = new Uint8Array(0x10000);
  const spellings = ['〇零', '一壹幺', '二贰两', '三叁', '四肆', '五伍', '六陆', '七柒', '八捌', '九玖'];
  spellings.forEach((glyphs, value) => {
    for (const glyph of glyphs) values[glyph.charCodeAt(0)] = value + 1;
  });
  return values;
}
