import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGbk, encodeGbk } from './gbk.ts';
import { decodeGsm7, encodeGsm7, gsm7Length } from './gsm7.ts';
import { decodeUcs2, encodeUcs2 } from './ucs2.ts';

const GSM7 = [
  ...'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ...'ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
  ...'\f^{}\\[~]|€',
];
const gsm7Text = fc.string({ unit: fc.constantFrom(...GSM7), maxLength: 400 });

describe('GSM-7', () => {
  it('knows the 127 characters of the alphabet and the 10 of the extension', () => {
    expect(GSM7.length).toBe(137);
    expect(GSM7.filter((character) => gsm7Length(character) === 2).join('')).toBe('\f^{}\\[~]|€');
    expect(GSM7.every((character) => gsm7Length(character) > 0)).toBe(true);
  });

  it.each([
    ['@', [0x00]],
    ['Hi', [0x48, 0x69]],
    ['€', [0x1b, 0x65]],
    ['[]', [0x1b, 0x3c, 0x1b, 0x3e]],
    ['à§', [0x7f, 0x5f]],
    ['ΔΞ_', [0x10, 0x1a, 0x11]],
  ])('encodes %s', (text, octets) => {
    expect([...encodeGsm7(text)!]).toEqual(octets);
  });

  it.each(['中', '`', '\x1b', '\t', 'ç', '😀', '\u20ad', '\uffff'])('cannot write %j', (text) => {
    expect(encodeGsm7(text)).toBeUndefined();
    expect(gsm7Length(text)).toBe(-1);
  });

  it('decodes what no encoder writes', () => {
    expect(decodeGsm7(Uint8Array.of(0x1b))).toBe(' ');
    expect(decodeGsm7(Uint8Array.of(0x1b, 0x1b, 0x41))).toBe(' A');
    expect(decodeGsm7(Uint8Array.of(0x1b, 0x41))).toBe('A');
    expect(decodeGsm7(Uint8Array.of(0x80, 0x1b, 0xff))).toBe('\ufffd\ufffd');
  });

  it('round-trips', () => {
    fc.assert(
      fc.property(gsm7Text, (text) => {
        const octets = encodeGsm7(text)!;
        expect(octets.length).toBe(gsm7Length(text));
        expect(decodeGsm7(octets)).toBe(text);
      }),
    );
  });
});

describe('UCS-2', () => {
  it('is big endian and drops half a unit', () => {
    expect([...encodeUcs2('中a')]).toEqual([0x4e, 0x2d, 0x00, 0x61]);
    expect(decodeUcs2(Uint8Array.of(0x4e, 0x2d, 0x00))).toBe('中');
  });

  it('round-trips any units, lone surrogates too', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes));
    fc.assert(
      fc.property(units, (text) => {
        expect(decodeUcs2(encodeUcs2(text))).toBe(text);
      }),
    );
  });
});

describe('GBK', () => {
  it.each([
    ['中a', [0xd6, 0xd0, 0x61]],
    ['【】', [0xa1, 0xbe, 0xa1, 0xbf]],
    ['€', [0xa2, 0xe3]],
  ])('encodes %s', (text, octets) => {
    expect([...encodeGbk(text)!]).toEqual(octets);
  });

  it.each(['😀', 'é中\u0e01', '\u0080'])('cannot write %j', (text) => {
    expect(encodeGbk(text)).toBeUndefined();
  });

  it('round-trips every text that it can write', () => {
    const han = fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCharCode(code));
    const unit = fc.oneof(
      han,
      fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 1 }),
      fc.constantFrom(...'，。！【】￥αБ①'),
    );
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(decodeGbk(encodeGbk(text)!)).toBe(text);
      }),
    );
    for (let unit16 = 0; unit16 < 0xd800; unit16++) {
      const character = String.fromCharCode(unit16);
      const octets = encodeGbk(character);
      if (octets && decodeGbk(octets) !== character) expect.fail(`U+${unit16.toString(16)}`);
    }
  });
});
