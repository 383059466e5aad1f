import { type Folding, UNIT } from './folding.ts';
import type { NumberFeature } from './model.ts';
import { type Reading, sourceEnd } from './restoration.ts';

/** Digits kept of one number; what follows is skipped (accounts have at most 34, ISO 13616). */
const MAX_DIGITS = 40;
/** A parted telephone number has at most 13 digits with a mark between any two; longer runs are not one. */
const MAX_PARTED_UNITS = 26;
/** Han numerals in a row that are taken for a number that is dictated, not counted. */
const MIN_HAN_RUN = 7;
const YUAN = '元块万亿圆';
const MONEY_SIGNS = '¥$€£';

/**
 * Finds numbers of three digits or more and amounts in a restored text, digits parted by single spaces, dashes or
 * dots included where the whole reads as a telephone number.
 */
export function findNumbers(folding: Folding, reading: Reading): NumberFeature[] | undefined {
  const { units, length } = reading;
  const { classOf, hanNumeral } = folding;
  let numbers: NumberFeature[] | undefined;
  for (let i = 0; i < length; i++) {
    const kind = classOf[units[i]!];
    if (kind !== UNIT.digit && (kind !== UNIT.han || hanNumeral[units[i]!] === 0)) continue;
    const end = runEnd(folding, reading, i);
    const value = end < 0 ? '' : digitsOf(folding, reading, i, end);
    if (value !== '') {
      const found = classify(units, length, i, end, value);
      if (found) {
        numbers ??= [];
        numbers.push({
          start: reading.offsets[i]!,
          end: sourceEnd(reading.offsets, length, end - 1),
          value,
          kind: found,
        });
      }
    }
    i = Math.max(i, Math.abs(end) - 1);
  }
  return numbers;
}

/** End of the run of digits; negative when the run is too short a row of Han numerals. */
function runEnd(folding: Folding, reading: Reading, start: number): number {
  const { units, length } = reading;
  const { classOf, hanNumeral } = folding;
  if (classOf[units[start]!] === UNIT.han) {
    let end = start;
    while (end < length && (hanNumeral[units[end]!] !== 0 || classOf[units[end]!] === UNIT.digit)) end++;
    return end - start >= MIN_HAN_RUN ? end : -end;
  }
  let end = start + 1;
  const limit = Math.min(length, start + MAX_PARTED_UNITS);
  while (end < limit) {
    if (classOf[units[end]!] === UNIT.digit) end++;
    else if (isJoint(units[end]!) && end + 1 < length && classOf[units[end + 1]!] === UNIT.digit) end += 2;
    else break;
  }
  if (joinsPhone(digitsOf(folding, reading, start, end))) return end;
  end = start + 1;
  while (end < length && classOf[units[end]!] === UNIT.digit) end++;
  return end;
}

function isJoint(unit: number): boolean {
  return unit === 0x20 || unit === 0x2d || unit === 0x2e;
}

function joinsPhone(value: string): boolean {
  return /^(86)?1[3-9]\d{9}$/.test(value) || /^0\d{9,11}$/.test(value) || /^[48]00\d{7}$/.test(value);
}

function digitsOf(folding: Folding, reading: Reading, start: number, end: number): string {
  let value = '';
  for (let i = start; i < end && value.length < MAX_DIGITS; i++) {
    const unit = reading.units[i]!;
    if (folding.classOf[unit] === UNIT.digit) value += String.fromCharCode(unit);
    else if (folding.hanNumeral[unit] !== 0 && folding.classOf[unit] === UNIT.han)
      value += String(folding.hanNumeral[unit]! - 1);
  }
  return value;
}

function classify(
  units: Uint16Array,
  length: number,
  start: number,
  end: number,
  value: string,
): NumberFeature['kind'] | undefined {
  const after = end < length ? String.fromCharCode(units[end]!) : '';
  const before = start > 0 ? String.fromCharCode(units[start - 1]!) : '';
  if ((after !== '' && YUAN.includes(after)) || (before !== '' && MONEY_SIGNS.includes(before)))
    return 'amount';
  if (/^(86)?1[3-9]\d{9}$/.test(value)) return 'mobile';
  if (/^[48]00\d{7}$/.test(value) || /^(95\d{3,6}|96\d{3,4}|1[01]\d{1,3}|12[1-4]\d{1,3})$/.test(value))
    return 'service';
  if (/^0\d{9,11}$/.test(value)) return 'landline';
  if (value.length < 3) return undefined;
  return value.length >= 4 && value.length <= 8 ? 'code' : 'other';
}
