import { createRequire } from 'node:module';

/** The part of npm `smpp` (an independent SMPP implementation, without types) that these tests use. */
export interface PeerPdu {
  readonly command: string;
  readonly command_status: number;
  readonly message_id?: string;
  readonly receipted_message_id?: string;
  readonly source_addr?: string;
  readonly destination_addr?: string;
  readonly short_message?: { readonly message: string | Buffer };
  response(): PeerPdu;
}

export interface PeerSession {
  bind_transceiver(fields: Record<string, unknown>, answer: (pdu: PeerPdu) => void): void;
  submit_sm(fields: Record<string, unknown>, answer: (pdu: PeerPdu) => void): void;
  enquire_link(fields: Record<string, unknown>, answer: (pdu: PeerPdu) => void): void;
  unbind(answer: (pdu: PeerPdu) => void): void;
  send(pdu: PeerPdu): void;
  on(event: 'deliver_sm', listener: (pdu: PeerPdu) => void): void;
  on(event: 'connect' | 'close', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  close(): void;
}

const smpp = createRequire(import.meta.url)('smpp') as { connect(url: string): PeerSession };

/** Connects and binds as a transceiver. */
export async function bindPeer(port: number): Promise<PeerSession> {
  const session = smpp.connect(`smpp://127.0.0.1:${port}`);
  await new Promise<void>((resolve, reject) => {
    session.on('error', reject);
    session.on('connect', () => resolve());
  });
  const answer = await new Promise<PeerPdu>((resolve) =>
    session.bind_transceiver({ system_id: 'sandbox', password: 'sandbox' }, resolve),
  );
  if (answer.command_status !== 0) throw new Error(`bind refused: ${answer.command_status}`);
  return session;
}
