import { buildConcatHeader } from './concat-header.ts';
import { encodeGsm7, gsm7Costs, gsm7Length } from './gsm7.ts';
import { encodeUcs2 } from './ucs2.ts';

export type SegmentEncoding = 'gsm7' | 'ucs2';

/** `units`: septets in GSM-7 (extension characters two), UTF-16 units in UCS-2; `count`: segments, at least 1. */
export type SegmentCount = { encoding: SegmentEncoding; count: number; units: number };

/** `octets`: payload of one short message, with its user data header in front when `hasHeader`. */
export type Segment = { octets: Uint8Array; hasHeader: boolean };

/**
 * Units in one segment alone and in one of several, where the 6-octet header takes 7 septets or 3 UTF-16 units
 * out of 140 octets (TS 23.040 §9.2.3.24.1; Alibaba's rule for China is the same 70 / 67).
 */
const CAPACITY = {
  gsm7: { alone: 160, ofSeveral: 153 },
  ucs2: { alone: 70, ofSeveral: 67 },
} as const;

const MAX_SEGMENTS = 255;

/** Counts the segments of `text` by the same cuts that {@link splitSegments} makes, without encoding it. */
export function segmentText(text: string, options: { domestic: boolean }): SegmentCount {
  const { encoding, units } = measure(text, options.domestic);
  if (units <= CAPACITY[encoding].alone) return { encoding, count: 1, units };
  let count = 0;
  for (let start = 0; start < text.length; start = nextCut(text, start, encoding)) count++;
  return { encoding, count, units };
}

/**
 * Cuts and encodes `text`: in China always UCS-2, abroad GSM-7 (unpacked) where it fits, else UCS-2. Never cuts
 * between the two halves of a surrogate or an escape pair. `reference` 0-255 ties the segments together.
 * Throws RangeError above 255 segments, which the total octet cannot count; accepted text is far below.
 */
export function splitSegments(
  text: string,
  options: { domestic: boolean; reference: number },
): { encoding: SegmentEncoding; segments: Segment[] } {
  const { encoding, units } = measure(text, options.domestic);
  if (units <= CAPACITY[encoding].alone) {
    return { encoding, segments: [{ octets: encode(text, encoding), hasHeader: false }] };
  }
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = nextCut(text, start, encoding);
    parts.push(text.slice(start, end));
    start = end;
  }
  if (parts.length > MAX_SEGMENTS) throw new RangeError(`${parts.length} segments; at most ${MAX_SEGMENTS}`);
  const total = parts.length;
  const segments = parts.map((part, index) => {
    const header = buildConcatHeader({ reference: options.reference, total, part: index + 1 });
    return { octets: withHeader(header, encode(part, encoding)), hasHeader: true };
  });
  return { encoding, segments };
}

function withHeader(header: Uint8Array, body: Uint8Array): Uint8Array {
  const octets = new Uint8Array(header.length + body.length);
  octets.set(header, 0);
  octets.set(body, header.length);
  return octets;
}

function measure(text: string, domestic: boolean): { encoding: SegmentEncoding; units: number } {
  if (!domestic) {
    const septets = gsm7Length(text);
    if (septets >= 0) return { encoding: 'gsm7', units: septets };
  }
  return { encoding: 'ucs2', units: text.length };
}

/** End of the segment that starts at `start`, when the message has several. The only place that decides a cut. */
function nextCut(text: string, start: number, encoding: SegmentEncoding): number {
  const capacity = CAPACITY[encoding].ofSeveral;
  if (encoding === 'ucs2') {
    const end = start + capacity;
    if (end >= text.length) return text.length;
    return isHighSurrogate(text.charCodeAt(end - 1)) && isLowSurrogate(text.charCodeAt(end)) ? end - 1 : end;
  }
  const costs = gsm7Costs();
  let septets = 0;
  let end = start;
  while (end < text.length) {
    septets += costs[text.charCodeAt(end)]!;
    if (septets > capacity) break;
    end++;
  }
  return end;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function encode(text: string, encoding: SegmentEncoding): Uint8Array {
  if (encoding === 'ucs2') return encodeUcs2(text);
  const octets = encodeGsm7(text);
  if (!octets) throw new RangeError('text measured as GSM-7 holds a character outside it');
  return octets;
}
