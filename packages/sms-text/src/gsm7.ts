// 3GPP TS 23.038 §6.2.1: position in the string is the septet. 0x1B is the escape to the extension table.
const DEFAULT_ALPHABET =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';

// 3GPP TS 23.038 §6.2.1.1; form feed is its page break.
const EXTENSION: readonly (readonly [septet: number, character: string])[] = [
  [0x0a, '\f'],
  [0x14, '^'],
  [0x28, '{'],
  [0x29, '}'],
  [0x2f, '\\'],
  [0x3c, '['],
  [0x3d, '~'],
  [0x3e, ']'],
  [0x40, '|'],
  [0x65, '€'],
];

const ESCAPE = 0x1b;
const NOT_IN_ALPHABET = 0xffff;
// The euro sign is the highest character of both tables.
const TABLE_SIZE = '€'.charCodeAt(0) + 1;

type Gsm7Tables = { septetOf: Uint16Array; costOf: Uint8Array; extensionOf: (string | undefined)[] };
let tables: Gsm7Tables | undefined;

/** Character → septet (escaped ones as 0x1B00 + septet), built at first use. */
function gsm7Tables(): Gsm7Tables {
  if (tables) return tables;
  const septetOf = new Uint16Array(TABLE_SIZE).fill(NOT_IN_ALPHABET);
  for (let septet = 0; septet < DEFAULT_ALPHABET.length; septet++) {
    if (septet !== ESCAPE) septetOf[DEFAULT_ALPHABET.charCodeAt(septet)] = septet;
  }
  const extensionOf: (string | undefined)[] = new Array(128).fill(undefined);
  for (const [septet, character] of EXTENSION) {
    septetOf[character.charCodeAt(0)] = (ESCAPE << 8) | septet;
    extensionOf[septet] = character;
  }
  const costOf = Uint8Array.from(septetOf, (septet) =>
    septet === NOT_IN_ALPHABET ? 0 : septet > 0x7f ? 2 : 1,
  );
  tables = { septetOf, costOf, extensionOf };
  return tables;
}

/** Septets by UTF-16 unit: 1, 2 (extension table), 0 or nothing where GSM-7 cannot write it. */
export function gsm7Costs(): Uint8Array {
  return gsm7Tables().costOf;
}

/** Length of `text` in septets, or -1 when a character is outside GSM-7. */
export function gsm7Length(text: string): number {
  const { costOf } = gsm7Tables();
  let septets = 0;
  for (let index = 0; index < text.length; index++) {
    const cost = costOf[text.charCodeAt(index)];
    if (!cost) return -1;
    septets += cost;
  }
  return septets;
}

/**
 * Encodes to GSM-7, one septet an octet (unpacked, as SMPP 3.4 data_coding 0 carries it).
 * `undefined` when a character is outside the default alphabet and its extension table.
 */
export function encodeGsm7(text: string): Uint8Array | undefined {
  const length = gsm7Length(text);
  if (length < 0) return undefined;
  const { septetOf } = gsm7Tables();
  const octets = new Uint8Array(length);
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    const septet = septetOf[text.charCodeAt(index)]!;
    if (septet > 0x7f) octets[at++] = ESCAPE;
    octets[at++] = septet & 0x7f;
  }
  return octets;
}

/**
 * Decodes unpacked GSM-7. An escape before a septet without extension shows the default character, a second or a
 * trailing escape shows a space (TS 23.038 §6.2.1.1); an octet above 0x7F, which no septet is, becomes U+FFFD.
 */
export function decodeGsm7(octets: Uint8Array): string {
  const { extensionOf } = gsm7Tables();
  let text = '';
  for (let index = 0; index < octets.length; index++) {
    const septet = octets[index]!;
    if (septet > 0x7f) text += '\ufffd';
    else if (septet !== ESCAPE) text += DEFAULT_ALPHABET[septet];
    else {
      const next = octets[++index];
      if (next === undefined || next === ESCAPE) text += ' ';
      else text += extensionOf[next] ?? DEFAULT_ALPHABET[next] ?? '\ufffd';
    }
  }
  return text;
}
