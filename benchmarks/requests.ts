/** The requests that the load source sends, as ready bytes: built and signed before the clock starts. */

import { createHmac, hash, randomUUID } from 'node:crypto';

export interface Credential {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
}

/** Running numbers of the messages of one phase: `first`, `first + 1`, … `first + messages - 1`. */
export interface MessageRange {
  readonly first: number;
  readonly messages: number;
}

export type RequestPlan = MessageRange &
  (
    | ({
        readonly kind: 'sendSms' | 'sendBatchSms';
        /** Host with port, as signed. */
        readonly host: string;
        readonly signName: string;
        readonly templateCode: string;
      } & Credential)
    | {
        readonly kind: 'kannel';
        readonly host: string;
        readonly user: string;
        readonly password: string;
        /** Where delivery reports go; absent: none asked for. */
        readonly reportUrl?: string;
      }
  );

/** SendBatchSms takes at most 100 recipients a call. */
export const RECIPIENTS_PER_BATCH = 100;
/** 13 and nine digits of running number. */
const RUNNING_DIGITS = 9;

/** Phone number of message `running` in the form 8613 + nine digits: distinct, so that no per-number limit is met. */
export function phoneOf(running: number): string {
  return `8613${String(running).padStart(RUNNING_DIGITS, '0')}`;
}

/** The running number in a phone number of any form (138…, 86138…, +86138…); NaN if it holds none. */
export function runningOf(phone: string): number {
  return Number.parseInt(phone.slice(-RUNNING_DIGITS), 10);
}

export function messagesPerRequest(kind: RequestPlan['kind']): number {
  return kind === 'sendBatchSms' ? RECIPIENTS_PER_BATCH : 1;
}

/** RFC 3986: only the unreserved characters stay bare. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function formEncode(parameters: Readonly<Record<string, string>>): string {
  return Object.keys(parameters)
    .sort()
    .map((name) => `${percentEncode(name)}=${percentEncode(parameters[name] ?? '')}`)
    .join('&');
}

export interface SignedCall {
  readonly host: string;
  readonly action: string;
  readonly query: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  readonly now: Date;
  readonly nonce: string;
}

/**
 * One Dysmsapi call as HTTP/1.1 bytes, signed ACS3-HMAC-SHA256: business parameters where the official SDK puts
 * them (query for SendSms, form for SendBatchSms).
 */
export function signedRequest(credential: Credential, call: SignedCall): Buffer {
  const body = call.form ? formEncode(call.form) : '';
  const bodyDigest = hash('sha256', body, 'hex');
  const signed: [string, string][] = [
    ...(call.form ? ([['content-type', 'application/x-www-form-urlencoded']] as [string, string][]) : []),
    ['host', call.host],
    ['x-acs-action', call.action],
    ['x-acs-content-sha256', bodyDigest],
    ['x-acs-date', call.now.toISOString().replace(/\.\d+Z$/, 'Z')],
    ['x-acs-signature-nonce', call.nonce],
    ['x-acs-version', '2017-05-25'],
  ];
  const headers = signed.map(([name, value]) => `${name}:${value}\n`).join('');
  const names = signed.map(([name]) => name).join(';');
  const query = formEncode(call.query);
  const canonical = `POST\n/\n${query}\n${headers}\n${names}\n${bodyDigest}`;
  const stringToSign = `ACS3-HMAC-SHA256\n${hash('sha256', canonical, 'hex')}`;
  const signature = createHmac('sha256', credential.accessKeySecret).update(stringToSign).digest('hex');
  const authorization = `ACS3-HMAC-SHA256 Credential=${credential.accessKeyId},SignedHeaders=${names},Signature=${signature}`;
  const head = [
    `POST /${query === '' ? '' : `?${query}`} HTTP/1.1`,
    ...signed.map(([name, value]) => `${name}: ${value}`),
    'accept: application/json',
    `Authorization: ${authorization}`,
    'Connection: keep-alive',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function code(): string {
  return String(Math.floor(Math.random() * 1_000_000)).padStart(6, '0');
}

function buildSendSms(
  plan: RequestPlan & { kind: 'sendSms' | 'sendBatchSms' },
  running: number,
  now: Date,
): Buffer {
  return signedRequest(plan, {
    host: plan.host,
    action: 'SendSms',
    query: {
      PhoneNumbers: phoneOf(running),
      SignName: plan.signName,
      TemplateCode: plan.templateCode,
      TemplateParam: JSON.stringify({ code: code() }),
    },
    now,
    nonce: randomUUID(),
  });
}

function buildSendBatchSms(
  plan: RequestPlan & { kind: 'sendSms' | 'sendBatchSms' },
  first: number,
  recipients: number,
  now: Date,
): Buffer {
  const phones = Array.from({ length: recipients }, (_, index) => phoneOf(first + index));
  return signedRequest(plan, {
    host: plan.host,
    action: 'SendBatchSms',
    query: {},
    form: {
      PhoneNumberJson: JSON.stringify(phones),
      SignNameJson: JSON.stringify(phones.map(() => plan.signName)),
      TemplateCode: plan.templateCode,
      TemplateParamJson: JSON.stringify(phones.map(() => ({ code: code() }))),
    },
    now,
    nonce: randomUUID(),
  });
}

function buildKannelGet(plan: RequestPlan & { kind: 'kannel' }, running: number): Buffer {
  const report = plan.reportUrl
    ? `&dlr-mask=3&dlr-url=${encodeURIComponent(`${plan.reportUrl}?running=${running}`)}`
    : '';
  const target =
    `/cgi-bin/sendsms?username=${plan.user}&password=${plan.password}&from=10690001&to=${phoneOf(running)}` +
    `&text=Your+code+is+${code()}%2C+valid+for+5+minutes.+%5BBench%5D${report}`;
  return Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${plan.host}\r\nConnection: keep-alive\r\n\r\n`);
}

/** All requests of one phase, in order of their running numbers. Signatures hold for 15 minutes from `now`. */
export function buildRequests(plan: RequestPlan, now: Date): Buffer[] {
  const step = messagesPerRequest(plan.kind);
  const requests: Buffer[] = [];
  const end = plan.first + plan.messages;
  for (let running = plan.first; running < end; running += step) {
    if (plan.kind === 'kannel') requests.push(buildKannelGet(plan, running));
    else if (plan.kind === 'sendSms') requests.push(buildSendSms(plan, running, now));
    else requests.push(buildSendBatchSms(plan, running, Math.min(step, end - running), now));
  }
  return requests;
}

/** Whether an answer means that the message (every message of the call) was taken over. */
export function isAccepted(kind: RequestPlan['kind'], status: number, body: string): boolean {
  if (kind === 'kannel') return status === 202 && body.startsWith('0:');
  return status === 200 && /"Code"\s*:\s*"OK"/.test(body);
}
