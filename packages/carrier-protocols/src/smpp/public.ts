export { commandOf, type Decoded, decodePdu, encodeHeader, encodePdu, pduOf } from './codec.ts';
export type { Delivery, EsmeCounters, EsmeOutput, EsmeSession, EsmeSettings } from './esme.ts';
export { createEsmeSession } from './esme-session.ts';
export { createFramer, type FrameFault, type Framer, MAX_PDU_OCTETS } from './framer.ts';
export {
  type Assembler,
  type ConcatScheme,
  createAssembler,
  ESM_CLASS_UDHI,
  type MessagePart,
  type OutgoingSegment,
  type PartSource,
  type PlacedSegment,
  placeSegment,
  readMessagePart,
  type SegmentStyle,
} from './long-message.ts';
export { candidateIds, storedIdKey } from './message-id.ts';
export { createPace, type Pace, THROTTLE_PAUSE_MS } from './pace.ts';
export {
  type BodyOf,
  COMMANDS,
  type Command,
  HEADER_OCTETS,
  type Pdu,
  type PduOf,
  TLVS,
  type TlvName,
  type Tlvs,
  type UnknownTlv,
} from './pdus.ts';
export {
  isReceipt,
  type MessageState,
  messageStateNumber,
  type Receipt,
  type ReceiptSource,
  readReceipt,
  receiptTime,
  writeReceiptText,
} from './receipt.ts';
export type { BindMode, Outcome, SessionEnd, SessionState, Settled } from './session.ts';
export {
  type BindRequest,
  createSmscSession,
  type SmscOutput,
  type SmscSession,
  type SmscSettings,
  type SubmitRequest,
} from './smsc-session.ts';
export { STATUS, type StatusOutcome, type StatusRow, statusRow, statusRows } from './status.ts';
export { relativeTime, type SubmitMessage, writeSubmitSm } from './submit.ts';
