/** The parts of npm `smpp` 0.5.1 that tests use as an independent peer; the package brings no types. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events';
  import type { AddressInfo, Socket } from 'node:net';

  export type PeerPdu = {
    readonly command: string;
    readonly command_status: number;
    readonly sequence_number: number;
    readonly [field: string]: unknown;
    toBuffer(): Buffer;
    response(options?: object): PeerPdu;
  };
  export type PeerSession = EventEmitter & {
    readonly socket: Socket;
    send(pdu: PeerPdu, onResponse?: (pdu: PeerPdu) => void): boolean;
    close(onClosed?: () => void): void;
    destroy(onClosed?: () => void): void;
    bind_transceiver(options: object, onResponse?: (pdu: PeerPdu) => void): boolean;
    bind_transmitter(options: object, onResponse?: (pdu: PeerPdu) => void): boolean;
    bind_receiver(options: object, onResponse?: (pdu: PeerPdu) => void): boolean;
    submit_sm(options: object, onResponse?: (pdu: PeerPdu) => void): boolean;
    deliver_sm(options: object, onResponse?: (pdu: PeerPdu) => void): boolean;
    enquire_link(options?: object, onResponse?: (pdu: PeerPdu) => void): boolean;
    unbind(options?: object, onResponse?: (pdu: PeerPdu) => void): boolean;
    query_sm(options: object, onResponse?: (pdu: PeerPdu) => void): boolean;
  };
  export type PeerServer = EventEmitter & {
    readonly sessions: PeerSession[];
    listen(port: number, host: string, onListening?: () => void): PeerServer;
    address(): AddressInfo;
    close(onClosed?: () => void): void;
  };
  const smpp: {
    PDU: new (commandOrBuffer: string | Buffer, options?: object) => PeerPdu;
    createServer(
      options: { key?: string; cert?: string },
      onSession: (session: PeerSession) => void,
    ): PeerServer;
    connect(options: { host: string; port: number; tls?: boolean }, onConnect?: () => void): PeerSession;
  };
  export default smpp;
}
