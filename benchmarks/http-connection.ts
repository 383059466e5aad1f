/** One keep-alive HTTP/1.1 connection over a raw socket: a request at a time, no pipelining, no client library in the figures. */

import net from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/**
 * Reads one whole answer from the bytes received so far (latin1). Returns undefined while more must come.
 * An answer carries Content-Length, or is chunked; one with neither has no body.
 */
export function parseAnswer(received: string): Answer | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = received.slice(0, headEnd);
  const status = Number(head.slice(9, 12));
  const bodyStart = headEnd + 4;
  if (/^transfer-encoding:\s*chunked/im.test(head)) {
    return received.endsWith('0\r\n\r\n') ? { status, body: received.slice(bodyStart) } : undefined;
  }
  const length = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
  if (received.length < bodyStart + length) return undefined;
  return { status, body: received.slice(bodyStart, bodyStart + length) };
}

export interface Connection {
  send(request: Buffer): void;
  close(): void;
}

export interface ConnectionEvents {
  /** Connected (again): ready for a request. */
  open(connection: Connection): void;
  answer(connection: Connection, answer: Answer): void;
  /** The peer closed or the connection failed; it is being opened again. `inFlight`: a request had no whole answer. */
  lost(connection: Connection, inFlight: boolean): void;
}

/** Longest pause before a lost connection is opened again. */
const REOPEN_MS = 5;

/** Opens a connection to 127.0.0.1 and keeps it open until `close`. */
export function openConnection(port: number, events: ConnectionEvents): Connection {
  let socket: net.Socket;
  let received = '';
  let inFlight = false;
  let closing = false;
  const connection: Connection = {
    send(request) {
      inFlight = true;
      received = '';
      socket.write(request);
    },
    close() {
      closing = true;
      socket.destroy();
    },
  };
  const connect = () => {
    socket = net.connect(port, '127.0.0.1', () => events.open(connection));
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += String(chunk);
      const answer = parseAnswer(received);
      if (!answer) return;
      inFlight = false;
      events.answer(connection, answer);
    });
    // A failed socket always reports `close` next, which is where it is dealt with.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (closing) return;
      events.lost(connection, inFlight);
      inFlight = false;
      received = '';
      setTimeout(connect, REOPEN_MS);
    });
  };
  connect();
  return connection;
}
