import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/mobile';

/** One mobile number in its only stored form; `e164` like `+8613800138000`, `country` ISO 3166-1 alpha-2. */
export type ReadNumber = { ok: true; e164: string; country: string; domestic: boolean } | { ok: false };

const MAX_RAW_CHARACTERS = 32;
// `+86` and `0086` need their 86: `+138…` and `00138…` belong to +1 (North America).
const CHINESE_MOBILE = /^(?:(?:\+|00)?86)?(1[3-9]\d{9})$/;
// E.164 §6.2: at most 15 digits, no leading zero; no mobile plan is shorter than 7 with its country code.
const INTERNATIONAL = /^(?:\+|00)?([1-9]\d{6,14})$/;
const REFUSED: ReadNumber = { ok: false };

/**
 * Reads a mobile number as clients write it: `138…`, `86138…`, `+86138…`, `0086138…`, abroad `+<cc><n>`,
 * `00<cc><n>` or bare `<cc><n>` (Alibaba Dysmsapi, SendSms PhoneNumbers).
 *
 * Surrounding blanks are dropped; anything else that is not a digit is refused, and so are land lines, short
 * codes and input above 32 characters. A bare eleven-digit number starting 13-19 is always Chinese, even though
 * it could be read as a North American one: abroad is written with `+` or `00` there.
 */
export function readNumber(raw: string): ReadNumber {
  if (raw.length > MAX_RAW_CHARACTERS) return REFUSED;
  const text = raw.trim();
  const chinese = CHINESE_MOBILE.exec(text);
  if (chinese) return { ok: true, e164: `+86${chinese[1]}`, country: 'CN', domestic: true };
  const international = INTERNATIONAL.exec(text);
  if (!international) return REFUSED;
  const number = parseMobile(`+${international[1]}`);
  // Chinese numbers are decided by the pattern above alone: the library's ranges lag behind new prefixes.
  if (!number || number.country === undefined || number.country === 'CN') return REFUSED;
  return { ok: true, e164: number.number, country: number.country, domestic: false };
}

function parseMobile(e164: string): PhoneNumber | undefined {
  const number = parsePhoneNumberFromString(e164);
  if (!number || !isMobile(number)) return undefined;
  if (number.number === e164) return number;
  // The library dropped a national prefix (+44 0 79…); its result must stand on its own, or one phone had two forms.
  const settled = parsePhoneNumberFromString(number.number);
  return settled && settled.number === number.number && isMobile(settled) ? settled : undefined;
}

function isMobile(number: PhoneNumber): boolean {
  if (!number.isValid()) return false;
  const type = number.getType();
  return type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE';
}

/**
 * Masks a number for people: `138****8000` in China, `+44****56` abroad (country code, last two digits, and a
 * fixed run of stars so that the length is not told). Anything that is not E.164 becomes `****`.
 */
export function maskNumber(e164: string): string {
  if (!/^\+[1-9]\d{4,14}$/.test(e164)) return '****';
  if (/^\+861\d{10}$/.test(e164)) return `${e164.slice(3, 6)}****${e164.slice(-4)}`;
  return `${e164.slice(0, 1 + callingCodeDigits(e164))}****${e164.slice(-2)}`;
}

// ITU-T E.164 Annex (list of country codes): 1 and 7 have one digit, these have two, all others three.
const TWO_DIGIT_CODES = /^\+(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

function callingCodeDigits(e164: string): number {
  if (e164[1] === '1' || e164[1] === '7') return 1;
  return TWO_DIGIT_CODES.test(e164) ? 2 : 3;
}

/** Longest run of digits that an audit entry may keep: longer ones could be a number, and entries are never erased. */
const NUMBER_LIKE = /\+?\d(?:[\s-]?\d){6,}/g;

/** The operator's words with whatever could be a phone number masked: an audit entry holds no personal data. */
export const withoutNumbers = (reason: string): string =>
  reason.normalize('NFKC').replaceAll(NUMBER_LIKE, (found) => {
    const number = readNumber(found.replaceAll(/[\s-]/g, ''));
    return number.ok ? maskNumber(number.e164) : '****';
  });
