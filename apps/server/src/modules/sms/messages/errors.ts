import type { StepNumber } from './life.ts';

/**
 * Why a send is refused: the closed list of this module. `wire` is the code that the SDKs know (reference §8); the
 * message is chosen by the step, since some clients show it to people.
 */
export const REFUSALS = [
  { code: 'message.request_replayed', step: 1, http: 400, problem: 'refused', wire: 'SignatureNonceUsed' },
  { code: 'message.repeat_differs', step: 3, http: 409, problem: 'conflict', wire: 'IdempotencyKeyReused' },
  {
    code: 'message.number_illegal',
    step: 4,
    http: 400,
    problem: 'refused',
    wire: 'isv.MOBILE_NUMBER_ILLEGAL',
  },
  {
    code: 'message.too_many_numbers',
    step: 4,
    http: 400,
    problem: 'refused',
    wire: 'isv.MOBILE_COUNT_OVER_LIMIT',
  },
  {
    code: 'message.signature_unusable',
    step: 5,
    http: 400,
    problem: 'refused',
    wire: 'isv.SMS_SIGNATURE_ILLEGAL',
  },
  {
    code: 'message.template_unusable',
    step: 5,
    http: 400,
    problem: 'refused',
    wire: 'isv.SMS_TEMPLATE_ILLEGAL',
  },
  {
    code: 'message.signature_scene',
    step: 5,
    http: 400,
    problem: 'refused',
    wire: 'isv.SMS_SIGNATURE_SCENE_ILLEGAL',
  },
  {
    code: 'message.domestic_number',
    step: 5,
    http: 400,
    problem: 'refused',
    wire: 'isv.DOMESTIC_NUMBER_NOT_SUPPORTED',
  },
  {
    code: 'message.variable_missing',
    step: 6,
    http: 400,
    problem: 'refused',
    wire: 'isv.TEMPLATE_MISSING_PARAMETERS',
  },
  {
    code: 'message.variable_illegal',
    step: 6,
    http: 400,
    problem: 'refused',
    wire: 'isv.TEMPLATE_PARAMS_ILLEGAL',
  },
  {
    code: 'message.variable_too_long',
    step: 6,
    http: 400,
    problem: 'refused',
    wire: 'isv.PARAM_LENGTH_LIMIT',
  },
  {
    code: 'message.variable_has_url',
    step: 6,
    http: 400,
    problem: 'refused',
    wire: 'isv.PARAM_NOT_SUPPORT_URL',
  },
  {
    code: 'message.parameters_unreadable',
    step: 6,
    http: 400,
    problem: 'refused',
    wire: 'isv.INVALID_JSON_PARAM',
  },
  {
    code: 'message.parameters_illegal',
    step: 4,
    http: 400,
    problem: 'refused',
    wire: 'isv.INVALID_PARAMETERS',
  },
  {
    code: 'message.extension_illegal',
    step: 4,
    http: 400,
    problem: 'refused',
    wire: 'isv.EXTEND_CODE_ERROR',
  },
  { code: 'message.opted_out', step: 7, http: 400, problem: 'refused', wire: 'MOBILE_IN_BLACK' },
  {
    code: 'message.content_forbidden',
    step: 8,
    http: 400,
    problem: 'refused',
    wire: 'isv.SMS_CONTENT_ILLEGAL',
  },
  {
    code: 'message.frequency',
    step: 9,
    http: 400,
    problem: 'limit_reached',
    wire: 'isv.BUSINESS_LIMIT_CONTROL',
  },
  { code: 'message.tenant_frozen', step: 2, http: 403, problem: 'forbidden', wire: 'isv.ACCOUNT_ABNORMAL' },
] as const satisfies readonly {
  code: string;
  step: StepNumber;
  http: number;
  problem: string;
  wire: string;
}[];

export type RefusalCode = (typeof REFUSALS)[number]['code'];
export type Refusal = {
  readonly code: RefusalCode;
  readonly step: StepNumber;
  readonly wire: string;
  /** For people and for the record; holds names of variables and rules, never their values. */
  readonly message: string;
};

const BY_CODE = new Map(REFUSALS.map((row) => [row.code, row]));

export function refuse(code: RefusalCode, message: string): Refusal {
  const row = BY_CODE.get(code)!;
  return { code, step: row.step, wire: row.wire, message };
}
