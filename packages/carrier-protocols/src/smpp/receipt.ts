import { candidateIds } from './message-id.ts';
import type { Tlvs } from './pdus.ts';

/** Message states of clause 5.2.28. */
export type MessageState =
  | 'enroute'
  | 'delivered'
  | 'expired'
  | 'deleted'
  | 'undeliverable'
  | 'accepted'
  | 'unknown'
  | 'rejected';

export type Receipt = {
  /** The id as the peer wrote it. */
  readonly messageId: string;
  /** Keys to look the submit up by, best first; see `candidateIds`. */
  readonly candidateIds: readonly string[];
  readonly state: MessageState;
  /** enroute and accepted are steps on the way; every other state ends the message. */
  readonly isFinal: boolean;
  /** `err` of the text form as it stands ('000', 'MK:0012'), else the code of network_error_code; '' if neither. */
  readonly errorCode: string;
  /** YYMMDDhhmm or YYMMDDhhmmss in the SMSC's own time zone, as it stands; '' if absent. See `receiptTime`. */
  readonly submitDate: string;
  readonly doneDate: string;
};

/** The fields of a deliver_sm or data_sm that a receipt is read from. */
export type ReceiptSource = {
  readonly esmClass: number;
  readonly octets: Uint8Array;
  readonly tlvs: Pick<Tlvs, 'receipted_message_id' | 'message_state' | 'network_error_code'>;
};

const STATE_BY_NUMBER: readonly (MessageState | undefined)[] = [
  undefined,
  'enroute',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'accepted',
  'unknown',
  'rejected',
];

/** Appendix B has seven letters; peers write the whole word as well. */
const STATE_BY_WORD: Readonly<Record<string, MessageState>> = {
  ENROUTE: 'enroute',
  DELIVRD: 'delivered',
  DELIVERED: 'delivered',
  EXPIRED: 'expired',
  DELETED: 'deleted',
  UNDELIV: 'undeliverable',
  UNDELIVERABLE: 'undeliverable',
  ACCEPTD: 'accepted',
  ACCEPTED: 'accepted',
  UNKNOWN: 'unknown',
  REJECTD: 'rejected',
  REJECTED: 'rejected',
};

const LABEL = /(?:^|[\s;,])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s*:/gi;

/** A receipt's text is some 120 octets; more is not read. */
const MAX_TEXT_OCTETS = 1_000;

/**
 * Labelled values of the text form (appendix B), in any order and case. A value ends at the next label not met
 * before, so the message text may itself contain "id:" without hurting the fields.
 */
export const readReceiptText = (octets: Uint8Array): ReadonlyMap<string, string> => {
  const text = Buffer.from(
    octets.buffer,
    octets.byteOffset,
    Math.min(octets.length, MAX_TEXT_OCTETS),
  ).toString('latin1');
  const found: { label: string; from: number; labelAt: number }[] = [];
  for (const match of text.matchAll(LABEL)) {
    const label = (match[1] as string).toLowerCase().replace(/[ _]/g, '');
    if (!found.some((entry) => entry.label === label))
      found.push({ label, from: match.index + match[0].length, labelAt: match.index });
  }
  return new Map(
    found.map(({ label, from }, i) => [
      label,
      text
        .slice(from, found[i + 1]?.labelAt ?? text.length)
        .replaceAll('\0', '')
        .replace(/[\s;,]+$/, '')
        .trim(),
    ]),
  );
};

/**
 * True when esm_class says receipt (0x04) or intermediate notification (0x20; clause 5.2.12), or when the
 * receipted_message_id TLV is there. The text alone never makes a receipt: a handset can write "id:… stat:DELIVRD".
 */
export const isReceipt = (source: Pick<ReceiptSource, 'esmClass' | 'tlvs'>): boolean => {
  const kind = source.esmClass & 0x3c;
  return kind === 0x04 || kind === 0x20 || source.tlvs.receipted_message_id !== undefined;
};

/**
 * Reads a receipt: TLVs first (clauses 5.3.2.12, 5.3.2.35), then the text form. When both name an id, the keys of
 * both are candidates. Null when it is no receipt, names no id or no state: the caller stores it as an orphan.
 */
export const readReceipt = (source: ReceiptSource): Receipt | null => {
  if (!isReceipt(source)) return null;
  const text = readReceiptText(source.octets);
  const ids = [source.tlvs.receipted_message_id?.trim() ?? '', text.get('id')?.split(/\s/)[0] ?? ''];
  const messageId = ids[0] || ids[1] || '';
  if (messageId === '') return null;
  const word = text.get('stat')?.split(/\s/)[0]?.toUpperCase() ?? '';
  const state =
    STATE_BY_NUMBER[source.tlvs.message_state ?? 0] ??
    (Object.hasOwn(STATE_BY_WORD, word) ? STATE_BY_WORD[word] : undefined);
  if (state === undefined) return null;
  const network = source.tlvs.network_error_code;
  const networkError = network === undefined ? '' : String(((network[1] ?? 0) << 8) | (network[2] ?? 0));
  return {
    messageId,
    candidateIds: [...new Set(ids.flatMap(candidateIds))],
    state,
    isFinal: state !== 'enroute' && state !== 'accepted' && (source.esmClass & 0x3c) !== 0x20,
    errorCode: text.get('err')?.split(/\s/)[0] || networkError,
    submitDate: text.get('submitdate')?.replace(/\D/g, '') ?? '',
    doneDate: text.get('donedate')?.replace(/\D/g, '') ?? '',
  };
};

/**
 * A receipt's YYMMDDhhmm[ss] as milliseconds since 1970, or null when it is no date. The text has no zone; carriers
 * write their local time, so the offset is a setting of the link.
 * @param utcOffsetMinutes 480 for China
 */
export const receiptTime = (digits: string, utcOffsetMinutes: number): number | null => {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$/.exec(digits);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return null;
  const local = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  // Date.UTC rolls 31 February over into March; such a date is no date.
  return new Date(local).getUTCDate() === day ? local - utcOffsetMinutes * 60_000 : null;
};

const WORD_BY_STATE: Readonly<Record<MessageState, string>> = {
  enroute: 'ENROUTE',
  delivered: 'DELIVRD',
  expired: 'EXPIRED',
  deleted: 'DELETED',
  undeliverable: 'UNDELIV',
  accepted: 'ACCEPTD',
  unknown: 'UNKNOWN',
  rejected: 'REJECTD',
};

/** The number of a state in the message_state TLV (clause 5.2.28). */
export const messageStateNumber = (state: MessageState): number => STATE_BY_NUMBER.indexOf(state);

/** The text form of appendix B, as an SMSC writes it. `text` is the message's first 20 characters or ''. */
export const writeReceiptText = (receipt: {
  readonly messageId: string;
  readonly state: MessageState;
  readonly submitDate: string;
  readonly doneDate: string;
  readonly errorCode: string;
  readonly text: string;
}): string =>
  `id:${receipt.messageId} sub:001 dlvrd:${receipt.state === 'delivered' ? '001' : '000'} ` +
  `submit date:${receipt.submitDate} done date:${receipt.doneDate} stat:${WORD_BY_STATE[receipt.state]} ` +
  `err:${receipt.errorCode} text:${receipt.text}`;
