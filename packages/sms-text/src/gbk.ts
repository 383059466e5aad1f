const NOT_IN_GBK = 0;
let encoderTable: Uint16Array | undefined;

/**
 * UTF-16 unit → two GBK octets, inverted once from the runtime's own decoder so that both directions agree.
 * GBK is lead 0x81-0xFE, trail 0x40-0xFE without 0x7F (GB 13000.1 annex; WHATWG Encoding, gb18030 decoder).
 */
function gbkTable(): Uint16Array {
  if (encoderTable) return encoderTable;
  const table = new Uint16Array(0x10000);
  const decoder = new TextDecoder('gbk');
  const pair = new Uint8Array(2);
  for (let lead = 0x81; lead <= 0xfe; lead++) {
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue;
      pair[0] = lead;
      pair[1] = trail;
      const character = decoder.decode(pair);
      const unit = character.charCodeAt(0);
      if (character.length === 1 && unit !== 0xfffd && table[unit] === NOT_IN_GBK)
        table[unit] = (lead << 8) | trail;
    }
  }
  encoderTable = table;
  return table;
}

/** Encodes to GBK (CMPP, SGIP and SMGP message format 15); `undefined` when a character is outside GBK. */
export function encodeGbk(text: string): Uint8Array | undefined {
  const table = gbkTable();
  const octets = new Uint8Array(text.length * 2);
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) {
      octets[at++] = unit;
      continue;
    }
    const pair = table[unit]!;
    if (pair === NOT_IN_GBK) return undefined;
    octets[at++] = pair >> 8;
    octets[at++] = pair & 0xff;
  }
  return octets.slice(0, at);
}

/** Decodes GBK; malformed octets become U+FFFD. */
export function decodeGbk(octets: Uint8Array): string {
  return new TextDecoder('gbk', { ignoreBOM: true }).decode(octets);
}
