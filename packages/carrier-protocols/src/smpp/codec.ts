import {
  type BodyOf,
  COMMANDS,
  type Command,
  type FieldSpec,
  HEADER_OCTETS,
  type Pdu,
  type PduOf,
  RESPONSE_BIT,
  TLVS,
  type TlvName,
  type TlvSpec,
  type Tlvs,
  type UnknownTlv,
} from './pdus.ts';
import { STATUS } from './status.ts';

type FieldValue = number | string | Uint8Array;
type TlvValue = FieldValue | readonly Uint8Array[];
type CommandRow = { command: Command; id: number; isResponse: boolean; fields: [string, FieldSpec][] };
type TlvRow = { name: TlvName; spec: TlvSpec };

const ROW_BY_COMMAND = new Map<string, CommandRow>();
const ROW_BY_ID = new Map<number, CommandRow>();
for (const [command, { id, fields }] of Object.entries(COMMANDS)) {
  const row = {
    command: command as Command,
    id,
    isResponse: id >= RESPONSE_BIT,
    fields: Object.entries(fields) as [string, FieldSpec][],
  };
  ROW_BY_COMMAND.set(command, row);
  ROW_BY_ID.set(id, row);
}

const TLV_BY_TAG = new Map<number, TlvRow>(
  Object.entries(TLVS).map(([name, spec]) => [spec.tag, { name: name as TlvName, spec }]),
);

export type Decoded =
  | { readonly ok: true; readonly pdu: Pdu }
  | {
      readonly ok: false;
      /** What the receiver answers: ESME_RINVCMDID, ESME_RINVCMDLEN or the status of the field at fault. */
      readonly commandStatus: number;
      /** Names the field and the rule, never a value: values are personal. */
      readonly reason: string;
    };

const refuse = (field: string, rule: string): never => {
  throw new RangeError(`${field}: ${rule}`);
};

const writeInteger = (target: Buffer, offset: number, octets: 1 | 2 | 4, value: number): number =>
  octets === 1
    ? target.writeUInt8(value, offset)
    : octets === 2
      ? target.writeUInt16BE(value, offset)
      : target.writeUInt32BE(value, offset);

const checkInteger = (name: string, octets: number, value: TlvValue): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** (8 * octets)
    ? octets
    : refuse(name, `not an unsigned integer of ${octets} octets`);

const checkCOctetString = (name: string, maxOctets: number, value: TlvValue): number => {
  if (typeof value !== 'string') return refuse(name, 'not a string');
  if (value.length + 1 > maxOctets) return refuse(name, `longer than ${maxOctets - 1} octets`);
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code === 0 || code > 0xff) return refuse(name, 'holds NUL or a character outside ISO 8859-1');
  }
  return value.length + 1;
};

const checkOctets = (name: string, min: number, max: number, value: TlvValue): number =>
  value instanceof Uint8Array && value.length >= min && value.length <= max
    ? value.length
    : refuse(name, `not ${min}–${max} octets`);

const fieldOctets = (name: string, spec: FieldSpec, value: FieldValue): number =>
  spec.kind === 'integer'
    ? checkInteger(name, spec.octets, value)
    : spec.kind === 'cOctetString'
      ? checkCOctetString(name, spec.maxOctets, value)
      : 1 + checkOctets(name, 0, spec.maxOctets, value);

const tlvOctets = (name: string, spec: TlvSpec, value: TlvValue): number => {
  switch (spec.kind) {
    case 'integer':
      return 4 + checkInteger(name, spec.octets, value);
    case 'cOctetString':
      return 4 + checkCOctetString(name, spec.maxOctets, value);
    case 'octets':
      return 4 + checkOctets(name, spec.minOctets, spec.maxOctets, value);
    case 'octetsList': {
      if (!Array.isArray(value)) return refuse(name, 'not a list');
      let octets = 0;
      for (const item of value as Uint8Array[])
        octets += 4 + checkOctets(name, spec.minOctets, spec.maxOctets, item);
      return octets;
    }
  }
};

const writeTlvOctets = (target: Buffer, offset: number, tag: number, octets: Uint8Array): number => {
  target.writeUInt16BE(tag, offset);
  target.writeUInt16BE(octets.length, offset + 2);
  target.set(octets, offset + 4);
  return offset + 4 + octets.length;
};

const writeTlv = (target: Buffer, offset: number, spec: TlvSpec, value: TlvValue): number => {
  if (spec.kind === 'octetsList') {
    let end = offset;
    for (const item of value as Uint8Array[]) end = writeTlvOctets(target, end, spec.tag, item);
    return end;
  }
  if (spec.kind === 'octets') return writeTlvOctets(target, offset, spec.tag, value as Uint8Array);
  target.writeUInt16BE(spec.tag, offset);
  if (spec.kind === 'integer') {
    target.writeUInt16BE(spec.octets, offset + 2);
    return writeInteger(target, offset + 4, spec.octets, value as number);
  }
  const text = value as string;
  target.writeUInt16BE(text.length + 1, offset + 2);
  target.write(text, offset + 4, 'latin1');
  target[offset + 4 + text.length] = 0;
  return offset + 5 + text.length;
};

