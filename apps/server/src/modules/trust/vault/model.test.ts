import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSealer, type Place, SealBroken } from './model.ts';

const key = (version: number) => ({ version, key: createSecretKey(randomBytes(32)) });
const nonce = () => randomBytes(12);
const place: Place = { table: 'messages', column: 'sealed', row: '42' };

describe('sealed values', () => {
  it('open to what was sealed, whatever it was, and never show it', () => {
    const sealer = createSealer('7', [key(1)], nonce);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const sealed = sealer.seal(place, text);
        expect(sealer.open(place, sealed).toString('utf8')).toBe(Buffer.from(text).toString('utf8'));
        if (Buffer.byteLength(text) > 3) expect(sealed.includes(Buffer.from(text))).toBe(false);
      }),
    );
  });

  it('open nowhere else: not in another row, column or table, and not for another tenant', () => {
    const keys = [key(1)];
    const sealed = createSealer('7', keys, nonce).seal(place, 'text');
    const others: [string, Place][] = [
      ['7', { ...place, row: '43' }],
      ['7', { ...place, column: 'other' }],
      ['7', { ...place, table: 'refusals' }],
      ['8', place],
    ];
    for (const [owner, where] of others) {
      expect(() => createSealer(owner, keys, nonce).open(where, sealed)).toThrow(SealBroken);
    }
  });

  it('do not open when any octet was changed or cut', () => {
    const sealer = createSealer('7', [key(1)], nonce);
    const sealed = sealer.seal(place, 'a text of some length');
    for (let i = 0; i < sealed.length; i++) {
      const altered = Buffer.from(sealed);
      altered[i] = altered[i]! ^ 1;
      expect(() => sealer.open(place, altered)).toThrow(SealBroken);
      expect(() => sealer.open(place, sealed.subarray(0, i))).toThrow(SealBroken);
    }
  });

  it('stay readable when a new key version seals', () => {
    const first = key(1);
    const sealed = createSealer('7', [first], nonce).seal(place, 'old');
    const rotated = createSealer('7', [first, key(2)], nonce);
    expect(rotated.open(place, sealed).toString()).toBe('old');
    expect(rotated.seal(place, 'new').readUInt16BE(1)).toBe(2);
    expect(() => createSealer('7', [key(2)], nonce).open(place, sealed)).toThrow(SealBroken);
  });
});
