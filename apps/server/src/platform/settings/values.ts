import { isIP } from 'node:net';

/** What a text is worth: its value, or the phrase that finishes «must be …». */
export type Parsed<T> = { ok: true; value: T } | { ok: false; expected: string };

const ok = <T>(value: T): Parsed<T> => ({ ok: true, value });
const expected = (phrase: string): Parsed<never> => ({ ok: false, expected: phrase });

/** A decimal whole number from `least` to `most`, without sign, blank or exponent. */
export function wholeNumber(least: number, most: number): (text: string) => Parsed<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? ok(value) : expected(`a whole number from ${least} to ${most}`);
  };
}

/** `on` or `off`, the only words for a switch. */
export function onOff(text: string): Parsed<boolean> {
  return text === 'on' || text === 'off' ? ok(text === 'on') : expected('on or off');
}

export function oneOf<const T extends string>(...words: T[]): (text: string) => Parsed<T> {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    return word === undefined ? expected(`one of ${words.join(', ')}`) : ok(word);
  };
}

/** A path as typed; NUL cannot be in a path and would cut it in system calls. */
export function filePath(text: string): Parsed<string> {
  return text.includes('\0') ? expected('a path') : ok(text);
}

/** An IP address or a host name to listen on (RFC 1123 §2.1). */
export function listenHost(text: string): Parsed<string> {
  return isIP(text) !== 0 || isHostName(text) ? ok(text) : expected('an IP address or a host name');
}

/**
 * `postgres://user:password@host:port/database`, and the forms with the folder of a socket instead of the host that libpq
 * and `pg` know: `postgres://user@/database?host=/folder`, `postgres://user@%2Ffolder/database` (PostgreSQL
 * documentation, 32.1.1.2). The text is a secret: the phrase does not repeat it.
 */
export function postgresUrl(text: string): Parsed<string> {
  const phrase = 'a URL such as postgres://user:password@host:5432/database';
  // A URL knows no user without a host. An unescaped `@/` in a password must not turn its rest into a database.
  const hosted = /^postgres(?:ql)?:\/\/[^/?#@]*@\/[^/@]*(?:\?|$)/.test(text)
    ? text.replace('@/', '@socket/')
    : text;
  if (!URL.canParse(hosted)) return expected(phrase);
  const { protocol, pathname, searchParams } = new URL(hosted);
  const known = protocol === 'postgres:' || protocol === 'postgresql:';
  if (!known || !/^\/./.test(pathname)) return expected(phrase);
  // They would take the place of ours, which bind each session to the role that row-level security holds.
  return searchParams.has('options') ? expected(`${phrase}, without "options"`) : ok(text);
}

/** A mobile number of China's mainland, without country code (numbering plan: 11 digits, 13… to 19…). */
export function mobileNumber(text: string): Parsed<string> {
  return /^1[3-9]\d{9}$/.test(text) ? ok(text) : expected('an 11-digit mobile number');
}

/** Comma-separated host names, IP addresses or networks (`10.0.0.0/8`), at most 100. */
export function hostList(text: string): Parsed<string[]> {
  const hosts = text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  const wrong = hosts.find((host) => !isHostName(host) && !isNetwork(host));
  if (wrong !== undefined || hosts.length > 100) {
    return expected('up to 100 host names, IP addresses or networks such as 10.0.0.0/8, separated by commas');
  }
  return ok(hosts);
}

function isNetwork(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}

function isHostName(text: string): boolean {
  if (text.length > 253 || /^[\d.]+$/.test(text)) return false;
  return text.split('.').every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label));
}

/** Whether only this machine can reach a listener on `host` (127.0.0.0/8, ::1, localhost). */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** `host:port`, the port from 1. */
export function hostAndPort(text: string): Parsed<{ host: string; port: number }> {
  const [, host, digits] = /^([A-Za-z0-9.-]{1,253}):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) return expected('HOST:PORT');
  return { ok: true, value: { host, port } };
}
