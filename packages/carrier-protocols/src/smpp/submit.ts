import { COMMANDS, HEADER_OCTETS } from './pdus.ts';

/** What varies in the submit_sm of a plain text message; every other field is empty or 0. */
export type SubmitMessage = {
  readonly sourceAddr: string;
  readonly sourceTon: number;
  readonly sourceNpi: number;
  readonly destAddr: string;
  readonly destTon: number;
  readonly destNpi: number;
  /** 0x40 when `shortMessage` begins with a UDH (clause 5.2.12). */
  readonly esmClass: number;
  readonly dataCoding: number;
  /** At most 254 octets. */
  readonly shortMessage: Uint8Array;
  readonly validitySeconds?: number;
  readonly registeredDelivery: 0 | 1;
};

const DAY_SECONDS = 86_400;
const twoDigits = (value: number): string => String(value).padStart(2, '0');

/**
 * A period as the relative time format YYMMDDhhmmss000R (clause 7.1.1.2); '' (the SMSC's default) for undefined.
 * A month counts 30 days here: an SMSC allows days at most, and gateways disagree on what a month is anyway.
 */
export const relativeTime = (seconds: number | undefined): string => {
  if (seconds === undefined || seconds <= 0) return '';
  const whole = Math.min(Math.floor(seconds), 99 * 12 * 30 * DAY_SECONDS);
  const days = Math.floor(whole / DAY_SECONDS);
  const months = Math.floor(days / 30);
  const rest = whole % DAY_SECONDS;
  const parts = [
    Math.floor(months / 12),
    months % 12,
    days % 30,
    Math.floor(rest / 3_600),
    Math.floor((rest % 3_600) / 60),
    rest % 60,
  ];
  return `${parts.map(twoDigits).join('')}000R`;
};

const ADDRESS_MAX_OCTETS = COMMANDS.submit_sm.fields.source_addr.maxOctets;
const SHORT_MESSAGE_MAX_OCTETS = COMMANDS.submit_sm.fields.short_message.maxOctets;
const VALIDITY_MAX_OCTETS = COMMANDS.submit_sm.fields.validity_period.maxOctets;

/** Header, the two addresses and the validity at their longest, and the 17 octets of the other fields. */
export const SUBMIT_SM_FIXED_MAX_OCTETS = HEADER_OCTETS + 2 * ADDRESS_MAX_OCTETS + VALIDITY_MAX_OCTETS + 17;

/** Short strings of digits: a loop costs a third of Buffer.write's call into C++ (measured). */
const writeText = (target: Buffer, offset: number, text: string, maxOctets: number, name: string): number => {
  if (text.length + 1 > maxOctets) throw new RangeError(`${name}: longer than ${maxOctets - 1} octets`);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 0xff)
      throw new RangeError(`${name}: holds NUL or a character outside ISO 8859-1`);
    target[offset + i] = code;
  }
  target[offset + text.length] = 0;
  return offset + text.length + 1;
};

const octet = (value: number, name: string): number => {
  if (!Number.isInteger(value) || value < 0 || value > 0xff)
    throw new RangeError(`${name}: not an unsigned integer of 1 octets`);
  return value;
};

/**
 * Writes one submit_sm at `offset` and returns its end. The hot path of sending: the same octets as
 * `encodePdu` gives (a property test compares them), without building its object.
 * `target` must have SUBMIT_SM_FIXED_MAX_OCTETS + shortMessage.length octets of room.
 * @throws RangeError when a value does not fit its field; the message names the field, never the value.
 */
export const writeSubmitSm = (
  target: Buffer,
  offset: number,
  sequenceNumber: number,
  message: SubmitMessage,
): number => {
  const { shortMessage } = message;
  if (shortMessage.length > SHORT_MESSAGE_MAX_OCTETS)
    throw new RangeError(`short_message: not 0–${SHORT_MESSAGE_MAX_OCTETS} octets`);
  let at = offset + HEADER_OCTETS;
  target[at++] = 0;
  target[at++] = octet(message.sourceTon, 'source_addr_ton');
  target[at++] = octet(message.sourceNpi, 'source_addr_npi');
  at = writeText(target, at, message.sourceAddr, ADDRESS_MAX_OCTETS, 'source_addr');
  target[at++] = octet(message.destTon, 'dest_addr_ton');
  target[at++] = octet(message.destNpi, 'dest_addr_npi');
  at = writeText(target, at, message.destAddr, ADDRESS_MAX_OCTETS, 'destination_addr');
  target[at++] = octet(message.esmClass, 'esm_class');
  target[at++] = 0;
  target[at++] = 0;
  target[at++] = 0;
  at = writeText(target, at, relativeTime(message.validitySeconds), VALIDITY_MAX_OCTETS, 'validity_period');
  target[at++] = octet(message.registeredDelivery, 'registered_delivery');
  target[at++] = 0;
  target[at++] = octet(message.dataCoding, 'data_coding');
  target[at++] = 0;
  target[at++] = shortMessage.length;
  target.set(shortMessage, at);
  at += shortMessage.length;
  target.writeUInt32BE(at - offset, offset);
  target.writeUInt32BE(COMMANDS.submit_sm.id, offset + 4);
  target.writeUInt32BE(0, offset + 8);
  target.writeUInt32BE(sequenceNumber, offset + 12);
  return at;
};

/** The message_id of the submit_sm_resp in `[start, end)`; '' when it has none. */
export const readMessageId = (buffer: Buffer, start: number, end: number): string => {
  const from = start + HEADER_OCTETS;
  const limit = Math.min(end, from + COMMANDS.submit_sm_resp.fields.message_id.maxOctets - 1);
  let to = from;
  while (to < limit && buffer[to] !== 0) to += 1;
  return to === from ? '' : buffer.toString('latin1', from, to);
};
