/** Kind of a template, whatever scale of numbers the wire uses for it. */
export type TemplateKind = 'code' | 'notice' | 'marketing' | 'international';

/** Attribute names of TemplateRule in CreateSmsTemplate (Alibaba Dysmsapi), a closed set. */
export type VariableTypeName =
  | 'numberCaptcha'
  | 'characterWithNumber'
  | 'characterWithNumber2'
  | 'verifyTime'
  | 'phone_number'
  | 'phone_number2'
  | 'mobile_phone'
  | 'other_number'
  | 'other_number2'
  | 'money'
  | 'time'
  | 'name'
  | 'user_nick'
  | 'unit_name'
  | 'address'
  | 'license_plate_number'
  | 'tracking_number'
  | 'pick_up_code'
  | 'link_param'
  | 'email_address'
  | 'others';

/** What a value may be: its length in UTF-16 units, a linear-time pattern, and whether that could let a link through. */
export type VariableType = {
  name: VariableTypeName;
  minCharacters: number;
  maxCharacters: number;
  pattern: RegExp;
  couldBeLink: boolean;
};

// One character class under one quantifier: nothing to backtrack over. 【】 would forge a second signature, and a
// control character other than a line break has no picture on a phone.
const TEXT = /^[^\p{Cc}【】]+$/u;
const TEXT_WITH_LINES = /^(?:[^\p{Cc}【】]|\r|\n)+$/u;

/**
 * The types. Names and lengths are those of Alibaba's page "TemplateRule & TemplateContent examples" where it gives
 * them. The names without 2 are older forms that SDK examples still show; `characterWithNumber` is also what a code
 * is without a rule, hence 1-10. `mobile_phone` is ours. Where the page is narrower than real values (names of
 * minorities, long parcel numbers), the table is wider.
 */
export const VARIABLE_TYPES: Readonly<Record<VariableTypeName, VariableType>> = {
  numberCaptcha: typed('numberCaptcha', 4, 6, /^[0-9]+$/),
  characterWithNumber: typed('characterWithNumber', 1, 10, /^[0-9A-Za-z]+$/),
  characterWithNumber2: typed('characterWithNumber2', 4, 6, /^[0-9A-Za-z]+$/),
  verifyTime: typed('verifyTime', 1, 2, /^[1-9][0-9]?$/),
  phone_number: typed('phone_number', 3, 15, /^[0-9][0-9-]*$/),
  phone_number2: typed('phone_number2', 3, 15, /^[0-9][0-9-]*$/),
  mobile_phone: typed('mobile_phone', 11, 11, /^1[3-9][0-9]{9}$/),
  other_number: typed('other_number', 1, 35, /^[0-9A-Za-z_-]+$/),
  other_number2: typed('other_number2', 1, 35, /^[0-9A-Za-z_-]+$/),
  money: typed('money', 1, 20, /^[+-]?[0-9][0-9,]*(?:\.[0-9]+)?$/),
  time: text('time', 35, /^[0-9T:：/.~～ 年月日号时点分秒上下午中晚早凌晨夜间周星期一二三四五六天至到-]+$/),
  name: typed('name', 1, 20, /^[\p{Script=Han}·]+$/u),
  user_nick: text('user_nick', 20, TEXT),
  unit_name: typed('unit_name', 1, 20, /^[\p{Script=Han}()（）]+$/u),
  address: text('address', 30, TEXT),
  license_plate_number: typed('license_plate_number', 5, 10, /^[\p{Script=Han}A-Z0-9·]+$/u),
  tracking_number: typed('tracking_number', 8, 20, /^[0-9A-Za-z]+$/),
  pick_up_code: typed('pick_up_code', 4, 8, /^[0-9_-]+$/),
  link_param: typed('link_param', 1, 8, /^[0-9A-Za-z]+$/),
  email_address: typed('email_address', 7, 30, /^[0-9A-Za-z._%+-]+@[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+$/),
  others: text('others', 35, TEXT_WITH_LINES),
};

function typed(
  name: VariableTypeName,
  minCharacters: number,
  maxCharacters: number,
  pattern: RegExp,
): VariableType {
  return { name, minCharacters, maxCharacters, pattern, couldBeLink: false };
}

function text(name: VariableTypeName, maxCharacters: number, pattern: RegExp): VariableType {
  return { name, minCharacters: 1, maxCharacters, pattern, couldBeLink: true };
}

/** Type of a variable without a rule of its own: a code is digits and Latin letters, all else short free text. */
export function defaultVariableType(kind: TemplateKind): VariableType {
  return kind === 'code' ? VARIABLE_TYPES.characterWithNumber : VARIABLE_TYPES.others;
}

/** Types of a template's variables by name; `otherwise` is for those that TemplateRule does not name. */
export type VariableRules = { byName: ReadonlyMap<string, VariableType>; otherwise: VariableType };

export type VariableRulesRefusal = 'not_json' | 'not_an_object' | 'too_many' | 'bad_name' | 'unknown_type';

const MAX_RULES_CHARACTERS = 4_096;
const MAX_RULES = 50;
const VARIABLE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;

/** Whether `name` can stand in `${name}`: a Latin letter, then at most 31 letters, digits or `_`. */
export function isVariableName(name: string): boolean {
  return VARIABLE_NAME.test(name);
}

/**
 * Reads TemplateRule, e.g. `{"code":"numberCaptcha"}`; an empty string means no rules. `variable` names the entry
 * that is wrong, where there is one.
 */
export function readVariableRules(
  json: string,
  kind: TemplateKind,
): { ok: true; rules: VariableRules } | { ok: false; reason: VariableRulesRefusal; variable?: string } {
  const byName = new Map<string, VariableType>();
  const otherwise = defaultVariableType(kind);
  if (json.trim() === '') return { ok: true, rules: { byName, otherwise } };
  if (json.length > MAX_RULES_CHARACTERS) return { ok: false, reason: 'too_many' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    return { ok: false, reason: 'not_json' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return { ok: false, reason: 'not_an_object' };
  }
  const entries = Object.entries(parsed);
  if (entries.length > MAX_RULES) return { ok: false, reason: 'too_many' };
  for (const [variable, typeName] of entries) {
    if (!isVariableName(variable)) return { ok: false, reason: 'bad_name', variable };
    if (!isVariableTypeName(typeName)) return { ok: false, reason: 'unknown_type', variable };
    byName.set(variable, VARIABLE_TYPES[typeName]);
  }
  return { ok: true, rules: { byName, otherwise } };
}

function isVariableTypeName(name: unknown): name is VariableTypeName {
  return typeof name === 'string' && Object.hasOwn(VARIABLE_TYPES, name);
}
