import type { TemplateKind } from '@signet/sms-text';

/** A send that counts for the per-number rules: accepted, whatever its receipt says later (reference §7). */
export type CountedSend = {
  at: number;
  tenantId: string;
  signatureId: string;
  templateId: string;
  kind: TemplateKind;
};

type Scope = 'signature' | 'signature_and_template' | 'all_senders';
type Window = 'minute' | 'hour' | 'day';
export type LimitRule = { readonly scope: Scope; readonly window: Window; readonly permits: number };

export type LimitRefusal = {
  rule: LimitRule;
  /** ms: the first instant at which one more send would be let through by this rule. */
  freeAt: number;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const CODE_RULES: readonly LimitRule[] = [
  { scope: 'signature', window: 'minute', permits: 1 },
  { scope: 'signature', window: 'hour', permits: 5 },
  { scope: 'signature', window: 'day', permits: 10 },
  { scope: 'all_senders', window: 'day', permits: 40 },
];
const OTHER_RULES: readonly LimitRule[] = [{ scope: 'signature_and_template', window: 'day', permits: 50 }];

/** Rules by kind of message, in the order in which they are asked (reference aliyun-openapi §7, «Rules to reproduce»). */
export const LIMIT_RULES: Readonly<Record<TemplateKind, readonly LimitRule[]>> = {
  code: CODE_RULES,
  notice: OTHER_RULES,
  marketing: OTHER_RULES,
  international: OTHER_RULES,
};

const WORD: Readonly<Record<Window, string>> = { minute: '分钟级', hour: '小时级', day: '天级' };

/** The message on the wire, letter for letter as clients know it. */
export const limitMessage = (rule: LimitRule): string =>
  `触发${WORD[rule.window]}流控Permits:${rule.permits}`;

/**
 * Where the window that holds `now` began. Minutes and hours are aligned to the clock of UTC+8, which has no odd minutes,
 * so the alignment is that of UTC; a day is the 24 h before.
 */
function windowStart(window: Window, now: number): number {
  if (window === 'minute') return now - (now % MINUTE_MS);
  if (window === 'hour') return now - (now % HOUR_MS);
  return now - DAY_MS + 1;
}

function inScope(scope: Scope, send: CountedSend, past: CountedSend): boolean {
  if (past.kind !== send.kind) return false;
  if (scope === 'all_senders') return true;
  const sameSignature = past.tenantId === send.tenantId && past.signatureId === send.signatureId;
  return scope === 'signature' ? sameSignature : sameSignature && past.templateId === send.templateId;
}

/** The first rule that one more send would break, or undefined. `history` are the counted sends to this number, any order. */
export function checkLimits(send: CountedSend, history: readonly CountedSend[]): LimitRefusal | undefined {
  if (history.length === 0) return undefined;
  for (const rule of LIMIT_RULES[send.kind]) {
    const from = windowStart(rule.window, send.at);
    const counted = history.filter((past) => past.at >= from && inScope(rule.scope, send, past));
    if (counted.length >= rule.permits) return { rule, freeAt: freeAt(rule, send.at, counted) };
  }
  return undefined;
}

function freeAt(rule: LimitRule, now: number, counted: readonly CountedSend[]): number {
  if (rule.window === 'minute') return windowStart('minute', now) + MINUTE_MS;
  if (rule.window === 'hour') return windowStart('hour', now) + HOUR_MS;
  const times = counted.map((past) => past.at).sort((a, b) => a - b);
  // A slot is free when all but `permits - 1` of them are older than a day.
  return times[times.length - rule.permits]! + DAY_MS;
}
