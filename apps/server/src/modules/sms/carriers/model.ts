import type { LinkReason, LinkState } from './link/public.ts';

/** A carrier as the operator sets it up; the password stands sealed. */
export type Carrier = {
  id: string;
  name: string;
  host: string;
  port: number;
  tls: boolean;
  systemId: string;
  /** Access number (106…) that messages come from; a caller's extension is appended. */
  sourceAddress: string;
  /** Most unanswered segments. */
  window: number;
  /** Segments a second; 0 = unlimited. */
  perSecond: number;
  enabled: boolean;
  sandbox: boolean;
};

export type CarrierDraft = Omit<Carrier, 'id' | 'enabled' | 'sandbox'> & { password: string };
export type CarrierStatus = Carrier & { link: LinkState; linkReason: LinkReason | null };

export const ENQUIRE_LINK_MS = 30_000;
export const RESPONSE_TIMEOUT_MS = 10_000;

/** One sentence for people on why a link is not bound. */
export function reasonText(reason: LinkReason): string {
  switch (reason.kind) {
    case 'unreachable':
      return `nobody answers at this address (${reason.code}): check host, port and the firewall`;
    case 'tls_failed':
      return `the TLS handshake failed (${reason.code}): check the certificate, or whether the carrier speaks TLS on this port`;
    case 'wrong_credentials':
      return `the carrier refused system id or password (command_status ${reason.status})`;
    case 'already_bound':
      return 'this system id is bound already: end the other session or ask the carrier for a second one';
    case 'bind_refused':
      return `the carrier refused the bind (command_status ${reason.status})`;
    case 'bind_timeout':
      return 'the carrier took the connection but did not answer the bind in time';
    case 'no_answer':
      return 'the carrier stopped answering';
    case 'bad_stream':
      return `what came back is not SMPP (${reason.fault}): is this an SMPP port?`;
    case 'peer_unbound':
      return 'the carrier ended the session';
    case 'link_lost':
      return 'the connection was lost';
    case 'throttled':
      return `the carrier asked to slow down; now ${reason.perSecond} segments a second`;
    case 'closed_by_us':
      return 'closed by the operator';
  }
}
