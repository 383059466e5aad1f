import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** What the operator lets through although it is private. */
export type AllowedHosts = {
  /** Lower case, without a trailing dot. */
  readonly names: ReadonlySet<string>;
  readonly networks: readonly (readonly [Address, number])[];
};

// IANA gives unicast out of 2000::/3 alone; ::7f00:1 (the deprecated IPv4-compatible form) is no special range of its own.
const GLOBAL_IPV6 = [ipaddr.IPv6.parse('2000::'), 3] as const;

/** Reads the entries of `--webhook-allowed-hosts`: names, addresses, networks such as `10.0.0.0/8`. */
export function readAllowedHosts(entries: readonly string[]): AllowedHosts {
  const names = new Set<string>();
  const networks: (readonly [Address, number])[] = [];
  for (const entry of entries) {
    if (ipaddr.isValidCIDR(entry)) networks.push(ipaddr.parseCIDR(entry));
    else if (ipaddr.isValid(entry)) networks.push(wholeAddress(entry));
    else names.add(plainName(entry));
  }
  return { names, networks };
}

/** A host name as it is compared: lower case, without the root's dot. */
export const plainName = (host: string): string => host.toLowerCase().replace(/\.$/, '');

/** Whether a connection to this address leaves for the public network, or the operator allowed it. */
export function mayReach(address: string, allowed: AllowedHosts): boolean {
  if (!ipaddr.isValid(address)) return false;
  // IPv4 in IPv6 (::ffff:127.0.0.1) becomes the IPv4 that the connection goes to.
  const judged = ipaddr.process(address);
  if (isPublic(judged)) return true;
  return allowed.networks.some(
    ([network, length]) => network.kind() === judged.kind() && judged.match(network, length),
  );
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_IPV6[0], GLOBAL_IPV6[1]);
}

function wholeAddress(text: string): readonly [Address, number] {
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/** The address that a URL's host spells out, or undefined for a name. The URL parser has undone hex, octal and decimal. */
export function literalAddress(urlHost: string): string | undefined {
  const host = plainName(urlHost.startsWith('[') ? urlHost.slice(1, -1) : urlHost);
  return ipaddr.isValid(host) ? host : undefined;
}
