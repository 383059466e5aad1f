/** Variables of a template by name, as text. */
export type TemplateValues = Readonly<Record<string, string>>;

/** `unreadable`: not a JSON object of plain values; `too_long`: beyond the bounds below. */
export type TemplateParamRefusal = 'unreadable' | 'too_long';

export type ReadTemplateParam =
  | { ok: true; values: TemplateValues }
  | { ok: false; reason: TemplateParamRefusal };

/** A template has at most 500 characters; its values with names, quotes and `\uXXXX` escapes fit well below this. */
export const MAX_TEMPLATE_PARAM_CHARACTERS = 16_384;
/** `${a}` has four characters, so a template of 500 holds at most 125 variables. */
export const MAX_VARIABLES = 125;

const NOTHING: TemplateValues = Object.freeze({});
const UNREADABLE = { ok: false, reason: 'unreadable' } as const;
const TOO_LONG = { ok: false, reason: 'too_long' } as const;

/** Reads TemplateParam, e.g. `{"code":"123456"}`; absent or empty means no values. */
export function readTemplateParam(json: string | undefined): ReadTemplateParam {
  if (json === undefined || json === '') return { ok: true, values: NOTHING };
  if (json.length > MAX_TEMPLATE_PARAM_CHARACTERS) return TOO_LONG;
  const parsed = parseWithNumbersAsSent(json);
  return parsed === undefined ? UNREADABLE : readTemplateValues(parsed.value);
}

/**
 * The values of one object from `parseWithNumbersAsSent`: text and numbers as sent, booleans as their JSON text; null
 * is no value, so that the answer names the variable; lists and objects are refused.
 */
export function readTemplateValues(parsed: unknown): ReadTemplateParam {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return UNREADABLE;
  const entries = Object.entries(parsed);
  if (entries.length > MAX_VARIABLES) return TOO_LONG;
  // The usual object holds text only and is used as parsed.
  if (entries.every(([, value]) => typeof value === 'string'))
    return { ok: true, values: parsed as TemplateValues };
  const values: [string, string][] = [];
  for (const [name, value] of entries) {
    if (value === null) continue;
    if (typeof value !== 'string' && typeof value !== 'boolean') return UNREADABLE;
    values.push([name, String(value)]);
  }
  return { ok: true, values: Object.fromEntries(values) };
}

/**
 * JSON.parse with every number as the text that was sent, since a double would change `12.50` and a 20-digit order
 * number. Undefined when it is no JSON.
 */
export function parseWithNumbersAsSent(json: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return { value: /[:[,]\s*-?\d/.test(json) ? JSON.parse(json, numberAsSent) : value };
  } catch {
    return undefined;
  }
}

/** The third argument is ES2026's (JSON.parse source text access), which Node 24 has and the typings lack. */
function numberAsSent(_name: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? value) : value;
}
