import { type Folding, SPECIAL, UNIT } from './folding.ts';

/**
 * A text in the form that rules are matched on. `units[0..length)` are UTF-16 units; `offsets[i]` is the index of
 * the unit in the text before this step, `offsets[length]` the length of that text. Buffers are reused between calls.
 */
export type Reading = { units: Uint16Array; offsets: Uint32Array; length: number; changed: boolean };

export function newReading(capacity: number): Reading {
  return {
    units: new Uint16Array(capacity),
    offsets: new Uint32Array(capacity + 1),
    length: 0,
    changed: false,
  };
}

/** Zero units after the text, so that look-ahead never meets a former text in a reused buffer. */
const SENTINELS = 2;
/** Longest run of separators that is taken for an inserted one, in UTF-16 units (three emoji). */
const MAX_SEPARATOR_RUN = 6;
/** Marks that break a Latin word from inside (`cas-ino`, `t.e.l`). */
const INSIDE_WORD = new Set([...".-~|*_·•'"].map((char) => char.charCodeAt(0)));

/**
 * Restores a text code point by code point: compatibility forms, digits of any script, traditional characters,
 * decorated Latin letters; decorations and invisible characters are removed, unpaired surrogates become U+FFFD.
 * Letters of other scripts become Latin where they pose as Latin (see `restoreLookalikes`).
 * Grows the reading's buffers as needed: at most 18 units for one (U+FDFA).
 */
export function restore(folding: Folding, text: string, into: Reading): void {
  const { single, several, scriptOf } = folding;
  const size = text.length;
  reserve(into, size + SENTINELS);
  let units = into.units;
  let offsets = into.offsets;
  let length = 0;
  let changed = false;
  let scripts = 0;
  for (let i = 0; i < size; i++) {
    const unit = text.charCodeAt(i);
    const target = single[unit]!;
    if (target !== SPECIAL) {
      const kept = target === 0 ? unit : target;
      if (target !== 0) changed = true;
      scripts |= scriptOf[kept]!;
      units[length] = kept;
      offsets[length++] = i;
      continue;
    }
    const codePoint = text.codePointAt(i)!;
    const lone = codePoint >= 0xd800 && codePoint <= 0xdfff;
    const width = codePoint > 0xffff ? 2 : 1;
    const reading = lone ? '\ufffd' : several.get(codePoint);
    if (reading === undefined) {
      units[length] = unit;
      offsets[length++] = i;
      if (width === 2) {
        units[length] = text.charCodeAt(i + 1);
        offsets[length++] = i;
      }
    } else {
      changed = true;
      const needed = length + reading.length + size - i + SENTINELS;
      if (needed > units.length) {
        reserve(into, 2 * needed);
        units = into.units;
        offsets = into.offsets;
      }
      for (let k = 0; k < reading.length; k++) {
        const kept = reading.charCodeAt(k);
        scripts |= scriptOf[kept]!;
        units[length] = kept;
        offsets[length++] = i;
      }
    }
    i += width - 1;
  }
  offsets[length] = size;
  units[length] = 0;
  units[length + 1] = 0;
  into.length = length;
  into.changed = changed;
  if (scripts !== 0) restoreLookalikes(folding, into);
}

/**
 * Replaces look-alike letters by Latin ones, unit for unit: in a word that also has Latin letters, or when the
 * text has no letter of that script but look-alikes. A Russian or Greek message so stays as it is.
 */
function restoreLookalikes(folding: Folding, reading: Reading): void {
  const { scriptOf, latinOf } = folding;
  const { units, length } = reading;
  let genuine = 0;
  for (let i = 0; i < length; i++) if (latinOf[units[i]!] === 0) genuine |= scriptOf[units[i]!]!;
  for (let start = 0; start < length; start++) {
    let end = start;
    let latin = false;
    while (end < length && (isLatin(units[end]!) || scriptOf[units[end]!] !== 0)) {
      if (isLatin(units[end]!)) latin = true;
      end++;
    }
    for (let i = start; i < end; i++) {
      const target = latinOf[units[i]!]!;
      if (target !== 0 && (latin || (scriptOf[units[i]!]! & genuine) === 0)) {
        units[i] = target;
        reading.changed = true;
      }
    }
    start = end;
  }
}

