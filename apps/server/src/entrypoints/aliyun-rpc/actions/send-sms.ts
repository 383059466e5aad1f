import type { Action } from '../dispatch.ts';
import { param } from '../params.ts';
import { dysmsAction, resourceOf } from './dysms-action.ts';
import { type SendDeps, sendCall } from './send-call.ts';
import { readSendSms } from './send-parameters.ts';

const PARAMETERS = ['PhoneNumbers', 'SignName', 'TemplateCode', 'TemplateParam', 'SmsUpExtendCode', 'OutId'];

/** SendSms: one text to up to 1,000 numbers, accepted or refused together but for opt-out and frequency. */
export const sendSms = (deps: SendDeps): Action =>
  dysmsAction('SendSms', {
    required: ['PhoneNumbers', 'SignName', 'TemplateCode'],
    resources: (call) => [
      resourceOf(call, 'sign', param(call.params, 'SignName')),
      resourceOf(call, 'template', param(call.params, 'TemplateCode')),
    ],
    claimsNonce: true,
    handle: (call, asking) => sendCall(call, asking, readSendSms(call.params), PARAMETERS, deps),
  });
