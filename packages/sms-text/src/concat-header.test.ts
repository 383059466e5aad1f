import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildConcatHeader, readConcatHeader } from './concat-header.ts';

describe('concatenation header', () => {
  it('is the six octets of TS 23.040', () => {
    expect([...buildConcatHeader({ reference: 0xab, total: 3, part: 2 })]).toEqual([5, 0, 3, 0xab, 3, 2]);
  });

  it.each([
    { reference: 256, total: 2, part: 1 },
    { reference: 0, total: 2, part: 0 },
    { reference: 0, total: 2, part: 3 },
    { reference: 0, total: 256, part: 1 },
    { reference: 1.5, total: 2, part: 1 },
  ])('is not built for %j', (place) => {
    expect(() => buildConcatHeader(place)).toThrow(RangeError);
  });

  it('is read with an 8-bit and a 16-bit reference, among other elements', () => {
    expect(readConcatHeader(Uint8Array.of(5, 0, 3, 7, 2, 1, 65))).toEqual({
      reference: 7,
      total: 2,
      part: 1,
      headerOctets: 6,
    });
    expect(readConcatHeader(Uint8Array.of(6, 8, 4, 1, 2, 9, 9))).toEqual({
      reference: 258,
      total: 9,
      part: 9,
      headerOctets: 7,
    });
    const withPorts = Uint8Array.of(11, 5, 4, 0, 80, 0, 80, 0, 3, 7, 2, 2, 65);
    expect(readConcatHeader(withPorts)).toEqual({ reference: 7, total: 2, part: 2, headerOctets: 12 });
  });

  it('takes the last element and ignores an impossible place', () => {
    expect(readConcatHeader(Uint8Array.of(10, 0, 3, 1, 2, 1, 0, 3, 2, 2, 2))).toMatchObject({
      reference: 2,
      part: 2,
    });
    expect(readConcatHeader(Uint8Array.of(10, 0, 3, 1, 2, 1, 0, 3, 2, 2, 3))).toMatchObject({
      reference: 1,
      part: 1,
    });
  });

  it.each([
    [[]],
    [[0]],
    [[5, 0, 3, 1, 2]],
    [[255, 0, 3, 1, 2, 1]],
    [[5, 0, 4, 1, 2, 1]],
    [[4, 0, 3, 1, 2, 1]],
    [[6, 0, 3, 1, 2, 1, 0]],
    [[5, 0, 3, 1, 0, 0]],
    [[5, 0, 3, 1, 2, 0]],
    [[4, 0, 2, 1, 2]],
  ])('is not found in %j', (octets) => {
    expect(readConcatHeader(Uint8Array.from(octets))).toBeUndefined();
  });

  it('reads what it builds, and any octets without harm', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const place = fc
      .tuple(octet, fc.integer({ min: 1, max: 255 }), fc.nat())
      .map(([reference, total, seed]) => ({ reference, total, part: (seed % total) + 1 }));
    fc.assert(
      fc.property(place, (given) => {
        expect(readConcatHeader(buildConcatHeader(given))).toEqual({ ...given, headerOctets: 6 });
      }),
    );
    const hostile = fc.array(fc.oneof(octet, fc.constantFrom(0, 3, 4, 5, 8)), { maxLength: 40 });
    fc.assert(
      fc.property(hostile, (octets) => {
        const read = readConcatHeader(Uint8Array.from(octets));
        if (!read) return;
        expect(read.headerOctets).toBeLessThanOrEqual(octets.length);
        expect(read.part).toBeGreaterThanOrEqual(1);
        expect(read.part).toBeLessThanOrEqual(read.total);
      }),
      { numRuns: 5_000 },
    );
  });
});
