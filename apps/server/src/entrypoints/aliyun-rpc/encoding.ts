const UNRESERVED_ONLY = /^[A-Za-z0-9\-_.~]*$/;
/** What `encodeURIComponent` leaves bare although RFC 3986 §2.2 reserves it. */
const LEFT_BARE = /[!'()*]/g;
const NON_ASCII = /[^\x20-\x7e]/;

function percentByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * RFC 3986 percent-encoding as both signature schemes want it: `A-Za-z0-9-_.~` bare, everything else as UTF-8
 * bytes in upper-case hex (a space is `%20`, `*` is `%2A`). A lone surrogate is encoded as U+FFFD.
 */
export function encodeRfc3986(text: string): string {
  // Names, numbers and codes need nothing: the test is about ten times cheaper than encoding.
  if (UNRESERVED_ONLY.test(text)) return text;
  const encoded = encodeURIComponent(text.isWellFormed() ? text : text.toWellFormed());
  return encoded.replace(LEFT_BARE, percentByte);
}

/**
 * Decodes one name or value of a query string or form: `+` is a space, `%2B` a plus (observed: Go and Python send
 * `+` in query strings too). Returns undefined when an escape is broken or the bytes are not UTF-8.
 */
export function decodeFormComponent(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return undefined;
  }
}

/** Sorts parameter names in the byte order of their UTF-8 form, in place. */
export function sortByBytes(names: string[]): string[] {
  // UTF-16 order differs from byte order only beyond the basic plane; real names are ASCII.
  if (!NON_ASCII.test(names.join(''))) return names.sort();
  return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** `name=value`, both encoded; an empty value gives `name=`. */
export function encodedPair(name: string, value: string): string {
  return `${encodeRfc3986(name)}=${encodeRfc3986(value)}`;
}

/** Per character code: 1 = bare in RFC 3986, 0 = not. */
const UNRESERVED = Uint8Array.from({ length: 128 }, (_, code) =>
  UNRESERVED_ONLY.test(String.fromCharCode(code)) ? 1 : 0,
);

function upperHexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x41 && code <= 0x46 ? code - 0x37 : -1;
}

/**
 * Whether the part of `text` from `start` to `end` is spelled as `encodeRfc3986` would spell it, but for one byte
 * `=` at `equals`. (An escaped octet that is no UTF-8 passes; decoding finds it.)
 */
export function isCanonicalPair(text: string, start: number, equals: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 128 && UNRESERVED[code] === 1) continue;
    if (at === equals) continue;
    if (code !== 0x25 || at + 2 >= end) return false;
    const high = upperHexDigit(text.charCodeAt(at + 1));
    const low = upperHexDigit(text.charCodeAt(at + 2));
    if (high < 0 || low < 0) return false;
    const octet = high * 16 + low;
    if (octet < 128 && UNRESERVED[octet] === 1) return false;
    at += 2;
  }
  return true;
}
