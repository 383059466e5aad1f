import type { Action, ActionCall } from '../dispatch.ts';
import { param } from '../params.ts';
import { DYSMS_VERSIONS, resourceOf } from './resources.ts';
import { type SendDeps, sendCall } from './send-call.ts';
import { readSendBatchSms, readTexts } from './send-parameters.ts';

const PARAMETERS = [
  'PhoneNumberJson',
  'SignNameJson',
  'TemplateCode',
  'TemplateParamJson',
  'SmsUpExtendCodeJson',
  'OutId',
];

/** SendBatchSms: one template to up to 100 recipients, each with a signature, values and extension code of its own. */
export const sendBatchSms = (deps: SendDeps): Action => ({
  name: 'SendBatchSms',
  versions: DYSMS_VERSIONS,
  ramAction: 'dysms:SendBatchSms',
  resources: (call) => [...signs(call), resourceOf(call, 'template', param(call.params, 'TemplateCode'))],
  required: ['PhoneNumberJson', 'SignNameJson', 'TemplateCode'],
  handle: (call) => sendCall(call, readSendBatchSms(call.params), PARAMETERS, deps),
});

/** Each signature once; a list that cannot be read asks for all of them, and is refused when it is read again. */
function signs(call: ActionCall): string[] {
  const names = readTexts(param(call.params, 'SignNameJson')) ?? ['*'];
  return [...new Set(names)].map((name) => resourceOf(call, 'sign', name));
}
