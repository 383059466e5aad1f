// table: the life of one message; docs/life-of-a-message.md lists the same rows and a test compares them

/** One step: its number is the same in code, documents, logs, metrics and the console. */
export type LifeStep = { readonly step: number; readonly name: string; readonly module: string };

export const LIFE = [
  { step: 1, name: 'authenticate', module: 'entrypoints/aliyun-rpc' },
  { step: 2, name: 'authorise', module: 'trust/access' },
  { step: 3, name: 'recognise a repeat', module: 'sms/messages' },
  { step: 4, name: 'read the numbers', module: 'sms/messages' },
  { step: 5, name: 'check signature, template, qualification', module: 'sms/messages' },
  { step: 6, name: 'render and count segments', module: 'sms/messages' },
  { step: 7, name: 'check opt-out, allow-list, hours', module: 'sms/opt-outs' },
  { step: 8, name: 'screen', module: 'sms/screening' },
  { step: 9, name: 'count quotas and frequency', module: 'sms/messages' },
  { step: 10, name: 'commit and answer', module: 'sms/messages' },
  { step: 11, name: 'claim', module: 'sms/dispatch' },
  { step: 12, name: 'choose the route', module: 'sms/routing' },
  { step: 13, name: 'wait for window and rate', module: 'sms/carriers' },
  { step: 14, name: 'record the attempt', module: 'sms/dispatch' },
  { step: 15, name: 'submit', module: 'sms/carriers' },
  { step: 16, name: 'store the outcome', module: 'sms/dispatch' },
  { step: 17, name: 'match the report to its segment', module: 'sms/receipts' },
  { step: 18, name: 'reach one final state', module: 'sms/receipts' },
  { step: 19, name: 'push to the webhook', module: 'sms/webhooks' },
  { step: 20, name: 'expire and destroy', module: 'sms/messages' },
] as const satisfies readonly LifeStep[];

export type StepNumber = (typeof LIFE)[number]['step'];
