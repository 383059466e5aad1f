import type { Evidence } from '@signet/content-engine';
import type { TemplateKind } from '@signet/sms-text';
import type { SendableSignature } from '../signatures/public.ts';
import type { SendableTemplate } from '../templates/public.ts';
import type { Refusal } from './errors.ts';

/** One recipient as the caller wrote it. */
export type Wanted = {
  number: string;
  signName: string;
  templateCode: string;
  /** Variables of the template; values as text. */
  params: Readonly<Record<string, string>>;
  /** Digits appended to the carrier's source address, or empty. */
  extendCode: string;
};

/** One call of the API or the console: its recipients are accepted or refused together, but for steps 7 and 9. */
export type SendCall = {
  tenantId: string;
  /** `key:LTAI…` or `user:<id>`, for the audit log. */
  actor: string;
  requestId: string;
  recipients: readonly Wanted[];
  outId: string | null;
  /** Header Idempotency-Key with a digest of the body it came with; null without the header. */
  repeat: { keyDigest: Buffer; bodyDigest: Buffer } | null;
  /** Digest of the request's nonce, claimed in the commit of the call; null where there is none, or it is claimed. */
  nonce: string | null;
};

export type SendAnswer = { code: 'OK'; bizId: string } | { code: string; message: string; refusal: Refusal };

/** A recipient on its way through the steps: each step fills what the next ones need. */
export type Candidate = {
  readonly wanted: Wanted;
  /** Id of the message it becomes; the first of a call names the call. */
  readonly id: string;
  e164: string;
  domestic: boolean;
  numberKey: Buffer;
  signature: SendableSignature;
  template: SendableTemplate;
  text: string;
  segmentCount: number;
  /** Set by step 7. */
  optedOut: boolean;
  exempt: boolean;
  /** ms: not to be sent before, e.g. marketing at night. */
  notBefore: number;
  held: { labels: readonly string[]; spans: readonly Evidence[] } | null;
  /** Set last, before the commit: the envelope for `messages.sealed` and a digest of it for the audit log. */
  sealed: Buffer;
  sealedDigest: string;
};

export type Candidates = { readonly call: SendCall; readonly now: number; readonly list: Candidate[] };

/** Stored states; the console adds `submitted`, which is read from the segments. */
export type MessageState =
  | 'held'
  | 'accepted'
  | 'in_doubt'
  | 'delivered'
  | 'undelivered'
  | 'refused'
  | 'expired';
export type MessageEvent = 'release' | 'reject' | 'doubt' | 'clear' | 'deliver' | 'fail' | 'expire';

/**
 * The state table. A final state has no row: whatever comes later is counted and changes nothing, so a message has one
 * final state. A receipt can settle a doubt; a late answer of the carrier clears it, and the message waits for its receipts.
 */
export const MESSAGE_STATES: Readonly<Record<MessageState, Partial<Record<MessageEvent, MessageState>>>> = {
  held: { release: 'accepted', reject: 'refused', expire: 'expired' },
  accepted: { doubt: 'in_doubt', deliver: 'delivered', fail: 'undelivered', expire: 'expired' },
  in_doubt: { clear: 'accepted', deliver: 'delivered', fail: 'undelivered', expire: 'expired' },
  delivered: {},
  undelivered: {},
  refused: {},
  expired: {},
};

export const nextState = (state: MessageState, event: MessageEvent): MessageState | undefined =>
  MESSAGE_STATES[state][event];
export const isFinal = (state: MessageState): boolean => Object.keys(MESSAGE_STATES[state]).length === 0;

/** SendStatus of QuerySendDetails: 1 waiting for the receipt, 2 failed, 3 delivered. */
export function sendStatus(state: MessageState): 1 | 2 | 3 {
  if (state === 'delivered') return 3;
  return isFinal(state) ? 2 : 1;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** How long a message is of use: a code that comes late only confuses. */
export const LIFETIME_MS: Readonly<Record<TemplateKind, number>> = {
  code: 5 * MINUTE_MS,
  notice: 24 * HOUR_MS,
  marketing: 24 * HOUR_MS,
  international: 24 * HOUR_MS,
};

const CHINA_OFFSET_MS = 8 * HOUR_MS;
const MARKETING_FROM_HOUR = 8;
const MARKETING_TO_HOUR = 20;

/**
 * Marketing goes out from 08:00 to 20:00 Beijing time (reference gateway-lessons §6, sending hours); outside, it waits
 * for the next morning. Returns `now` where it may go at once.
 */
export function marketingNotBefore(now: number): number {
  const local = now + CHINA_OFFSET_MS;
  const dayStart = local - (local % (24 * HOUR_MS));
  const hour = (local - dayStart) / HOUR_MS;
  if (hour >= MARKETING_FROM_HOUR && hour < MARKETING_TO_HOUR) return now;
  const morning = dayStart + MARKETING_FROM_HOUR * HOUR_MS - CHINA_OFFSET_MS;
  return hour < MARKETING_FROM_HOUR ? morning : morning + 24 * HOUR_MS;
}

/** What stands sealed in `messages.sealed`. */
export type Envelope = { phone: string; text: string; outId: string | null; extendCode: string };

export const packEnvelope = (envelope: Envelope): string =>
  JSON.stringify([envelope.phone, envelope.text, envelope.outId, envelope.extendCode]);

export function openEnvelope(plain: Buffer): Envelope {
  const [phone, text, outId, extendCode] = JSON.parse(plain.toString('utf8')) as [
    string,
    string,
    string | null,
    string,
  ];
  return { phone, text, outId, extendCode };
}

/** A message as the gateway needs it, handed over in memory after the commit or read back after a crash. */
export type Outgoing = {
  tenantId: string;
  messageId: string;
  e164: string;
  domestic: boolean;
  text: string;
  extendCode: string;
  expiresAt: number;
  attempt: number;
};
