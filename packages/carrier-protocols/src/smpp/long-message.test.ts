import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAssembler, type PartSource, placeSegment, readMessagePart } from './long-message.ts';

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const source = (changes: Partial<PartSource>): PartSource => ({
  esmClass: 0,
  dataCoding: 8,
  shortMessage: new Uint8Array(0),
  tlvs: {},
  ...changes,
});

describe('readMessagePart', () => {
  it.each([
    [
      '8-bit UDH',
      { esmClass: 0x40, shortMessage: bytes('0500032a0302 6100'.replace(' ', '')) },
      'udh8',
      0x2a,
    ],
    ['16-bit UDH', { esmClass: 0x40, shortMessage: bytes('060804012a03026100') }, 'udh16', 0x012a],
    [
      'UDH behind another element',
      { esmClass: 0x40, shortMessage: bytes('0b05040b8423f000032a03026100') },
      'udh8',
      0x2a,
    ],
    [
      'SAR parameters',
      {
        shortMessage: bytes('6100'),
        tlvs: { sar_msg_ref_num: 0x012a, sar_total_segments: 3, sar_segment_seqnum: 2 },
      },
      'sar',
      0x012a,
    ],
    [
      'UDH in message_payload',
      { esmClass: 0x40, tlvs: { message_payload: bytes('0500032a03026100') } },
      'udh8',
      0x2a,
    ],
    [
      'UDH and SAR together',
      {
        esmClass: 0x40,
        shortMessage: bytes('0500032a03026100'),
        tlvs: { sar_msg_ref_num: 9, sar_total_segments: 3, sar_segment_seqnum: 2 },
      },
      'udh8',
      0x2a,
    ],
  ])('%s', (_, fields, scheme, reference) => {
    expect(readMessagePart(source(fields as Partial<PartSource>))).toEqual({
      scheme,
      reference,
      total: 3,
      part: 2,
      octets: expect.objectContaining({ length: 2 }),
      dataCoding: 8,
    });
  });

  it.each([
    ['no header', { shortMessage: bytes('6100') }, 2],
    ['payload', { tlvs: { message_payload: bytes('61006200') } }, 4],
    ['a header longer than the text stays text', { esmClass: 0x40, shortMessage: bytes('ff61') }, 2],
    ['part 0', { esmClass: 0x40, shortMessage: bytes('0500032a03006100') }, 2],
    ['part beyond total', { esmClass: 0x40, shortMessage: bytes('0500032a03046100') }, 2],
  ])('whole: %s', (_, fields, octets) => {
    const part = readMessagePart(source(fields as Partial<PartSource>));
    expect(part).toMatchObject({ scheme: 'whole', reference: 0, total: 1, part: 1 });
    expect(part.octets.length).toBe(octets);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 254 }),
        fc.integer({ min: 0, max: 255 }),
        (shortMessage, esmClass) => {
          const part = readMessagePart(source({ shortMessage, esmClass }));
          expect(part.part).toBeLessThanOrEqual(part.total);
        },
      ),
    );
  });
});

describe('placeSegment and createAssembler', () => {
  it('join again in any order, by any style', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 134 }), { minLength: 1, maxLength: 9 }),
        fc.constantFrom('udh8' as const, 'udh16' as const, 'sar' as const),
        fc.integer({ min: 0, max: 0xffff }),
        fc.infiniteStream(fc.nat()),
        (pieces, style, reference, random) => {
          const parts = pieces.map((octets, i) => {
            const placed = placeSegment({ reference, total: pieces.length, part: i + 1, octets }, style);
            return readMessagePart({ ...placed, dataCoding: 8 });
          });
          for (let i = parts.length - 1; i > 0; i -= 1) {
            const j = (random.next().value ?? 0) % (i + 1);
            [parts[i], parts[j]] = [parts[j]!, parts[i]!];
          }
          const assembler = createAssembler(10, 1_000);
          const joined = parts.map((part) => assembler.add('a', part, 0));
          expect(joined.slice(0, -1).every((one) => one === null)).toBe(true);
          expect(Buffer.from(joined.at(-1) as Uint8Array)).toEqual(Buffer.concat(pieces));
          expect(assembler.pending()).toBe(0);
        },
      ),
    );
  });

  it('message_payload carries the whole text', () => {
    const placed = placeSegment({ reference: 1, total: 1, part: 1, octets: bytes('6100') }, 'payload');
    expect(readMessagePart({ ...placed, dataCoding: 8 }).octets).toEqual(bytes('6100'));
  });

  it('keeps senders apart, forgets the old and is bounded', () => {
    const assembler = createAssembler(2, 1_000);
    const part = (n: number) =>
      readMessagePart({
        ...placeSegment({ reference: 7, total: 2, part: n, octets: bytes('6100') }, 'udh8'),
        dataCoding: 8,
      });
    expect(assembler.add('a', part(1), 0)).toBeNull();
    expect(assembler.add('b', part(2), 0)).toBeNull();
    expect(assembler.add('a', part(1), 0)).toBeNull();
    expect(assembler.add('c', part(1), 1)).toBeNull();
    expect(assembler.pending()).toBe(2);
    expect(assembler.add('a', part(2), 2)).toBeNull();
    expect(assembler.add('c', part(2), 2_000)).toBeNull();
    expect(assembler.pending()).toBe(1);
  });

  it('refuses what does not fit', () => {
    expect(() => placeSegment({ reference: 1, total: 2, part: 3, octets: bytes('') }, 'udh8')).toThrow(
      RangeError,
    );
    expect(() =>
      placeSegment({ reference: 1, total: 2, part: 1, octets: new Uint8Array(250) }, 'udh8'),
    ).toThrow(RangeError);
  });
});
