import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePdu, pduOf } from './codec.ts';
import { createFramer } from './framer.ts';

const collect = (chunks: readonly Buffer[], maxOctets = 1_000) => {
  const framer = createFramer(maxOctets);
  const frames: string[] = [];
  let fault: string | null = null;
  let mostPending = 0;
  for (const chunk of chunks) {
    fault = framer.push(chunk, (buffer, start, end) => frames.push(buffer.toString('hex', start, end)));
    mostPending = Math.max(mostPending, framer.pendingOctets());
  }
  return { frames, fault, mostPending };
};

const split = (stream: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  return [...at, stream.length].map((end, i) => stream.subarray(i === 0 ? 0 : at[i - 1], end));
};

describe('createFramer', () => {
  it('finds the same PDUs however the stream is cut', () => {
    const pdu = fc
      .tuple(fc.integer({ min: 1, max: 0x7fffffff }), fc.string({ maxLength: 60, unit: 'grapheme-ascii' }))
      .map(([sequence, id]) => encodePdu(pduOf('submit_sm_resp', sequence, { message_id: id })));
    fc.assert(
      fc.property(fc.array(pdu, { minLength: 1, maxLength: 8 }), fc.array(fc.nat()), (pdus, cuts) => {
        const { frames, fault, mostPending } = collect(split(Buffer.concat(pdus), cuts));
        expect(fault).toBeNull();
        expect(frames).toEqual(pdus.map((one) => one.toString('hex')));
        expect(mostPending).toBeLessThan(100);
      }),
    );
  });

  it('works octet by octet', () => {
    const one = encodePdu(pduOf('enquire_link', 3, {}));
    const stream = Buffer.concat([one, one]);
    const { frames } = collect(split(stream, [...stream.keys()]));
    expect(frames).toEqual([one.toString('hex'), one.toString('hex')]);
  });

  it.each([
    ['0000000f', 'command_length_too_small'],
    ['00000000', 'command_length_too_small'],
    ['000003e9', 'command_length_too_large'],
    ['ffffffff', 'command_length_too_large'],
    [Buffer.from('GET / HTTP/1.1').toString('hex'), 'command_length_too_large'],
  ])('ends the stream on command_length %s: %s', (start, expected) => {
    const bad = Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(40)]);
    const good = encodePdu(pduOf('enquire_link', 3, {}));
    for (const chunks of [[bad], [good, bad], split(bad, [1, 2, 3, 4, 5])]) {
      const { fault, mostPending } = collect([...chunks, good]);
      expect(fault).toBe(expected);
      expect(mostPending).toBeLessThan(5);
    }
  });

  it('survives arbitrary octets in arbitrary pieces with bounded memory', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 30 }), (chunks) => {
        const { mostPending } = collect(chunks.map((chunk) => Buffer.from(chunk)));
        expect(mostPending).toBeLessThanOrEqual(1_000);
      }),
    );
  });
});
