import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConcatHeader } from './concat-header.ts';
import { decodeGsm7 } from './gsm7.ts';
import { segmentText, splitSegments } from './segments.ts';
import { decodeUcs2 } from './ucs2.ts';

const home = { domestic: true };
const abroad = { domestic: false };

describe('segmentText', () => {
  it.each([
    ['', home, { encoding: 'ucs2', count: 1, units: 0 }],
    ['a'.repeat(70), home, { encoding: 'ucs2', count: 1, units: 70 }],
    ['a'.repeat(71), home, { encoding: 'ucs2', count: 2, units: 71 }],
    ['信'.repeat(134), home, { encoding: 'ucs2', count: 2, units: 134 }],
    ['信'.repeat(135), home, { encoding: 'ucs2', count: 3, units: 135 }],
    ['信'.repeat(500), home, { encoding: 'ucs2', count: 8, units: 500 }],
    ['a'.repeat(160), abroad, { encoding: 'gsm7', count: 1, units: 160 }],
    ['a'.repeat(161), abroad, { encoding: 'gsm7', count: 2, units: 161 }],
    ['€'.repeat(80), abroad, { encoding: 'gsm7', count: 1, units: 160 }],
    ['€'.repeat(81), abroad, { encoding: 'gsm7', count: 2, units: 162 }],
    ['a'.repeat(306), abroad, { encoding: 'gsm7', count: 2, units: 306 }],
    ['a'.repeat(307), abroad, { encoding: 'gsm7', count: 3, units: 307 }],
    ['`'.repeat(71), abroad, { encoding: 'ucs2', count: 2, units: 71 }],
  ])('counts case %#', (text, options, expected) => {
    expect(segmentText(text, options)).toEqual(expected);
  });

  it('moves a pair that would be cut to the next segment', () => {
    // 67 escape pairs are 134 septets, 76 pairs 152: the 77th does not fit into 153. 153 pairs need 3 segments, not 2.
    expect(segmentText('€'.repeat(153), abroad)).toEqual({ encoding: 'gsm7', count: 3, units: 306 });
    // 33 emoji are 66 units: the 34th does not fit into 67. 67 emoji need 3 segments, not 2.
    expect(segmentText('😀'.repeat(67), home)).toEqual({ encoding: 'ucs2', count: 3, units: 134 });
  });
});

describe('splitSegments', () => {
  it('puts one segment without header and several with', () => {
    const one = splitSegments('验证码', { ...home, reference: 9 });
    expect(one.segments.map((segment) => segment.hasHeader)).toEqual([false]);
    const several = splitSegments('验'.repeat(71), { ...home, reference: 9 });
    expect(several.segments.map((segment) => readConcatHeader(segment.octets))).toEqual([
      { reference: 9, total: 2, part: 1, headerOctets: 6 },
      { reference: 9, total: 2, part: 2, headerOctets: 6 },
    ]);
    expect(several.segments.map((segment) => segment.octets.length)).toEqual([140, 14]);
  });

  it('refuses more segments than the header can number', () => {
    expect(() => splitSegments('信'.repeat(67 * 255 + 1), { ...home, reference: 0 })).toThrow(RangeError);
  });

  const character = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...'abc XYZ019@£é') },
    { weight: 3, arbitrary: fc.constantFrom(...'^{}[]~\\|€') },
  );
  const wide = fc.oneof(
    character,
    fc.constantFrom('信', '😀', '👩‍👩‍👧', '\ud83d', '\udc00'),
    fc.string({ unit: 'binary' }),
  );
  const long = { minLength: 0, maxLength: 500 };

  it.each([
    ['GSM-7 abroad', fc.string({ unit: character, ...long }), abroad, decodeGsm7],
    ['UCS-2 at home', fc.string({ unit: wide, ...long }), home, decodeUcs2],
    ['UCS-2 abroad', fc.string({ unit: wide, ...long }).map((text) => `${text}信`), abroad, decodeUcs2],
  ])('joins back to the text, in segments that fit: %s', (_, texts, options, decode) => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 255 }), (text, reference) => {
        const { encoding, segments } = splitSegments(text, { ...options, reference });
        const counted = segmentText(text, options);
        expect(counted.encoding).toBe(encoding);
        expect(counted.count).toBe(segments.length);
        let joined = '';
        segments.forEach((segment, index) => {
          expect(segment.hasHeader).toBe(segments.length > 1);
          const header = segment.hasHeader ? readConcatHeader(segment.octets) : undefined;
          if (segment.hasHeader) {
            expect(header).toEqual({ reference, total: segments.length, part: index + 1, headerOctets: 6 });
          }
          const body = segment.octets.subarray(header?.headerOctets ?? 0);
          if (encoding === 'ucs2') expect(segment.octets.length).toBeLessThanOrEqual(140);
          else expect(body.length).toBeLessThanOrEqual(segment.hasHeader ? 153 : 160);
          const part = decode(body);
          const next = segments[index + 1];
          if (text.isWellFormed()) expect(part.isWellFormed()).toBe(true);
          if (encoding === 'gsm7' && next) expect(body.at(-1)).not.toBe(0x1b);
          joined += part;
        });
        expect(joined).toBe(text);
      }),
    );
  });
});
