import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildFolding } from './folding.ts';
import { compact, newReading, readText, restore, sourceEnd } from './restoration.ts';

const folding = buildFolding(new Map());

function restored(text: string): string {
  const reading = newReading(8);
  restore(folding, text, reading);
  return readText(reading, 0, reading.length);
}

function compacted(text: string): string {
  const reading = newReading(8);
  const joined = newReading(8);
  restore(folding, text, reading);
  return compact(folding, reading, joined) ? readText(joined, 0, joined.length) : restored(text);
}

/** Strings of ordinary, disguised and broken text in one. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    maxLength: 60,
  }),
  fc.string({
    unit: fc.constantFrom(...'加V信аbсｘ①❷𝟑🅰微薇賭博 .-。点，\u200b\u0301\ufe0f\u20e3\ud83d\ude00ﷺ½'),
    maxLength: 60,
  }),
);

describe('restoration', () => {
  it.each([
    ['ＡＢＣ１２３', 'ABC123'],
    ['①②③❹⓹➏⑦', '1234567'],
    ['𝟏𝟑𝟴𝟬𝟬', '13800'],
    ['٠١٢٣٤५६७', '01234567'],
    ['1️⃣3️⃣8️⃣', '138'],
    ['x²y₃', 'x2y3'],
    ['🅰🅑Ⓒ🄳', 'ABCD'],
    ['𝓬𝓪𝓼𝓲𝓷𝓸 𝕧𝕩', 'casino vx'],
    ['賭\u200b博\u2060網\ufeff站', '赌博网站'],
    ['c\u0301a\u0336si\u0489no', 'casino'],
    ['çásïnö', 'casino'],
    ['Ⅷ ㊙ ㎏', 'VIII 秘 kg'],
    ['v➕', 'v+'],
    ['代開發票', '代开发票'],
  ])('reads %s as %s', (text, reading) => {
    expect(restored(text)).toBe(reading);
  });

  it('reads Cyrillic and Greek look-alikes as Latin in words that pose as Latin', () => {
    expect(restored('саsіnо')).toBe('casino');
    expect(restored('加ΕСΚ596')).toBe('加ECK596');
  });

  it('leaves Russian, Greek, Thai and simplified Chinese as they are', () => {
    for (const text of [
      'Ваш код подтверждения: 4821',
      'Ο κωδικός σας είναι 4821',
      'รหัสของคุณคือ 4821',
      '乾坤湾於潜镇〇七山下',
    ]) {
      expect(restored(text)).toBe(text);
    }
  });

  it('is idempotent on any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(restored(restored(text))).toBe(restored(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps an offset map that never decreases and lies inside the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const reading = newReading(8);
        restore(folding, text, reading);
        expect(reading.offsets[reading.length]).toBe(text.length);
        for (let i = 0; i < reading.length; i++) {
          const from = reading.offsets[i]!;
          const to = sourceEnd(reading.offsets, reading.length, i);
          expect(from).toBeLessThanOrEqual(reading.offsets[i + 1]!);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('maps each restored unit to source text that restores to it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'賭博①１A。㈱é加 \u200b'), maxLength: 40 }),
        (text) => {
          const reading = newReading(8);
          restore(folding, text, reading);
          for (let i = 0; i < reading.length; i++) {
            const source = text.slice(reading.offsets[i]!, sourceEnd(reading.offsets, reading.length, i));
            expect(restored(source)).toContain(String.fromCharCode(reading.units[i]!));
          }
        },
      ),
    );
  });

  it('leaves plain text unmarked', () => {
    const reading = newReading(8);
    restore(folding, '【网店】您的验证码是482913，5分钟内有效。Code 482913.', reading);
    expect(reading.changed).toBe(false);
  });
});

describe('the compact form', () => {
  it.each([
    ['赌 博 平 台', '赌博平台'],
    ['赌*博-平_台', '赌博平台'],
    ['赌😀博🎲🎲平台', '赌博平台'],
    ['加 V 信 a b c 1 2 3', '加V信abc123'],
    ['来赌，博，平，台', '来赌，博平台'],
    ['c-a-s-i-n-o', 'casino'],
    ['cas.ino', 'casino'],
  ])('joins %s', (text, joined) => {
    expect(compacted(text)).toBe(joined);
  });

  it.each([
    '今天开会，博士请准时。',
    'Meet me at 10:30 on 12-05',
    '138-0013-8000',
    'his exact words',
    '赌\n博',
    '第一。第二',
  ])('leaves %s alone', (text) => {
    expect(compacted(text)).toBe(text);
  });
});
