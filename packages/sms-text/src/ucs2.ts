/** Encodes UTF-16 units big endian (SMPP data_coding 8, CMPP Msg_Fmt 8); two octets a unit. */
export function encodeUcs2(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 2);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    octets[index * 2] = unit >> 8;
    octets[index * 2 + 1] = unit & 0xff;
  }
  return octets;
}

/** Decodes big-endian UTF-16 units; a trailing odd octet, which is half a unit, is dropped. */
export function decodeUcs2(octets: Uint8Array): string {
  let text = '';
  for (let index = 0; index + 1 < octets.length; index += 2) {
    text += String.fromCharCode((octets[index]! << 8) | octets[index + 1]!);
  }
  return text;
}
