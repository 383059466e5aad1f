import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskNumber, readNumber } from './numbers.ts';

const chinese = { ok: true, e164: '+8613800138000', country: 'CN', domestic: true };

describe('readNumber', () => {
  it.each(['13800138000', '8613800138000', '+8613800138000', '008613800138000', ' 13800138000\t'])(
    'reads %j as one Chinese number',
    (raw) => {
      expect(readNumber(raw)).toEqual(chinese);
    },
  );

  it.each([
    ['+447911123456', '+447911123456', 'GG'],
    ['00447911123456', '+447911123456', 'GG'],
    ['447911123456', '+447911123456', 'GG'],
    ['+4407911123456', '+447911123456', 'GG'],
    ['85291234567', '+85291234567', 'HK'],
    ['12015550123', '+12015550123', 'US'],
    ['+79161234567', '+79161234567', 'RU'],
  ])('reads %s abroad as %s', (raw, e164, country) => {
    expect(readNumber(raw)).toEqual({ ok: true, e164, country, domestic: false });
  });

  it('leaves numbers with + or 00 but without 86 to the rest of the world', () => {
    expect(readNumber('+14155552671')).toMatchObject({ ok: true, country: 'US', domestic: false });
    expect(readNumber('14155552671')).toMatchObject({ ok: true, e164: '+8614155552671', domestic: true });
  });

  it.each([
    '',
    ' ',
    '+',
    '138-0013-8000',
    '138 0013 8000',
    '1380013800',
    '138001380000',
    '12800138000',
    '+86 13800138000',
    '+86013800138000',
    '8610641234567',
    '+861012345678',
    '01012345678',
    '4001234567',
    '10086',
    '+8610086',
    '95588',
    '+442079460000',
    '+18005550123',
    '+80012345678',
    '１３８００１３８０００',
    '13800138000\u0000',
    '13800138000,13800138001',
    `13800138000${' '.repeat(30)}`,
    `+${'1'.repeat(31)}`,
  ])('refuses %j', (raw) => {
    expect(readNumber(raw)).toEqual({ ok: false });
  });

  it('gives the same number for its own result', () => {
    const digits = fc.stringMatching(/^[1-9][0-9]{6,14}$/);
    const plausible = fc
      .tuple(fc.constantFrom('44', '1', '52', '54', '55', '39', '49', '852', '91', '225', '7'), digits)
      .map(([code, rest]) => code + rest.slice(0, 11));
    const raw = fc
      .tuple(
        fc.constantFrom('', '+', '00'),
        fc.oneof(digits, plausible, fc.stringMatching(/^861[3-9][0-9]{9}$/)),
      )
      .map(([prefix, number]) => prefix + number);
    fc.assert(
      fc.property(raw, (text) => {
        const read = readNumber(text);
        if (read.ok) expect(readNumber(read.e164)).toEqual(read);
      }),
      { numRuns: 3_000 },
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[+0-9 -]{0,32}$/)), (text) => {
        expect(typeof readNumber(text).ok).toBe('boolean');
      }),
    );
  });
});

describe('maskNumber', () => {
  it.each([
    ['+8613800138000', '138****8000'],
    ['+14155552671', '+1****71'],
    ['+447911123456', '+44****56'],
    ['+85291234567', '+852****67'],
    ['+861012345678', '+86****78'],
    ['13800138000', '****'],
    ['', '****'],
  ])('masks %s as %s', (e164, masked) => {
    expect(maskNumber(e164)).toBe(masked);
  });
});
