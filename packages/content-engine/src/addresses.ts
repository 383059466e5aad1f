import { type Folding, UNIT } from './folding.ts';
import type { EmailFeature, UrlFeature } from './model.ts';
import { type Reading, readText, sourceEnd } from './restoration.ts';

/** Top-level domains that make `a.b` an address by themselves. Those that are English words need more (see WORDY). */
const TOP_LEVEL = new Set(
  (
    'com cn net org gov edu mil int cc tv vip top pw xyz tk ml ga cf gq ws bz ph hk tw jp kr uk de fr ru eu ca au ' +
    'sg my th vn id br mx es nl se ch io ai app dev shop store site online club live link fun icu wang ren ltd ' +
    'mobi info biz name asia win bid loan date work space website tech xin red bet poker casino game games ' +
    'cyou buzz rest sbs cfd lol monster quest click world today life pro cloud fit kim men trade stream download gg gl ly st im fm la pub art'
  ).split(' '),
);
/** Words of everyday English that are domains as well: taken for one only after `www.` or a scheme, or before a path. */
const WORDY = new Set(
  'me in is it to us be am at no so do id my work live fun life today world date name rest win men pro game games art link click space trade la red fit loan bet store online stream'.split(
    ' ',
  ),
);
/** Endings of domains that are registered by the thousand for one campaign. */
const CHEAP = new Set(
  'cc pw top vip xyz tk ml ga cf gq ws icu wang win bid bet loan club fun cyou buzz rest sbs cfd lol monster quest click stream live'.split(
    ' ',
  ),
);
/** Endings that may follow a disguised dot (点, 。, spaces): an honest sentence rarely continues with one of them. */
const PLAIN = new Set('com cn net org cc top vip xyz pw tv info club wang tk'.split(' '));

const DOT = 0x2e;
const IDEOGRAPHIC_STOP = 0x3002;
const POINT_SIMPLIFIED = 0x70b9;
const COLON = 0x3a;
const SLASH = 0x2f;
const AT = 0x40;
const MAX_HOST_UNITS = 253;
/** A longer host is read from a later dot; bounds the work for `a.a.a.a…`. */
const MAX_LABELS = 6;
const MAX_PATH_UNITS = 512;

/**
 * Finds web addresses and e-mail addresses in a restored text. Dots may be disguised as 。 or 点, or have one space
 * on either side. Linear: each unit is read a bounded number of times (labels are at most 63, RFC 1035 §2.3.4).
 */
export function findAddresses(
  folding: Folding,
  reading: Reading,
): { urls: UrlFeature[]; emails: EmailFeature[] } | undefined {
  const { units, length } = reading;
  let urls: UrlFeature[] | undefined;
  let emails: EmailFeature[] | undefined;
  let free = 0;
  for (let i = 1; i + 1 < length; i++) {
    const unit = units[i]!;
    if (unit !== DOT && unit !== IDEOGRAPHIC_STOP && unit !== POINT_SIMPLIFIED) continue;
    const host = readHost(folding, reading, i, free);
    if (!host) continue;
    const mail =
      host.start > free && units[host.start - 1] === AT ? mailboxStart(units, host.start - 1, free) : -1;
    if (mail >= 0) {
      const start = reading.offsets[mail]!;
      const value = readText(reading, mail, host.end).toLowerCase();
      emails ??= [];
      emails.push({ start, end: sourceEnd(reading.offsets, length, host.end - 1), value });
      free = host.end;
    } else {
      const end = pathEnd(folding, reading, host.end);
      urls ??= [];
      urls.push({
        start: reading.offsets[schemeStart(units, host.start, free)]!,
        end: sourceEnd(reading.offsets, length, end - 1),
        host: host.name,
        value: host.name + readText(reading, host.end, end),
        disguised: host.disguised,
        throwaway: isThrowaway(host.name),
      });
      free = end;
    }
    i = Math.max(i, free - 1);
  }
  return urls || emails ? { urls: urls ?? [], emails: emails ?? [] } : undefined;
}

type Host = { start: number; end: number; name: string; disguised: boolean };

