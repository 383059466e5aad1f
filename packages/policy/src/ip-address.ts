/** An address as eight 16-bit groups (IPv6) or two (IPv4); an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is IPv4. */
export type Address = { family: 4 | 6; groups: readonly number[] };

/** An address and how many of its leading bits count. */
export type AddressRange = { address: Address; prefixBits: number };

// The longest text form: eight groups with a dotted tail, and `/128`.
const MAX_ADDRESS_CHARACTERS = 49;
// '.' as a distance from '0'.
const DOT = -2;

/** Reads an IPv4 or IPv6 address (RFC 4291 §2.2); no zone, no octal or short IPv4 forms. */
export function readAddress(text: string): Address | undefined {
  if (text.length > MAX_ADDRESS_CHARACTERS) return undefined;
  if (!text.includes(':')) {
    const groups = readIpv4(text);
    return groups && { family: 4, groups };
  }
  const groups = readIpv6(text);
  if (!groups) return undefined;
  return isMapped(groups) ? { family: 4, groups: groups.slice(6) } : { family: 6, groups };
}

/** Reads an address or a CIDR range (RFC 4632 §3.1, RFC 4291 §2.3); bits behind the prefix are ignored. */
export function readAddressRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) {
    const address = readAddress(text);
    return address && { address, prefixBits: address.family === 4 ? 32 : 128 };
  }
  const suffix = text.slice(slash + 1);
  const address = readAddress(text.slice(0, slash));
  if (!address || !/^(?:0|[1-9][0-9]{0,2})$/.test(suffix)) return undefined;
  const mapped = address.family === 4 && text.includes(':');
  const prefixBits = Number(suffix) - (mapped ? 96 : 0);
  return prefixBits >= 0 && prefixBits <= (address.family === 4 ? 32 : 128)
    ? { address, prefixBits }
    : undefined;
}

/** Whether `address` lies in `range`; the two families never meet. */
export function isInRange(address: Address, range: AddressRange): boolean {
  if (address.family !== range.address.family) return false;
  let bits = range.prefixBits;
  for (let index = 0; bits > 0; index++, bits -= 16) {
    const difference = address.groups[index]! ^ range.address.groups[index]!;
    if (bits >= 16 ? difference !== 0 : difference >> (16 - bits) !== 0) return false;
  }
  return true;
}

/** Two groups, by hand: it runs in every decision that looks at the source address. */
function readIpv4(text: string): number[] | undefined {
  let bits = 0;
  let octet = -1;
  let dots = 0;
  for (let index = 0; index <= text.length; index++) {
    const digit = index < text.length ? text.charCodeAt(index) - 48 : DOT;
    if (digit === DOT) {
      if (octet < 0 || ++dots > 4) return undefined;
      bits = bits * 256 + octet;
      octet = -1;
    } else {
      // A leading zero is octal to some readers and decimal to others (RFC 6943 §3.1.1).
      if (digit < 0 || digit > 9 || octet === 0) return undefined;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return undefined;
    }
  }
  return dots === 4 ? [Math.floor(bits / 0x10000), bits & 0xffff] : undefined;
}

function readIpv6(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = readGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? readGroups(halves[1]!, true) : [];
  if (!head || !tail) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  const zeros = 8 - head.length - tail.length;
  return zeros >= 1 ? [...head, ...new Array<number>(zeros).fill(0), ...tail] : undefined;
}

/** Groups of one side of `::`; only the very end of an address may be dotted IPv4. */
function readGroups(text: string, endsAddress: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const dotted = endsAddress && index === parts.length - 1 ? readIpv4(part) : undefined;
    if (!dotted) return undefined;
    groups.push(...dotted);
  }
  return groups;
}

function isMapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}