/**
 * Leaves out separators that were put between Han characters or inside words. `into.offsets` are indices into
 * `from`. Returns false, with `into` undefined, when there is nothing to leave out.
 */
export function compact(folding: Folding, from: Reading, into: Reading): boolean {
  const { classOf } = folding;
  const { units, length } = from;
  let kept = 0;
  let removed = false;
  for (let i = 0; i < length; ) {
    const kind = classOf[units[i]!]!;
    if (kind < UNIT.symbol) {
      if (removed) {
        into.units[kept] = units[i]!;
        into.offsets[kept] = i;
      }
      kept++;
      i++;
      continue;
    }
    let end = i + 1;
    while (end < length && classOf[units[end]!]! >= UNIT.symbol) end++;
    if (isInserted(classOf, from, i, end)) {
      if (!removed) {
        removed = true;
        reserve(into, length + SENTINELS);
        into.units.set(units.subarray(0, i));
        for (let k = 0; k < i; k++) into.offsets[k] = k;
      }
    } else {
      for (let k = i; k < end; k++, kept++) {
        if (removed) {
          into.units[kept] = units[k]!;
          into.offsets[kept] = k;
        }
      }
    }
    i = end;
  }
  if (!removed) return false;
  into.offsets[kept] = length;
  into.units[kept] = 0;
  into.units[kept + 1] = 0;
  into.length = kept;
  into.changed = true;
  return true;
}

function isInserted(classOf: Uint8Array, from: Reading, start: number, end: number): boolean {
  const { units, length } = from;
  if (start === 0 || end === length || end - start > MAX_SEPARATOR_RUN) return false;
  let punctuation = false;
  for (let i = start; i < end; i++) {
    const kind = classOf[units[i]!]!;
    if (kind === UNIT.lineBreak) return false;
    if (kind === UNIT.punctuation) punctuation = true;
  }
  const left = classOf[units[start - 1]!]!;
  const right = classOf[units[end]!]!;
  if (left === UNIT.other || right === UNIT.other) return false;
  const alone =
    (start < 2 || classOf[units[start - 2]!]! >= UNIT.symbol) &&
    (end + 1 >= length || classOf[units[end + 1]!]! >= UNIT.symbol);
  // A comma or full stop parts clauses; only between single characters (赌，博，平，台) is it an inserted mark.
  if (punctuation && (end - start > 1 || !alone)) return false;
  if (left === UNIT.han || right === UNIT.han) return true;
  if (alone) return true;
  if (left === UNIT.digit && right === UNIT.digit) return false;
  return end - start === 1 && INSIDE_WORD.has(units[start]!);
}

/** End of the source range of unit `last`, which may be one of several units restored from one code point. */
export function sourceEnd(offsets: Uint32Array, length: number, last: number): number {
  let next = last + 1;
  while (next < length && offsets[next] === offsets[last]) next++;
  return offsets[next]!;
}

export function readText(reading: Reading, start: number, end: number): string {
  const chunk = 4096;
  if (end - start <= chunk)
    return String.fromCharCode.apply(null, reading.units.subarray(start, end) as unknown as number[]);
  let text = '';
  for (let i = start; i < end; i += chunk) {
    text += String.fromCharCode.apply(
      null,
      reading.units.subarray(i, Math.min(end, i + chunk)) as unknown as number[],
    );
  }
  return text;
}

function isLatin(unit: number): boolean {
  const lower = unit | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

function reserve(reading: Reading, capacity: number): void {
  if (reading.units.length >= capacity) return;
  const size = Math.max(capacity, 256);
  const units = new Uint16Array(size);
  units.set(reading.units.subarray(0, Math.min(reading.units.length, size)));
  const offsets = new Uint32Array(size + 1);
  offsets.set(reading.offsets);
  reading.units = units;
  reading.offsets = offsets;
}
