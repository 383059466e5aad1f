import type {
  BindMode,
  EsmeCounters,
  FrameFault,
  MessagePart,
  Outcome,
  Receipt,
  SessionEnd,
  Settled,
  SubmitMessage,
} from '@signet/carrier-protocols/smpp';
import { STATUS } from '@signet/carrier-protocols/smpp';

export type LinkSettings = {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM of the authority that signed the carrier's certificate; the system's authorities if absent. */
  readonly tlsCa?: string;
  /** At most 15 octets (clause 5.2.1). */
  readonly systemId: string;
  /** At most 8 octets (clause 5.2.2). */
  readonly password: string;
  /** At most 12 octets (clause 5.2.3). */
  readonly systemType: string;
  readonly bindMode: BindMode;
  /** Most unanswered messages. */
  readonly window: number;
  /** Messages a second; 0 = unlimited. */
  readonly perSecond: number;
  /** Silence after which the peer is asked whether it lives; 0 = never. */
  readonly enquireLinkMs: number;
  readonly responseTimeoutMs: number;
};

/** `token` is the caller's; its outcome carries it back. Personal values are never logged or put into errors. */
export type Submission = SubmitMessage & { readonly token: number };

export type { Outcome, Settled };

/**
 * throttled: bound, but the carrier said ESME_RTHROTTLED and the whole link pauses. connecting covers the wait
 * before the next attempt as well.
 */
export type LinkState = 'connecting' | 'bound' | 'throttled' | 'closing' | 'closed';

/** Why a link left its state. A closed union; `code` and `status` are the system's and the carrier's words. */
export type LinkReason =
  | { readonly kind: 'unreachable'; readonly code: string }
  | { readonly kind: 'tls_failed'; readonly code: string }
  | { readonly kind: 'wrong_credentials'; readonly status: number }
  | { readonly kind: 'already_bound'; readonly status: number }
  | { readonly kind: 'bind_refused'; readonly status: number }
  | { readonly kind: 'bind_timeout' }
  | { readonly kind: 'no_answer' }
  | { readonly kind: 'bad_stream'; readonly fault: FrameFault }
  | { readonly kind: 'peer_unbound' }
  | { readonly kind: 'link_lost' }
  | { readonly kind: 'throttled'; readonly perSecond: number }
  | { readonly kind: 'closed_by_us' };

/** `handle` is for `acknowledge` or `refuse`: until then the carrier keeps the message and will send it again. */
export type Delivered =
  | {
      readonly kind: 'receipt';
      readonly handle: number;
      readonly receipt: Receipt;
      /** The submit's destination, as the carrier writes it. */
      readonly destAddr: string;
    }
  | {
      readonly kind: 'inbound';
      readonly handle: number;
      /** The handset. */
      readonly sourceAddr: string;
      /** Our access number with its extension. */
      readonly destAddr: string;
      /** A part of a long message carries its place; join the octets of all parts before decoding them. */
      readonly part: MessagePart;
      /** The text of a whole message; null for a part of a longer one and for binary. */
      readonly text: string | null;
    }
  | {
      /** Flagged as a receipt, but without an id or a state that can be read. */
      readonly kind: 'unreadable_receipt';
      readonly handle: number;
    };

export type LinkEvents = {
  /** Every submission once, in batches of one socket read. */
  outcomes(batch: readonly Settled[]): void;
  /** Answers after the message was already called unknown by timeout. */
  late(batch: readonly Settled[]): void;
  delivered(batch: readonly Delivered[]): void;
  /** Capacity is there (again); asked only after `capacity()` may have been too small. */
  ready(): void;
  stateChanged(state: LinkState, reason?: LinkReason): void;
};

export type LinkDeps = {
  /** Milliseconds; must not go back. */
  now(): number;
  /** 0 ≤ value < 1 */
  random(): number;
  /** Runs `act` once after `delayMs`; returns its cancellation. */
  setTimer(delayMs: number, act: () => void): () => void;
};

export type LinkCounters = EsmeCounters & { connects: number; binds: number };

export type Link = {
  readonly state: LinkState;
  readonly counters: Readonly<LinkCounters>;
  /** Messages that `submit` takes now. */
  capacity(): number;
  /** Messages in flight. */
  pending(): number;
  /** One socket write. @throws RangeError beyond capacity(), or naming the field that does not fit; nothing is sent. */
  submit(batch: readonly Submission[]): void;
  /** Tells the carrier that these deliveries are durably stored. Handles of a lost link are ignored. */
  acknowledge(handles: readonly number[]): void;
  /** Asks the carrier to send these deliveries again later (ESME_RX_T_APPN). */
  refuse(handles: readonly number[]): void;
  /** Stops taking, waits for what is in flight (at most the response timeout), unbinds. */
  close(): Promise<void>;
};

const BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
/** Full jitter may draw nearly nothing; a peer that accepts and drops must not be hammered. */
const MIN_DELAY_MS = 100;

/**
 * Wait before the next attempt: exponential back-off with full jitter, 1 s doubling to 60 s. A refused password
 * waits 30–60 s from the start: carriers lock accounts that insist.
 * @param failures attempts that failed in a row, ≥ 1
 * @param random 0 ≤ random < 1
 */
export const reconnectDelayMs = (failures: number, reason: LinkReason, random: number): number => {
  if (reason.kind === 'wrong_credentials') return MAX_DELAY_MS / 2 + (random * MAX_DELAY_MS) / 2;
  const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(failures - 1, 16));
  return Math.max(MIN_DELAY_MS, random * ceiling);
};

const CREDENTIAL_STATUS: ReadonlySet<number> = new Set([STATUS.invalidPassword, STATUS.invalidSystemId]);

/** The end of a session in the link's words. */
export const reasonOfEnd = (end: SessionEnd): LinkReason => {
  switch (end.reason) {
    case 'bind_refused':
      if (CREDENTIAL_STATUS.has(end.status)) return { kind: 'wrong_credentials', status: end.status };
      return {
        kind: end.status === STATUS.alreadyBound ? 'already_bound' : 'bind_refused',
        status: end.status,
      };
    case 'bad_stream':
      return { kind: 'bad_stream', fault: end.fault };
    case 'bind_timeout':
    case 'no_answer':
    case 'peer_unbound':
      return { kind: end.reason };
    case 'unbound':
    case 'inactive':
      return { kind: 'closed_by_us' };
    case 'transport_lost':
      return { kind: 'link_lost' };
  }
};
