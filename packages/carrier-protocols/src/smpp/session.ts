import type { FrameFault } from './framer.ts';

/** The words that both sides of an SMPP session share (clause 2.2). */
export type SessionState = 'open' | 'binding' | 'bound' | 'unbinding' | 'closed';

export type BindMode = 'transceiver' | 'transmitter' | 'receiver';

/**
 * What became of a message at the peer. 'unknown' is an outcome: the message may have been taken, so it must not be
 * sent again blindly. `carrierMessageId` is '' when the peer accepted without naming one.
 */
export type Outcome =
  | { readonly kind: 'accepted'; readonly carrierMessageId: string }
  | { readonly kind: 'rejected'; readonly status: number; readonly retryable: boolean }
  | { readonly kind: 'unknown'; readonly reason: 'timeout' | 'link_lost' };

export type Settled = { readonly token: number; readonly outcome: Outcome };

/** Why a session ended; each ends it for good. */
export type SessionEnd =
  | { readonly reason: 'bind_refused'; readonly status: number }
  | { readonly reason: 'bind_timeout' }
  | { readonly reason: 'bad_stream'; readonly fault: FrameFault }
  /** enquire_link went unanswered. */
  | { readonly reason: 'no_answer' }
  | { readonly reason: 'inactive' }
  | { readonly reason: 'peer_unbound' }
  /** Ended by our own unbind, answered or not. */
  | { readonly reason: 'unbound' }
  | { readonly reason: 'transport_lost' };
