import net from 'node:net';
import tls from 'node:tls';
import type { LinkReason, LinkSettings } from './model.ts';

export type Transport = {
  /** Returns false when the socket's buffer is full; `onDrain` tells when it is not. */
  write(octets: Buffer): boolean;
  /** Sends what is written, then closes. */
  end(): void;
  /** Cuts the connection; `code` becomes the reason if it had never been open. */
  destroy(code: string): void;
};

export type TransportEvents = {
  onOpen(): void;
  onOctets(chunk: Buffer): void;
  onDrain(): void;
  /** Once, whatever ended it; null when it had been open. */
  onClose(failure: LinkReason | null): void;
};

/**
 * One TCP or TLS connection. TCP_NODELAY is on: without it Nagle's algorithm and delayed ACK cost some 40 ms a
 * round (six times the throughput at window 10, gateway-lessons §7.2).
 */
export const openTransport = (
  settings: Pick<LinkSettings, 'host' | 'port' | 'tls' | 'tlsCa'>,
  events: TransportEvents,
): Transport => {
  const { host, port } = settings;
  let connected = false;
  let isOpen = false;
  let code = 'closed';
  const socket = settings.tls
    ? tls.connect({
        host,
        port,
        minVersion: 'TLSv1.2',
        ...(settings.tlsCa !== undefined && { ca: settings.tlsCa }),
        // SNI forbids addresses (RFC 6066 section 3).
        ...(net.isIP(host) === 0 && { servername: host }),
      })
    : net.connect({ host, port });
  socket.setNoDelay(true);
  socket.on('connect', () => {
    connected = true;
  });
  socket.on(settings.tls ? 'secureConnect' : 'connect', () => {
    isOpen = true;
    events.onOpen();
  });
  socket.on('data', events.onOctets);
  socket.on('drain', events.onDrain);
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.name;
  });
  socket.on('close', () => {
    events.onClose(
      isOpen
        ? null
        : settings.tls && connected
          ? { kind: 'tls_failed', code }
          : { kind: 'unreachable', code },
    );
  });
  return {
    write: (octets) => socket.write(octets),
    end: () => socket.end(),
    destroy(reason) {
      code = reason;
      socket.destroy();
    },
  };
};
