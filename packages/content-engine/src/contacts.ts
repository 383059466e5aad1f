import { type Folding, UNIT } from './folding.ts';
import type { ContactChannel, ContactFeature } from './model.ts';
import { type Reading, readText } from './restoration.ts';

/** Units between a cue (微信) and the id that may be filler: colons, brackets, 号 码 是 为 加 搜. */
const MAX_FILLER = 6;
const FILLER = new Set(
  [...' :：;-_=+>→()（）[]【】「」\'"号码是为加搜同群裙➕@群,，.'].map((char) => char.charCodeAt(0)),
);
const MIN_ID = 5;
const MAX_ID = 24;

/** An account id after a contact cue that ends at `cueEnd`; positions are indices of `reading`. */
export function readContact(
  folding: Folding,
  reading: Reading,
  cueEnd: number,
  channel: ContactChannel,
): { start: number; end: number; value: string } | undefined {
  const { units, length } = reading;
  let start = cueEnd;
  while (start < length && start - cueEnd < MAX_FILLER && FILLER.has(units[start]!)) start++;
  const end = idEnd(units, length, start);
  const size = end - start;
  if (size < MIN_ID || size > MAX_ID) return undefined;
  const value = readText(reading, start, end);
  // Five or more letters after 微信 may be a word (WeChat Pay); an id of a person has a digit or follows a filler.
  if (start === cueEnd && !/\d/.test(value)) return undefined;
  if (channel === 'qq' && !/^\d{5,11}$/.test(value) && !/\d/.test(value)) return undefined;
  if (folding.classOf[units[end] ?? 0] === UNIT.digit) return undefined;
  return { start, end, value };
}

/** `@name` ids that stand alone, as Telegram writes them; not part of an e-mail address. */
export function findHandles(
  reading: Reading,
  start: (index: number) => number,
  end: (index: number) => number,
): ContactFeature[] | undefined {
  const { units, length } = reading;
  let handles: ContactFeature[] | undefined;
  for (let i = 0; i < length; i++) {
    if (units[i] !== 0x40 || (i > 0 && isIdUnit(units[i - 1]!))) continue;
    const stop = idEnd(units, length, i + 1);
    const size = stop - i - 1;
    if (
      size >= MIN_ID &&
      size <= MAX_ID &&
      units[stop] !== 0x2e &&
      /[a-zA-Z]/.test(readText(reading, i + 1, stop))
    ) {
      handles ??= [];
      handles.push({
        start: start(i),
        end: end(stop - 1),
        channel: 'telegram',
        value: readText(reading, i + 1, stop),
      });
    }
    i = Math.max(i, stop - 1);
  }
  return handles;
}

function idEnd(units: Uint16Array, length: number, start: number): number {
  let end = start;
  while (end < length && end - start <= MAX_ID && isIdUnit(units[end]!)) end++;
  return end;
}

function isIdUnit(unit: number): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f || unit === 0x2d;
}
