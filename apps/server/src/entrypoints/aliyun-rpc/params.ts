import { decodeFormComponent, encodedPair, isCanonicalPair, sortByBytes } from './encoding.ts';

/** Decoded parameters by the name as sent; a name that came twice is there once, with its last value. */
export type Params = ReadonlyMap<string, string>;

/** A repeated parameter's element: the text of `List.1`, or the fields of `List.1.Field`. */
export type RepeatedElement = string | ReadonlyMap<string, string>;

/** More parameters than this in one request are refused; SendBatchSms of 100 numbers uses 15. */
export const PARAMETER_COUNT_LIMIT = 2_000;

export type ReadParams = { ok: true } | { ok: false; reason: string };

const READ: ReadParams = { ok: true };

/**
 * Parameters under reading. `canonical` keeps the pairs that arrived spelled as the signature wants them, which saves
 * encoding them again: canonical query 13 → 2 µs, whole check 39 → 23 µs for a V1 SendSms of 15 parameters.
 */
export interface ParamsBuilder {
  readonly values: Map<string, string>;
  /** Name → `name=value` encoded by RFC 3986; lacks the names whose pair must be encoded afresh. */
  readonly canonical: Map<string, string>;
}

/** An empty builder, or a copy of `from`. */
export function paramsBuilder(from?: ParamsBuilder): ParamsBuilder {
  return { values: new Map(from?.values), canonical: new Map(from?.canonical) };
}

/**
 * Adds the pairs of a query string or form body to `into`; a later pair replaces an earlier one of the same name.
 * Pairs with an empty name or value count, empty segments (`&&`) do not.
 */
export function readPairs(text: string, into: ParamsBuilder): ReadParams {
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('&', start);
    if (end < 0) end = text.length;
    if (end > start) {
      const equals = text.indexOf('=', start);
      const split = equals < 0 || equals > end ? end : equals;
      const canonical = split < end && isCanonicalPair(text, start, split, end);
      const name = decodeFormComponent(text.slice(start, split));
      const value = split === end ? '' : decodeFormComponent(text.slice(split + 1, end));
      if (name === undefined || value === undefined) {
        return { ok: false, reason: 'A parameter is not valid percent-encoded UTF-8.' };
      }
      into.values.set(name, value);
      if (canonical) into.canonical.set(name, text.slice(start, end));
      else into.canonical.delete(name);
      if (into.values.size > PARAMETER_COUNT_LIMIT)
        return { ok: false, reason: 'There are too many parameters.' };
    }
    start = end + 1;
  }
  return READ;
}

/** The pairs but `leftOut`, encoded, sorted by name and joined with `&`; empty text if there are none. */
export function canonicalQuery({ values, canonical }: ParamsBuilder, leftOut?: string): string {
  let text = '';
  for (const name of sortByBytes([...values.keys()])) {
    if (name === leftOut) continue;
    const pair = canonical.get(name) ?? encodedPair(name, values.get(name) as string);
    text = text === '' ? pair : `${text}&${pair}`;
  }
  return text;
}

/**
 * Adds the top-level members of a JSON object to `into`: text as it is, numbers and booleans as their JSON text,
 * lists and objects as JSON text (the form in which the SDKs send them), null not at all.
 */
export function readJsonMembers(text: string, into: Map<string, string>): ReadParams {
  let members: unknown;
  try {
    members = JSON.parse(text);
    if (typeof members !== 'object' || members === null || Array.isArray(members)) {
      return { ok: false, reason: 'The JSON body is not an object.' };
    }
    for (const [name, value] of Object.entries(members)) {
      if (value === null) continue;
      into.set(name, typeof value === 'string' ? value : JSON.stringify(value));
      if (into.size > PARAMETER_COUNT_LIMIT) return { ok: false, reason: 'There are too many parameters.' };
    }
  } catch {
    // JSON.stringify recurses and throws on nesting that JSON.parse still takes.
    return { ok: false, reason: 'The JSON body cannot be read.' };
  }
  return READ;
}

function otherCase(name: string): string {
  const first = name.charAt(0);
  const lower = first.toLowerCase();
  return (first === lower ? first.toUpperCase() : lower) + name.slice(1);
}

/**
 * The value of a parameter whose first letter may be in either case: old clients send `templateParamJson`,
 * `smsUpExtendCode`, `outId`. The spelling asked for wins where both were sent.
 */
export function param(params: Params, name: string): string | undefined {
  return params.get(name) ?? params.get(otherCase(name));
}

/**
 * The elements of a repeated parameter in the order of their numbers: `SignFileList.1.FileContents`,
 * `ResourceId.2`; also `SignFileList` itself as a JSON list. Gaps in the numbering close up. No such parameter
 * gives []. An element that is sent both bare and with fields keeps its fields.
 */
export function repeatedParam(params: Params, name: string): RepeatedElement[] {
  const prefixes = [`${name}.`, `${otherCase(name)}.`];
  const elements = new Map<number, string | Map<string, string>>();
  for (const [sent, value] of params) {
    const prefix = prefixes.find((candidate) => sent.startsWith(candidate));
    if (prefix === undefined) continue;
    const rest = /^([1-9][0-9]{0,5})(?:\.(.+))?$/s.exec(sent.slice(prefix.length));
    if (rest === null) continue;
    const index = Number(rest[1]);
    const field = rest[2];
    const known = elements.get(index);
    if (field === undefined) {
      if (known === undefined) elements.set(index, value);
    } else if (known instanceof Map) {
      known.set(field, value);
    } else {
      elements.set(index, new Map([[field, value]]));
    }
  }
  if (elements.size === 0) return jsonElements(param(params, name));
  return [...elements].sort(([a], [b]) => a - b).map(([, element]) => element);
}

function jsonElements(text: string | undefined): RepeatedElement[] {
  if (text === undefined || !text.startsWith('[')) return [];
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(list)) return [];
  return list.slice(0, PARAMETER_COUNT_LIMIT).map((element: unknown): RepeatedElement => {
    if (typeof element === 'string') return element;
    const fields = new Map<string, string>();
    if (readJsonMembers(JSON.stringify(element), fields).ok) return fields;
    return JSON.stringify(element);
  });
}
