import { hasLink } from './links.ts';
import { MAX_MESSAGE_CHARACTERS } from './message-text.ts';
import { isVariableName, type VariableRules, type VariableType } from './variable-types.ts';

/** A template cut at its variables: `literals[0] ${variables[0]} literals[1] …`; one literal more than variables. */
export type ParsedTemplate = { literals: readonly string[]; variables: readonly string[] };

/**
 * Why a template is refused: no text; over 500 characters; braces that do not pair; `${` within a variable; a name
 * that is not a letter followed by at most 31 letters, digits or `_`; nothing but variables.
 */
export type TemplateRefusal = 'empty' | 'too_long' | 'unbalanced' | 'nested' | 'bad_name' | 'full_variable';

/** Parses the content of a template with `${name}` variables. */
export function parseTemplate(
  content: string,
): { ok: true; template: ParsedTemplate } | { ok: false; reason: TemplateRefusal } {
  if (content.length > MAX_MESSAGE_CHARACTERS) return { ok: false, reason: 'too_long' };
  if (content.trim() === '') return { ok: false, reason: 'empty' };
  const literals: string[] = [];
  const variables: string[] = [];
  let at = 0;
  for (;;) {
    const open = content.indexOf('${', at);
    if (open < 0) break;
    const close = content.indexOf('}', open);
    if (close < 0) return { ok: false, reason: 'unbalanced' };
    const name = content.slice(open + 2, close);
    if (name.includes('${')) return { ok: false, reason: 'nested' };
    if (!isVariableName(name)) return { ok: false, reason: 'bad_name' };
    literals.push(content.slice(at, open));
    variables.push(name);
    at = close + 1;
  }
  literals.push(content.slice(at));
  if (!bracesPair(literals)) return { ok: false, reason: 'unbalanced' };
  // Carriers refuse a message that its sender can change wholly; punctuation between variables is no fixed text.
  if (variables.length > 0 && literals.every((literal) => /^[\s\p{P}\p{S}]*$/u.test(literal))) {
    return { ok: false, reason: 'full_variable' };
  }
  return { ok: true, template: { literals, variables } };
}

/** Plain braces may stand in the text, but only in pairs: `${code}}` and `{code` are slips of the pen. */
function bracesPair(literals: readonly string[]): boolean {
  let depth = 0;
  for (const literal of literals) {
    for (const character of literal) {
      if (character === '{') depth++;
      else if (character === '}' && --depth < 0) return false;
    }
  }
  return depth === 0;
}

/** Wire codes: isv.TEMPLATE_MISSING_PARAMETERS, TEMPLATE_PARAMS_ILLEGAL, PARAM_LENGTH_LIMIT, PARAM_NOT_SUPPORT_URL. */
export type VariableProblem = 'missing' | 'illegal' | 'too_long' | 'has_url';

export type RenderedTemplate =
  | { ok: true; text: string }
  | { ok: false; problem: VariableProblem; variable: string };

/**
 * Puts the values into a template. Values without a variable are ignored, an absent or empty value is `missing`; the
 * first variable at fault is named. Values are never parsed again: `${…}` within one stays text.
 */
export function renderTemplate(
  template: ParsedTemplate,
  params: Readonly<Record<string, string>>,
  rules: VariableRules,
): RenderedTemplate {
  let text = template.literals[0]!;
  for (let index = 0; index < template.variables.length; index++) {
    const variable = template.variables[index]!;
    const value = Object.hasOwn(params, variable) ? params[variable] : undefined;
    if (value === undefined || value === '') return { ok: false, problem: 'missing', variable };
    const problem = problemOf(value, rules.byName.get(variable) ?? rules.otherwise);
    if (problem) return { ok: false, problem, variable };
    text += value + template.literals[index + 1]!;
  }
  return { ok: true, text };
}

function problemOf(value: string, type: VariableType): VariableProblem | undefined {
  // No value longer than a whole message is looked at closer.
  if (value.length > MAX_MESSAGE_CHARACTERS) return 'too_long';
  const fits =
    value.length >= type.minCharacters && value.length <= type.maxCharacters && type.pattern.test(value);
  if (fits && !type.couldBeLink) return undefined;
  // A link is named before length and pattern: it is what the sender has to take out.
  if (hasLink(value)) return 'has_url';
  if (value.length > type.maxCharacters) return 'too_long';
  return fits && value.isWellFormed() ? undefined : 'illegal';
}