function readHost(folding: Folding, reading: Reading, dot: number, free: number): Host | undefined {
  const { units, length } = reading;
  let disguised = units[dot] !== DOT;
  let before = dot;
  if (units[before - 1] === 0x20 && before - 2 >= free) {
    before--;
    disguised = true;
  }
  let start = before;
  while (start > free && before - start < 63 && isHostUnit(units[start - 1]!)) start--;
  if (start === before) return undefined;
  let name = readText(reading, start, before).toLowerCase();
  let end = dot;
  let last = '';
  let at = dot;
  for (let labels = 1; labels < MAX_LABELS && at < length && name.length < MAX_HOST_UNITS; labels++) {
    let from = at + 1;
    let loose = units[at] !== DOT;
    if (units[from] === 0x20) {
      from++;
      loose = true;
    }
    let to = from;
    while (to < length && to - from < 63 && isHostUnit(units[to]!)) to++;
    if (to === from) break;
    const label = readText(reading, from, to).toLowerCase();
    if (loose && !(PLAIN.has(label) || (last === '' && name === 'www'))) break;
    name += `.${label}`;
    last = label;
    disguised ||= loose;
    end = to;
    at = to;
    if (units[at] === 0x20 && isDot(units[at + 1]) && !TOP_LEVEL.has(label)) at++;
    if (!isDot(units[at])) break;
  }
  if (last === '') return undefined;
  const marked =
    schemeStart(units, start, free) < start || name.startsWith('www.') || name.startsWith('wap.');
  const followed = units[end] === SLASH && folding.classOf[units[end + 1] ?? 0] !== UNIT.space;
  if (/^\d+$/.test(last))
    return isAddress(name) && (marked || followed) ? { start, end, name, disguised } : undefined;
  if (marked && /^[a-z]{2,24}$/.test(last)) return { start, end, name, disguised };
  if (!TOP_LEVEL.has(last)) return undefined;
  if (WORDY.has(last) && !followed && !/\d/.test(name)) return undefined;
  return { start, end, name, disguised };
}

/** Literal IPv4 address. */
function isAddress(name: string): boolean {
  const parts = name.split('.');
  return parts.length === 4 && parts.every((part) => part.length < 4 && Number(part) < 256);
}

/**
 * A registered label that mixes digits and letters or has hardly a vowel, or a cheap ending, is what campaigns burn
 * by the dozen. Short links of known brands (`t.cn/…`) have neither.
 */
function isThrowaway(host: string): boolean {
  const labels = host.split('.');
  const ending = labels.at(-1)!;
  if (ending === 'gov' || host.endsWith('.gov.cn') || host.endsWith('.edu.cn')) return false;
  const registered =
    labels.at(ending.length === 2 && ['com', 'net', 'org'].includes(labels.at(-2) ?? '') ? -3 : -2) ?? '';
  if (/^\d+$/.test(registered))
    return CHEAP.has(ending) || (registered.length > 5 && !/^[48]00\d{7}$/.test(registered));
  const mixed = registered.length > 4 && /[a-z]\d+[a-z]|\d[a-z]+\d|[a-z]{3,}\d{2,}/.test(registered);
  const voiceless = registered.length > 5 && !/[aeiou]/.test(registered);
  return CHEAP.has(ending) || mixed || voiceless;
}

function pathEnd(folding: Folding, reading: Reading, from: number): number {
  const { units, length } = reading;
  let end = from;
  if (units[end] === COLON) {
    let port = end + 1;
    while (port < length && port - end < 6 && folding.classOf[units[port]!] === UNIT.digit) port++;
    if (port > end + 1) end = port;
  }
  if (units[end] !== SLASH && units[end] !== 0x3f) return end;
  const limit = Math.min(length, end + MAX_PATH_UNITS);
  while (end < limit && units[end]! > 0x20 && units[end]! < 0x7f) end++;
  while (end > from && (units[end - 1] === DOT || units[end - 1] === 0x2c || units[end - 1] === 0x29)) end--;
  return end;
}

/** Start of `http://` or `https://` right before a host, else the host's own start. */
function schemeStart(units: Uint16Array, host: number, free: number): number {
  if (host - 3 < free || units[host - 1] !== SLASH || units[host - 2] !== SLASH || units[host - 3] !== COLON)
    return host;
  let start = host - 3;
  while (
    start > free &&
    host - start < 9 &&
    (units[start - 1]! | 0x20) >= 0x61 &&
    (units[start - 1]! | 0x20) <= 0x7a
  )
    start--;
  return start;
}

function mailboxStart(units: Uint16Array, at: number, free: number): number {
  let start = at;
  while (
    start > free &&
    at - start < 64 &&
    (isHostUnit(units[start - 1]!) || isMailboxMark(units[start - 1]!))
  )
    start--;
  return start === at ? -1 : start;
}

function isMailboxMark(unit: number): boolean {
  return unit === DOT || unit === 0x5f || unit === 0x2b;
}

function isDot(unit: number | undefined): boolean {
  return unit === DOT || unit === IDEOGRAPHIC_STOP || unit === POINT_SIMPLIFIED;
}

function isHostUnit(unit: number): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x2d;
}
