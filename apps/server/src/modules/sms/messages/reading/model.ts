import { readNumber, type TemplateKind } from '@signet/sms-text';
import { firstIdAt } from '../../../../platform/ids.ts';
import type { MessageState } from '../model.ts';

const DAY_MS = 86_400_000;
const CHINA_OFFSET_MS = 8 * 3_600_000;
/** An id is made within the commit that accepts it: it is at most this much younger than `accepted_at`. */
const ID_DRIFT_MS = 60_000;

/** A span of time, half open, in ms. */
export type Period = { from: number; to: number };
/** A period with the range of ids that holds it: ids find the rows, `accepted_at` decides at the edges. */
export type IdRange = Period & { fromId: string; toId: string };

/** `yyyyMMdd` of the wire as a day of UTC+8; undefined for what is no day of the calendar. */
export function readChinaDay(day: string): Period | undefined {
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(day);
  if (parts === null) return undefined;
  const midnight = Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]));
  if (writeChinaDay(midnight - CHINA_OFFSET_MS) !== day) return undefined;
  return { from: midnight - CHINA_OFFSET_MS, to: midnight - CHINA_OFFSET_MS + DAY_MS };
}

/** The day in UTC+8 of an instant, as `yyyyMMdd`. */
export const writeChinaDay = (ms: number): string =>
  new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 10).replaceAll('-', '');

/** The last `count` days of UTC+8 up to the one that holds `now`. */
export function lastChinaDays(now: number, count: number): Period {
  const today = now + CHINA_OFFSET_MS - ((now + CHINA_OFFSET_MS) % DAY_MS) - CHINA_OFFSET_MS;
  return { from: today - (count - 1) * DAY_MS, to: today + DAY_MS };
}

export const idRange = ({ from, to }: Period): IdRange => ({
  from,
  to,
  fromId: firstIdAt(from),
  toId: firstIdAt(to + ID_DRIFT_MS),
});

const LARGEST_ID = 2n ** 63n - 1n;
/** A decimal that the store can hold as an id. */
export const isId = (text: string): boolean => /^\d{1,19}$/.test(text) && BigInt(text) <= LARGEST_ID;

/** The call that a BizId (`123…^0`) names, or undefined. */
export function readBizId(text: string): string | undefined {
  const callId = /^(\d{1,19})\^0$/.exec(text)?.[1];
  return callId !== undefined && isId(callId) ? callId : undefined;
}

export const bizIdOf = (callId: string): string => `${callId}^0`;

/** What somebody may type into the search field. */
export type Search =
  | { by: 'call'; callId: string }
  | { by: 'message'; id: string }
  | { by: 'number'; e164: string }
  | { by: 'template'; code: string };

/** E.164 §6.2: a number has at most 15 digits, so more of them are an id. */
const LONGEST_NUMBER = 15;

/** A BizId, a message id, a phone in any form, or else a template code. */
export function readSearch(text: string): Search {
  const callId = readBizId(text);
  if (callId !== undefined) return { by: 'call', callId };
  if (text.length > LONGEST_NUMBER && isId(text) && !text.startsWith('0')) return { by: 'message', id: text };
  const number = readNumber(text);
  return number.ok ? { by: 'number', e164: number.e164 } : { by: 'template', code: text };
}

/** Stored states and `submitted`: accepted, and a carrier was given at least a part. */
export type ShownState = MessageState | 'submitted';
export const shownState = (state: MessageState, handedOver: boolean): ShownState =>
  state === 'accepted' && handedOver ? 'submitted' : state;

export type MessageFilter = {
  search: Search | undefined;
  state: ShownState | undefined;
  kind: TemplateKind | undefined;
  templateCode: string | undefined;
  signName: string | undefined;
  /** ms, half open; either side may be open. */
  from: number | undefined;
  to: number | undefined;
};

export const iso = (at: Date): string => at.toISOString();
export const isoOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;
