import type { Action, ActionCall } from '../dispatch.ts';
import { param } from '../params.ts';
import { dysmsAction, resourceOf } from './dysms-action.ts';
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
export const sendBatchSms = (deps: SendDeps): Action =>
  dysmsAction('SendBatchSms', {
    required: ['PhoneNumberJson', 'SignNameJson', 'TemplateCode'],
    resources: (call) => [...signs(call), resourceOf(call, 'template', param(call.params, 'TemplateCode'))],
    claimsNonce: true,
    handle: (call, asking) => sendCall(call, asking, readSendBatchSms(call.params), PARAMETERS, deps),
  });

/** Each signature once; a list that cannot be read asks for all of them, and is refused when it is read again. */
function signs(call: ActionCall): string[] {
  const names = readTexts(param(call.params, 'SignNameJson')) ?? ['*'];
  return [...new Set(names)].map((name) => resourceOf(call, 'sign', name));
}
