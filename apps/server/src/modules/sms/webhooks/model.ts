import type { SendFailure, SendOutcome } from '../../../platform/http-out/public.ts';

export type DeliveryKind = 'report' | 'inbound';
export type DeliveryState = 'waiting' | 'delivered' | 'dead';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A delivery that nobody took for this long is a dead letter. */
export const GIVE_UP_AFTER_MS = 24 * HOUR_MS;

/** Wait after the first, second … failed push: the schedule that clients know (1, 5, 10 minutes), then ours. */
export const RETRY_DELAYS_MS: readonly number[] = [
  1 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  60 * MINUTE_MS,
];
/** … and after every later one. */
export const LATER_DELAY_MS = 2 * HOUR_MS;

/** When a delivery is pushed again, in ms; null when it is given up. `tries` counts the failed push. */
export function nextTryAt(delivery: { tries: number; createdAt: number }, now: number): number | null {
  const at = now + (RETRY_DELAYS_MS[delivery.tries - 1] ?? LATER_DELAY_MS);
  return at - delivery.createdAt <= GIVE_UP_AFTER_MS ? at : null;
}

/** What came of a push, in one word that is stored. `200` is success. */
export type PushStatus =
  | '200'
  | 'no_code'
  | `http_${number}`
  | SendFailure
  /** The address was taken away while the delivery waited. */
  | 'no_address'
  /** The elements could not be read: erased meanwhile, or our own fault. */
  | 'erased'
  | 'internal'
  /** Given up without a try, because the endpoint failed all day. */
  | 'not_tried';

/** Success is HTTP 200 with a JSON object whose `code` is a number, whatever its value (reference §9). */
export function judgeAnswer(outcome: SendOutcome): PushStatus {
  if (outcome.kind === 'failed') return outcome.failure;
  if (outcome.status !== 200) return `http_${outcome.status}`;
  return hasNumericCode(outcome.body) ? '200' : 'no_code';
}

function hasNumericCode(body: Buffer): boolean {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    return (
      typeof answer === 'object' && answer !== null && 'code' in answer && typeof answer.code === 'number'
    );
  } catch {
    return false;
  }
}

const EXPLANATIONS: Readonly<Record<Exclude<PushStatus, `http_${number}`>, string>> = {
  '200': 'Delivered: the endpoint answered 200 with a numeric code.',
  no_code:
    'The endpoint answered 200, but not with a JSON object that has a numeric code, such as {"code":0,"msg":"ok"}.',
  url_refused: 'The address must begin with http:// or https:// and hold no user name or password.',
  address_refused: 'The address leads into a private network; ask the operator to allow this host.',
  unresolved: 'The host name has no address; check its spelling and its DNS record.',
  timeout: 'The endpoint did not answer in time; answer first and work afterwards.',
  connection_refused: 'Nobody listens at this host and port.',
  unreachable: 'There is no route to this host.',
  tls_failed:
    'The TLS handshake failed; check that the certificate is valid for this host and its chain is complete.',
  connection_lost: 'The connection ended before the answer was complete.',
  no_address: 'No address is set for this kind of push.',
  erased: 'What the push was to tell has been erased.',
  internal: 'The push could not be prepared; the operator finds the cause in the log.',
  not_tried: 'The endpoint failed for 24 hours, so this push was given up without a try.',
};

/** One plain sentence on a status: what is wrong and what to do. */
export function explain(status: string): string {
  if (status.startsWith('http_')) {
    const code = status.slice('http_'.length);
    return `The endpoint answered HTTP ${code}; it must answer 200${code.startsWith('3') ? ', redirects are not followed' : ''}.`;
  }
  return (EXPLANATIONS as Readonly<Record<string, string | undefined>>)[status] ?? status;
}

export type WebhookState = 'healthy' | 'retrying' | 'failing' | 'unset';

/** A delivery in retry for as long (past the schedule that clients know) means that the endpoint is down. */
export const FAILING_TRIES = 4;

/** Health at a glance. `mostTries` is that of waiting deliveries that failed; `newestDeadAt` in ms. */
export function healthOf(
  webhook: { reportUrl: string | null; inboundUrl: string | null },
  facts: { mostTries: number; newestDeadAt: number | null },
  now: number,
): WebhookState {
  if (webhook.reportUrl === null && webhook.inboundUrl === null) return 'unset';
  const died = facts.newestDeadAt !== null && now - facts.newestDeadAt < GIVE_UP_AFTER_MS;
  if (died || facts.mostTries >= FAILING_TRIES) return 'failing';
  return facts.mostTries > 0 ? 'retrying' : 'healthy';
}

export type Webhook = {
  reportUrl: string | null;
  inboundUrl: string | null;
  state: WebhookState;
  /** A sentence on the newest failure that is not made good. */
  lastError: string | null;
  waiting: number;
  deadLetters: number;
};

/** Times in ms. */
export type Delivery = {
  id: string;
  kind: DeliveryKind;
  events: number;
  state: DeliveryState;
  attempts: number;
  lastStatus: string | null;
  createdAt: number;
  nextAt: number | null;
};
export type DeliveryPage = { items: Delivery[]; total: number; next: string | null };

/** Totals are counted no further. */
export const COUNTED_TO = 10_000;

export const secretPlace = (tenantId: string) => ({
  table: 'webhooks',
  column: 'sealed_secret',
  row: tenantId,
});
