import { readCondition } from './conditions.ts';
import { type Condition, type Effect, MAX_POLICY_CHARACTERS, type Policy, type Statement } from './model.ts';

/** Why a document is refused; wire code MalformedPolicyDocument. */
export type PolicyRefusal =
  | 'too_long'
  | 'not_json'
  | 'not_an_object'
  | 'unknown_element'
  | 'bad_version'
  | 'bad_statement'
  | 'bad_effect'
  | 'bad_action'
  | 'bad_resource'
  | 'bad_condition';

type Read<T> = { ok: true; value: T } | { ok: false; reason: PolicyRefusal };

// One pattern costs at most its length times the value's; see wildcard.ts.
const MAX_PATTERN_CHARACTERS = 512;
const ACTION = /^(?:\*|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+)$/;
const CONDITION_KEY = /^[A-Za-z0-9-]{1,64}:[A-Za-z0-9/._-]{1,128}$/;

/**
 * Reads a policy document, as text or as a JSON value: Version "1", one statement or a list; each with Effect, Action
 * or NotAction (not both), Resource, and Condition if any. The schema is closed: an element that is not understood
 * refuses the document, for what is ignored does not guard. Principal belongs to trust policies and is refused.
 */
export function readPolicy(
  json: string | unknown,
): { ok: true; policy: Policy } | { ok: false; reason: PolicyRefusal } {
  const document = readDocument(json);
  if (!document.ok) return document;
  const root = document.value;
  if (!isRecord(root)) return refuse('not_an_object');
  if (!hasOnly(root, ['Version', 'Statement'])) return refuse('unknown_element');
  if (root.Version !== '1') return refuse('bad_version');
  const list = Array.isArray(root.Statement) ? root.Statement : [root.Statement];
  if (list.length === 0) return refuse('bad_statement');
  const statements: Statement[] = [];
  for (const item of list) {
    const statement = readStatement(item);
    if (!statement.ok) return statement;
    statements.push(statement.value);
  }
  return { ok: true, policy: { version: '1', statements } };
}

/** A value is written out and read back: what has getters, cycles or a prototype of its own comes out plain or not. */
function readDocument(json: unknown): Read<unknown> {
  try {
    const text = typeof json === 'string' ? json : JSON.stringify(json);
    if (typeof text !== 'string') return refuse('not_json');
    if (text.length > MAX_POLICY_CHARACTERS) return refuse('too_long');
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return refuse('not_json');
  }
}

function readStatement(item: unknown): Read<Statement> {
  if (!isRecord(item)) return refuse('bad_statement');
  if (!hasOnly(item, ['Effect', 'Action', 'NotAction', 'Resource', 'Condition']))
    return refuse('unknown_element');
  const effect = readEffect(item.Effect);
  if (!effect) return refuse('bad_effect');
  const actionsExcluded = Object.hasOwn(item, 'NotAction');
  if (actionsExcluded && Object.hasOwn(item, 'Action')) return refuse('bad_action');
  const actions = readTexts(actionsExcluded ? item.NotAction : item.Action, isAction);
  if (!actions) return refuse('bad_action');
  const resources = readTexts(item.Resource, isResource);
  if (!resources) return refuse('bad_resource');
  const conditions = Object.hasOwn(item, 'Condition') ? readConditions(item.Condition) : [];
  if (!conditions) return refuse('bad_condition');
  return { ok: true, value: { effect, actions, actionsExcluded, resources, conditions } };
}

function readEffect(value: unknown): Effect | undefined {
  return value === 'Allow' || value === 'Deny' ? value : undefined;
}

function isAction(text: string): boolean {
  return text.length <= MAX_PATTERN_CHARACTERS && ACTION.test(text);
}

/** `*`, or `acs:<code>:<region>:<account>:<relative-id>`; RAM's own leave the region empty (`acs:ram::1:user/x`). */
function isResource(text: string): boolean {
  return text === '*' || (text.length <= MAX_PATTERN_CHARACTERS && /^acs:[^:]+:[^:]*:[^:]*:./u.test(text));
}

function readConditions(value: unknown): Condition[] | undefined {
  if (!isRecord(value)) return undefined;
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(value)) {
    if (!isRecord(keys) || Object.keys(keys).length === 0) return undefined;
    for (const [key, given] of Object.entries(keys)) {
      const values = readTexts(Array.isArray(given) ? given.map(asText) : asText(given), isConditionValue);
      const condition = values && CONDITION_KEY.test(key) ? readCondition(operator, key, values) : undefined;
      if (!condition) return undefined;
      conditions.push(condition);
    }
  }
  return conditions;
}

function isConditionValue(text: string): boolean {
  return text.length <= MAX_PATTERN_CHARACTERS;
}

/** Numbers and booleans may stand without quotes: `{"Bool":{"acs:MFAPresent":true}}`. */
function asText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

/** One text or a list of them, at least one. */
function readTexts(value: unknown, isValid: (text: string) => boolean): string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const texts: string[] = [];
  for (const item of list) {
    if (typeof item !== 'string' || !isValid(item)) return undefined;
    texts.push(item);
  }
  return texts.length > 0 ? texts : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasOnly(record: Record<string, unknown>, elements: readonly string[]): boolean {
  return Object.keys(record).every((element) => elements.includes(element));
}

function refuse(reason: PolicyRefusal): { ok: false; reason: PolicyRefusal } {
  return { ok: false, reason };
}
