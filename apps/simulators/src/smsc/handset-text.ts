/**
 * What a handset shows. Written apart from the platform's own text package on purpose: the two are each other's test.
 * GSM 7-bit default alphabet and extension: 3GPP TS 23.038 clauses 6.2.1 and 6.2.1.1, one septet an octet.
 */
const DEFAULT_ALPHABET =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION: Readonly<Record<number, string>> = {
  10: '\f',
  20: '^',
  40: '{',
  41: '}',
  47: '\\',
  60: '[',
  61: '~',
  62: ']',
  64: '|',
  101: '€',
};
const ESCAPE = 0x1b;

const gsm7Text = (octets: Uint8Array): string => {
  let text = '';
  for (let i = 0; i < octets.length; i += 1) {
    const septet = octets[i] as number;
    if (septet !== ESCAPE) text += DEFAULT_ALPHABET[septet] ?? '\ufffd';
    else {
      i += 1;
      const extended = octets[i];
      text += extended === undefined ? ' ' : (EXTENSION[extended] ?? DEFAULT_ALPHABET[extended] ?? ' ');
    }
  }
  return text;
};

/** Text of octets by SMPP data_coding: 0 GSM-7, 1 and 3 Latin, 8 UCS-2, 15 GBK; anything else is shown as hex. */
export const handsetText = (octets: Uint8Array, dataCoding: number): string => {
  if (dataCoding === 0) return gsm7Text(octets);
  if (dataCoding === 1 || dataCoding === 3) return Buffer.from(octets).toString('latin1');
  if (dataCoding === 8) return new TextDecoder('utf-16be', { ignoreBOM: true }).decode(octets);
  if (dataCoding === 15) return new TextDecoder('gbk').decode(octets);
  return Buffer.from(octets).toString('hex');
};

export type Typed = { readonly dataCoding: 0 | 8; readonly octets: Uint8Array; readonly partOctets: number };

/** What a handset sends: GSM-7 when the default alphabet has every character, else UCS-2. */
export const typeText = (text: string): Typed => {
  const septets: number[] = [];
  for (const character of text) {
    const septet = DEFAULT_ALPHABET.indexOf(character);
    if (septet < 0 || septet === ESCAPE) {
      const octets = Buffer.from(text, 'utf16le').swap16();
      return { dataCoding: 8, octets, partOctets: octets.length <= 140 ? 140 : 134 };
    }
    septets.push(septet);
  }
  return { dataCoding: 0, octets: Uint8Array.from(septets), partOctets: septets.length <= 160 ? 160 : 153 };
};