/**
 * One PDU as octets. A response whose commandStatus is not 0 is its header alone: clause 4 says that the body of
 * bind, submit and data responses is then not returned.
 * @throws RangeError when a value does not fit its field; the message names the field, never the value.
 */
export const encodePdu = (pdu: Pdu): Buffer => {
  const row = ROW_BY_COMMAND.get(pdu.command);
  if (row === undefined) throw new RangeError(`command: ${pdu.command} is not in the table`);
  checkInteger('command_status', 4, pdu.commandStatus);
  checkInteger('sequence_number', 4, pdu.sequenceNumber);
  const body = pdu.body as Readonly<Record<string, FieldValue>>;
  const tlvs = Object.entries(pdu.tlvs) as [TlvName, TlvValue | undefined][];
  const bare = row.isResponse && pdu.commandStatus !== 0;
  let octets = HEADER_OCTETS;
  if (!bare) {
    for (const [name, spec] of row.fields) octets += fieldOctets(name, spec, body[name] as FieldValue);
    for (const [name, value] of tlvs)
      if (value !== undefined) octets += tlvOctets(name, TLVS[name] ?? refuse(name, 'no such TLV'), value);
    for (const { tag, octets: value } of pdu.unknownTlvs ?? []) {
      checkInteger('TLV tag', 2, tag);
      octets += 4 + checkOctets('unknown TLV', 0, 0xffff, value);
    }
  }
  const target = Buffer.allocUnsafe(octets);
  target.writeUInt32BE(octets, 0);
  target.writeUInt32BE(row.id, 4);
  target.writeUInt32BE(pdu.commandStatus, 8);
  target.writeUInt32BE(pdu.sequenceNumber, 12);
  if (bare) return target;
  let offset = HEADER_OCTETS;
  for (const [name, spec] of row.fields) {
    const value = body[name] as FieldValue;
    if (spec.kind === 'integer') {
      offset = writeInteger(target, offset, spec.octets, value as number);
    } else if (spec.kind === 'cOctetString') {
      offset += target.write(value as string, offset, 'latin1');
      target[offset++] = 0;
    } else {
      target[offset++] = (value as Uint8Array).length;
      target.set(value as Uint8Array, offset);
      offset += (value as Uint8Array).length;
    }
  }
  for (const [name, value] of tlvs)
    if (value !== undefined) offset = writeTlv(target, offset, TLVS[name], value);
  for (const { tag, octets: value } of pdu.unknownTlvs ?? [])
    offset = writeTlvOctets(target, offset, tag, value);
  return target;
};

const fault = (commandStatus: number, reason: string): Decoded => ({ ok: false, commandStatus, reason });

const emptyValue = (spec: FieldSpec): FieldValue =>
  spec.kind === 'integer' ? 0 : spec.kind === 'cOctetString' ? '' : new Uint8Array(0);

/** Index of the NUL that ends a C-octet string of at most `maxOctets`, or -1. */
const findNul = (buffer: Buffer, start: number, end: number, maxOctets: number): number => {
  const limit = Math.min(end, start + maxOctets);
  for (let i = start; i < limit; i += 1) if (buffer[i] === 0) return i;
  return -1;
};

/** A copy, so that a message kept by the caller never pins the whole socket read that it came in. */
const copyOctets = (buffer: Buffer, start: number, end: number): Uint8Array =>
  new Uint8Array(buffer.subarray(start, end));

const readInteger = (buffer: Buffer, offset: number, octets: 1 | 2 | 4): number =>
  octets === 1
    ? (buffer[offset] as number)
    : octets === 2
      ? buffer.readUInt16BE(offset)
      : buffer.readUInt32BE(offset);

type MutableTlvs = Partial<Record<TlvName, TlvValue>>;

