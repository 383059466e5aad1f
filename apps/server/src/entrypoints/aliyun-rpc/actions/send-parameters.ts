import { type Refusal, refuse, type Wanted } from '../../../modules/sms/messages/public.ts';
import { type Params, param } from '../params.ts';
import {
  parseWithNumbersAsSent,
  readTemplateParam,
  readTemplateValues,
  type TemplateParamRefusal,
} from './template-param.ts';

/** What the parameters of one send say, or why the call is refused as a whole. */
export type SendReading = { ok: true; recipients: Wanted[] } | { ok: false; refusal: Refusal };

/** SendSms takes this many numbers, SendBatchSms this many recipients (reference §7). */
export const MAX_NUMBERS = 1_000;
export const MAX_BATCH = 100;
/** A source address has 20 digits (SMPP 3.4 §4.4.1) and a service number takes up to 12 of them. */
export const MAX_EXTEND_CODE_DIGITS = 8;
export const MAX_OUT_ID_CHARACTERS = 256;
/** Longer names are no signature and no template of anybody. */
const MAX_NAME_CHARACTERS = 64;
/** 100 recipients with the longest values allowed for one; and texts of a hundred names or numbers. */
const MAX_PARAM_LIST_CHARACTERS = 1_048_576;
const MAX_LIST_CHARACTERS = 16_384;

/** Reads SendSms: one signature, template and set of values for all numbers. */
export function readSendSms(params: Params): SendReading {
  const outId = checkOutId(params);
  if (outId !== undefined) return refused(outId);
  const numbers = readNumbers(param(params, 'PhoneNumbers') ?? '');
  if (numbers === undefined) return refused(tooMany(MAX_NUMBERS));
  const extendCode = param(params, 'SmsUpExtendCode') ?? '';
  if (!isExtendCode(extendCode)) return refused(extendCodeIllegal());
  const values = readTemplateParam(param(params, 'TemplateParam'));
  if (!values.ok) return refused(templateParamRefusal('TemplateParam', values.reason));
  const signName = param(params, 'SignName') ?? '';
  const templateCode = param(params, 'TemplateCode') ?? '';
  const long = checkNames([signName], templateCode);
  if (long !== undefined) return refused(long);
  return {
    ok: true,
    recipients: numbers.map((number) => ({
      number,
      signName,
      templateCode,
      params: values.values,
      extendCode,
    })),
  };
}

/** The numbers between commas, unread; undefined when there are more than 1,000. An empty place stays one. */
export function readNumbers(text: string): string[] | undefined {
  const numbers = text.split(',', MAX_NUMBERS + 1);
  return numbers.length > MAX_NUMBERS ? undefined : numbers;
}

/**
 * Reads SendBatchSms: JSON lists of one length with the numbers, signatures, values and extension codes of each
 * recipient. Values and extension codes may be left out for all.
 */
export function readSendBatchSms(params: Params): SendReading {
  const outId = checkOutId(params);
  if (outId !== undefined) return refused(outId);
  const numbers = readTexts(param(params, 'PhoneNumberJson'));
  if (numbers === undefined) return refused(notAList('PhoneNumberJson'));
  if (numbers.length === 0)
    return refused(
      refuse('message.parameters_illegal', 'PhoneNumberJson 为空 (PhoneNumberJson holds no number)'),
    );
  if (numbers.length > MAX_BATCH) return refused(tooMany(MAX_BATCH));
  const signNames = readTexts(param(params, 'SignNameJson'));
  if (signNames === undefined) return refused(notAList('SignNameJson'));
  const count = numbers.length;
  if (signNames.length !== count) return refused(otherLength('SignNameJson', signNames.length, count));
  const extendCodes = readOptionalTexts(param(params, 'SmsUpExtendCodeJson'), count);
  if (extendCodes === undefined) return refused(notAList('SmsUpExtendCodeJson'));
  if (extendCodes.length !== count)
    return refused(otherLength('SmsUpExtendCodeJson', extendCodes.length, count));
  if (!extendCodes.every(isExtendCode)) return refused(extendCodeIllegal());
  const values = readValueList(param(params, 'TemplateParamJson'), count);
  if (!values.ok) return values;
  const templateCode = param(params, 'TemplateCode') ?? '';
  const long = checkNames(signNames, templateCode);
  if (long !== undefined) return refused(long);
  return {
    ok: true,
    recipients: numbers.map((number, i) => ({
      number,
      signName: signNames[i]!,
      templateCode,
      params: values.list[i]!,
      extendCode: extendCodes[i]!,
    })),
  };
}

