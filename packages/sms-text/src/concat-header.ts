/** Place of one segment in a concatenated message: `part` counts from 1 to `total`. */
export type ConcatPlace = { reference: number; total: number; part: number };

/** Octets of the header that {@link buildConcatHeader} writes, its length octet included. */
export const CONCAT_HEADER_OCTETS = 6;

/**
 * User data header with one element: concatenation with an 8-bit reference (3GPP TS 23.040 §9.2.3.24.1).
 * Throws RangeError when reference is not 0-255 or not 1 ≤ part ≤ total ≤ 255: those are caller's errors.
 */
export function buildConcatHeader(place: ConcatPlace): Uint8Array {
  const { reference, total, part } = place;
  if (!isOctet(reference) || !isOctet(total) || !isOctet(part) || part < 1 || part > total) {
    throw new RangeError(`no concatenation header for part ${part} of ${total}, reference ${reference}`);
  }
  return Uint8Array.of(5, 0x00, 3, reference, total, part);
}

function isOctet(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xff;
}

/**
 * Reads the place of a segment from user data that starts with a header; `headerOctets` is where its text begins.
 *
 * Knows element 00 (8-bit reference) and 08 (16-bit reference); the last one wins (TS 23.040 §9.2.3.24), an element
 * with an impossible place is ignored (§9.2.3.24.1). `undefined` when there is none or the header is malformed.
 */
export function readConcatHeader(octets: Uint8Array): (ConcatPlace & { headerOctets: number }) | undefined {
  const headerLength = octets[0];
  if (headerLength === undefined || headerLength + 1 > octets.length) return undefined;
  const end = headerLength + 1;
  let place: ConcatPlace | undefined;
  let at = 1;
  while (at < end) {
    if (at + 2 > end) return undefined;
    const element = octets[at]!;
    const length = octets[at + 1]!;
    const next = at + 2 + length;
    if (next > end) return undefined;
    const isEightBit = element === 0x00 && length === 3;
    if (isEightBit || (element === 0x08 && length === 4)) {
      const reference = isEightBit ? octets[at + 2]! : (octets[at + 2]! << 8) | octets[at + 3]!;
      const total = octets[next - 2]!;
      const part = octets[next - 1]!;
      if (part >= 1 && part <= total) place = { reference, total, part };
    }
    at = next;
  }
  return place && { ...place, headerOctets: end };
}