/** Reads the optional part `[offset, end)` into `tlvs` and `unknown`; returns the fault or null. */
const readTlvs = (
  buffer: Buffer,
  start: number,
  end: number,
  tlvs: MutableTlvs,
  unknown: UnknownTlv[],
): Decoded | null => {
  let offset = start;
  while (end - offset >= 4) {
    const tag = buffer.readUInt16BE(offset);
    const octets = buffer.readUInt16BE(offset + 2);
    const from = offset + 4;
    const to = from + octets;
    if (to > end) return fault(STATUS.invalidOptionalStream, 'a TLV runs past the end of the PDU');
    offset = to;
    const row = TLV_BY_TAG.get(tag);
    if (row === undefined) {
      unknown.push({ tag, octets: copyOctets(buffer, from, to) });
      continue;
    }
    const { name, spec } = row;
    if (spec.kind === 'integer') {
      if (octets !== spec.octets) return fault(STATUS.invalidParameterLength, `${name}: wrong length`);
      tlvs[name] = readInteger(buffer, from, spec.octets);
    } else if (spec.kind === 'cOctetString') {
      // Several SMSCs send receipted_message_id without its NUL: the TLV length ends it just as well.
      const nul = findNul(buffer, from, to, octets);
      const textEnd = nul === -1 ? to : nul;
      if (textEnd - from >= spec.maxOctets) return fault(STATUS.invalidParameterLength, `${name}: too long`);
      tlvs[name] = buffer.toString('latin1', from, textEnd);
    } else {
      if (octets < spec.minOctets || octets > spec.maxOctets)
        return fault(STATUS.invalidParameterLength, `${name}: wrong length`);
      const value = copyOctets(buffer, from, to);
      if (spec.kind === 'octets') tlvs[name] = value;
      else tlvs[name] = [...((tlvs[name] as readonly Uint8Array[] | undefined) ?? []), value];
    }
  }
  // One to three stray zero octets after the last field are sent by real gateways (a NUL after short_message).
  for (; offset < end; offset += 1)
    if (buffer[offset] !== 0) return fault(STATUS.invalidOptionalStream, 'stray octets after the last field');
  return null;
};

/**
 * Reads the single PDU that fills `[start, end)` of `buffer` (as the framer cuts it). Never throws. A response may
 * leave its body out whatever its status (clause 4, and peers do so on success too): its fields are then empty.
 */
export const decodePdu = (buffer: Buffer, start = 0, end = buffer.length): Decoded => {
  if (end - start < HEADER_OCTETS || buffer.readUInt32BE(start) !== end - start)
    return fault(STATUS.invalidCommandLength, 'command_length does not match the octets given');
  const row = ROW_BY_ID.get(buffer.readUInt32BE(start + 4));
  if (row === undefined) return fault(STATUS.invalidCommandId, 'unknown command_id');
  const body: Record<string, FieldValue> = {};
  const bare = row.isResponse && end - start === HEADER_OCTETS;
  let offset = start + HEADER_OCTETS;
  for (const [name, spec] of row.fields) {
    if (bare) {
      body[name] = emptyValue(spec);
    } else if (spec.kind === 'integer') {
      if (offset + spec.octets > end) return fault(spec.status, `${name}: missing`);
      body[name] = readInteger(buffer, offset, spec.octets);
      offset += spec.octets;
    } else if (spec.kind === 'cOctetString') {
      const nul = findNul(buffer, offset, end, spec.maxOctets);
      if (nul === -1) return fault(spec.status, `${name}: no NUL within ${spec.maxOctets} octets`);
      body[name] = buffer.toString('latin1', offset, nul);
      offset = nul + 1;
    } else {
      const octets = buffer[offset] ?? 0;
      if (offset >= end || octets > spec.maxOctets || offset + 1 + octets > end)
        return fault(spec.status, `${name}: its length does not fit`);
      body[name] = copyOctets(buffer, offset + 1, offset + 1 + octets);
      offset += 1 + octets;
    }
  }
  const tlvs: MutableTlvs = {};
  const unknown: UnknownTlv[] = [];
  const problem = readTlvs(buffer, offset, end, tlvs, unknown);
  if (problem !== null) return problem;
  const pdu = {
    command: row.command,
    commandStatus: buffer.readUInt32BE(start + 8),
    sequenceNumber: buffer.readUInt32BE(start + 12),
    body,
    tlvs,
    ...(unknown.length > 0 && { unknownTlvs: unknown }),
  };
  // The loop above filled `body` and `tlvs` from the row that also gives them their type.
  return { ok: true, pdu: pdu as unknown as Pdu };
};

/** The name of a command_id, or null when the table lacks it. */
export const commandOf = (commandId: number): Command | null => ROW_BY_ID.get(commandId)?.command ?? null;

/** A PDU without optional parameters; `commandStatus` 0 unless given. */
export const pduOf = <C extends Command>(
  command: C,
  sequenceNumber: number,
  body: BodyOf<C>,
  tlvs: Tlvs = {},
  commandStatus = 0,
): PduOf<C> => ({ command, commandStatus, sequenceNumber, body, tlvs });

/**
 * A header without a body: enquire_link and unbind with their responses, generic_nack, and every refusal, where
 * clause 4 leaves the body out.
 */
export const encodeHeader = (commandId: number, commandStatus: number, sequenceNumber: number): Buffer => {
  const target = Buffer.allocUnsafe(HEADER_OCTETS);
  target.writeUInt32BE(HEADER_OCTETS, 0);
  target.writeUInt32BE(commandId, 4);
  target.writeUInt32BE(commandStatus, 8);
  target.writeUInt32BE(sequenceNumber, 12);
  return target;
};