type ValueList = { ok: true; list: Wanted['params'][] } | { ok: false; refusal: Refusal };

function readValueList(json: string | undefined, count: number): ValueList {
  const name = 'TemplateParamJson';
  if (json === undefined || json === '') return { ok: true, list: Array(count).fill({}) };
  if (json.length > MAX_PARAM_LIST_CHARACTERS) return refused(templateParamRefusal(name, 'too_long'));
  const parsed = parseWithNumbersAsSent(json)?.value;
  if (!Array.isArray(parsed)) return refused(notAList(name));
  if (parsed.length !== count) return refused(otherLength(name, parsed.length, count));
  const list: Wanted['params'][] = [];
  for (const element of parsed as unknown[]) {
    // Some callers put each recipient's object into the list as JSON text once more.
    const values = typeof element === 'string' ? readTemplateParam(element) : readTemplateValues(element);
    if (!values.ok) return refused(templateParamRefusal(name, values.reason));
    list.push(values.values);
  }
  return { ok: true, list };
}

/** A JSON list of texts; numbers count as their text. */
export function readTexts(json: string | undefined): string[] | undefined {
  if (json === undefined || json.length > MAX_LIST_CHARACTERS) return undefined;
  const parsed = parseWithNumbersAsSent(json)?.value;
  if (!Array.isArray(parsed) || !parsed.every((element) => typeof element === 'string')) return undefined;
  return parsed;
}

function readOptionalTexts(json: string | undefined, count: number): string[] | undefined {
  return json === undefined || json === '' ? Array<string>(count).fill('') : readTexts(json);
}

const EXTEND_CODE = new RegExp(`^[0-9]{0,${MAX_EXTEND_CODE_DIGITS}}$`);
const isExtendCode = (text: string): boolean => EXTEND_CODE.test(text);

/** OutId as it is stored and echoed; null without one, or with one that is refused for its length. */
export function readOutId(params: Params): string | null {
  const outId = param(params, 'OutId');
  return outId === undefined || outId === '' || outId.length > MAX_OUT_ID_CHARACTERS ? null : outId;
}

function checkOutId(params: Params): Refusal | undefined {
  if ((param(params, 'OutId') ?? '').length <= MAX_OUT_ID_CHARACTERS) return undefined;
  return refuse(
    'message.parameters_illegal',
    `OutId 过长 (OutId has at most ${MAX_OUT_ID_CHARACTERS} characters)`,
  );
}

function checkNames(signNames: readonly string[], templateCode: string): Refusal | undefined {
  if (signNames.some((name) => name.length > MAX_NAME_CHARACTERS)) {
    return refuse('message.signature_unusable', '该账号下找不到对应签名 (no signature has so long a name)');
  }
  if (templateCode.length > MAX_NAME_CHARACTERS) {
    return refuse('message.template_unusable', '该账号下找不到对应模板 (no template has so long a code)');
  }
  return undefined;
}

const tooMany = (max: number): Refusal =>
  refuse('message.too_many_numbers', `手机号码数量超过限制 (at most ${max} numbers in one call)`);

const extendCodeIllegal = (): Refusal =>
  refuse(
    'message.extension_illegal',
    `扩展码不合法 (an extension code is up to ${MAX_EXTEND_CODE_DIGITS} digits)`,
  );

const notAList = (name: string): Refusal =>
  refuse(
    'message.parameters_unreadable',
    `参数 ${name} 不是合法的 JSON 数组 (${name} must be a JSON list of texts)`,
  );

const otherLength = (name: string, got: number, wanted: number): Refusal =>
  refuse(
    'message.parameters_illegal',
    `参数 ${name} 的长度与 PhoneNumberJson 不一致 (${name} has ${got} elements for ${wanted} numbers)`,
  );

function templateParamRefusal(name: string, reason: TemplateParamRefusal): Refusal {
  return reason === 'too_long'
    ? refuse('message.variable_too_long', `参数 ${name} 超出长度限制 (${name} is too long)`)
    : refuse(
        'message.parameters_unreadable',
        `参数 ${name} 不是合法的 JSON (${name} must be a JSON object of texts and numbers)`,
      );
}

const refused = (refusal: Refusal) => ({ ok: false, refusal }) as const;
