import type { PduOf } from './pdus.ts';
import type { BindMode, SessionEnd, SessionState, Settled } from './session.ts';
import type { SubmitMessage } from './submit.ts';

export type EsmeSettings = {
  readonly bindMode: BindMode;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
  /** Most unanswered submit_sm. */
  readonly window: number;
  /** 0 = unlimited. */
  readonly perSecond: number;
  readonly sessionInitMs: number;
  readonly enquireLinkMs: number;
  readonly responseTimeoutMs: number;
  /** 0 = never. */
  readonly inactivityMs: number;
  /** Most deliver_sm held without an acknowledgement; the surplus is answered ESME_RX_T_APPN and comes again. */
  readonly maxUnacknowledged: number;
  readonly maxPduOctets?: number;
};

/** An inbound message or a receipt; it stays with the SMSC until `acknowledge` names its handle. */
export type Delivery = { readonly handle: number; readonly pdu: PduOf<'deliver_sm'> | PduOf<'data_sm'> };

/** What one step wants done. `write` goes to the transport in order; `end` closes it (after the writes). */
export type EsmeOutput = {
  write: Buffer[];
  outcomes: Settled[];
  /** Answers that came after their message had been called unknown: news about it, not a second outcome. */
  late: Settled[];
  deliveries: Delivery[];
  becameBound: boolean;
  throttled: boolean;
  end: SessionEnd | null;
};

export type EsmeCounters = {
  late: number;
  /** Responses that match nothing: wrong sequence, wrong command. */
  unexpected: number;
  undecodable: number;
  genericNacks: number;
  refusedDeliveries: number;
};

export type EsmeSession = {
  readonly counters: EsmeCounters;
  state(): SessionState;
  /** The transport is open: binds. Call once, first. */
  opened(now: number): EsmeOutput;
  received(chunk: Buffer, now: number): EsmeOutput;
  /** Acts on every timer that is due. */
  tick(now: number): EsmeOutput;
  /** When `tick` is next needed; Infinity when closed. A call before it does nothing. */
  nextDeadline(): number;
  /** Messages that may be submitted now: room in the window and tokens of the pace; 0 unless bound. */
  capacity(now: number): number;
  /** When capacity that the pace withholds comes back; `now` if it is not the pace that withholds it. */
  paceAvailableAt(now: number): number;
  isPaused(now: number): boolean;
  currentPerSecond(): number;
  pending(): number;
  /**
   * One buffer with a submit_sm for each entry. All or nothing.
   * @throws RangeError beyond `capacity(now)`, or when a field does not fit (names it, never its value)
   */
  submit(batch: readonly (SubmitMessage & { readonly token: number })[], now: number): Buffer;
  /** The answers to deliveries, in one buffer, or null when no handle is open any more. */
  acknowledge(handles: readonly number[], commandStatus: number): Buffer | null;
  /** Asks the peer to end; submits are refused from now on, answers still count. */
  unbind(now: number): EsmeOutput;
  /** The transport is gone: every unanswered submit is unknown. */
  transportLost(): EsmeOutput;
};
