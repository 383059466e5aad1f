import {
  type ParsedTemplate,
  parseTemplate,
  readVariableRules,
  type TemplateKind,
  type TemplateRefusal,
  type VariableRules,
  type VariableRulesRefusal,
} from '@signet/sms-text';
import type { ApprovalState } from '../../trust/approvals/public.ts';

export type TemplateState = ApprovalState;

/** What the accept path judges and renders by: steps 5 and 6 of docs/life-of-a-message.md. */
export type SendableTemplate = {
  id: string;
  code: string;
  kind: TemplateKind;
  state: TemplateState;
  template: ParsedTemplate;
  rules: VariableRules;
  /** The one signature that the template may go out under; null for any of the tenant's. */
  relatedSignName: string | null;
};

export type TemplateDraft = {
  name: string;
  kind: TemplateKind;
  content: string;
  /** Variable → name of its type (TemplateRule); those left out get the kind's usual type. */
  variables: Readonly<Record<string, string>>;
  relatedSignName: string | null;
  remark: string;
  /** Left out: what was said before stands. */
  supplement?: TemplateSupplement;
};

/** What a caller may say beside the form: kept, echoed, shown to the reviewer; nothing judges by it. */
export type TemplateSupplement = {
  /** Where the template is used: a site, an app, a shop. */
  applyScene: string;
  /** Names of further papers, in the caller's words. */
  moreData: readonly string[];
  /** Where the text leads its reader to. */
  trafficDriving: string;
  /** Kind of an international template: 0 notice, 1 promotion, 2 code. */
  intlType: number | null;
};

export const NO_SUPPLEMENT: TemplateSupplement = {
  applyScene: '',
  moreData: [],
  trafficDriving: '',
  intlType: null,
};

export type Template = Omit<TemplateDraft, 'supplement'> & {
  supplement: TemplateSupplement;
  id: string;
  code: string;
  state: TemplateState;
  reason: string | null;
  /** Of the newest application. */
  orderId: string;
  createdAt: Date;
  /** When the reviewer decided about the newest application; null until then. */
  decidedAt: Date | null;
};

export const MAX_NAME_CHARACTERS = 30;
export const MAX_REMARK_CHARACTERS = 200;
/** Applications of a day and templates of a tenant: our bounds, so that one tenant cannot fill the queue. */
export const MAX_APPLICATIONS_A_DAY = 100;
export const MAX_TEMPLATES_A_TENANT = 2_000;
export const DAY_MS = 86_400_000;

const CODE_DIGITS = 9;
const CODE = /^SMS_\d{9}$/;
export const isCode = (text: string): boolean => CODE.test(text);

/** `SMS_` and 9 digits from 32 random bits: 2^32 is no multiple of 9×10^8, which favours some codes by 25 % and no guess. */
export function newCode(octets: (count: number) => Buffer): string {
  const low = 10 ** (CODE_DIGITS - 1);
  return `SMS_${low + (octets(4).readUInt32BE() % (9 * low))}`;
}

// The line of the reference (拒收请回复R) and its variants: 回复TD退订, 回T退订, 退订回复T, 拒收回R.
const OPT_OUT_LINE = /(?:拒收请?回复?[A-Z]{1,2})|(?:回复?[A-Z]{0,2}退订)|(?:退订请?回复?[A-Z]{1,2})/i;

/** Whether the text tells how to refuse further messages, width of letters aside. */
export const hasOptOutLine = (content: string): boolean => OPT_OUT_LINE.test(content.normalize('NFKC'));

export type DraftFault =
  | { about: 'content'; fault: TemplateRefusal | 'opt_out_missing' | 'brackets' }
  | { about: 'variables'; fault: VariableRulesRefusal | 'not_in_content'; variable?: string }
  | { about: 'name' | 'remark'; fault: 'length' };

export type ReadTemplate = { template: ParsedTemplate; rules: VariableRules };

/** Reads the text and the rules of its variables; used for drafts and for what is stored. */
export function readTemplate(
  draft: Pick<TemplateDraft, 'kind' | 'content' | 'variables'>,
): { ok: true; read: ReadTemplate } | { ok: false; fault: DraftFault } {
  const parsed = parseTemplate(draft.content);
  if (!parsed.ok) return { ok: false, fault: { about: 'content', fault: parsed.reason } };
  const rules = readVariableRules(JSON.stringify(draft.variables), draft.kind);
  if (!rules.ok) {
    const { reason: fault, variable } = rules;
    return {
      ok: false,
      fault: { about: 'variables', fault, ...(variable === undefined ? {} : { variable }) },
    };
  }
  return { ok: true, read: { template: parsed.template, rules: rules.rules } };
}

/** What is wrong with an application; undefined when a reviewer may look at it. */
export function faultOfDraft(draft: TemplateDraft): DraftFault | undefined {
  const nameLength = [...draft.name].length;
  if (draft.name.trim() === '' || nameLength > MAX_NAME_CHARACTERS) return { about: 'name', fault: 'length' };
  if (draft.remark.length > MAX_REMARK_CHARACTERS) return { about: 'remark', fault: 'length' };
  const reading = readTemplate(draft);
  if (!reading.ok) return reading.fault;
  // 【】 in the text would look like a second signature.
  if (/[【】]/.test(draft.content)) return { about: 'content', fault: 'brackets' };
  const { variables } = reading.read.template;
  const stray = Object.keys(draft.variables).find((variable) => !variables.includes(variable));
  if (stray !== undefined) return { about: 'variables', fault: 'not_in_content', variable: stray };
  if (draft.kind === 'marketing' && !hasOptOutLine(draft.content)) {
    return { about: 'content', fault: 'opt_out_missing' };
  }
  return undefined;
}
