import net from 'node:net';
import smpp from 'smpp';
import { describe, expect, it } from 'vitest';
import { cleanAfterEach, onCleanup, open, peer, SETTINGS } from './peer.testing.ts';

cleanAfterEach();

describe('what goes wrong at the other end', () => {
  it.each([
    [0x0e, 'wrong_credentials'],
    [0x0f, 'wrong_credentials'],
    [0x05, 'already_bound'],
    [0x0d, 'bind_refused'],
  ])('bind status %i is %s', async (bindStatus, kind) => {
    const { port } = await peer(() => {}, { bindStatus });
    const { next } = open({ ...SETTINGS, port });
    expect(await next('connecting')).toEqual({ kind, status: bindStatus });
  });

  it('nobody listens: unreachable', async () => {
    const unused = net.createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => unused.once('listening', listening));
    const { port } = unused.address() as net.AddressInfo;
    await new Promise((closed) => unused.close(closed));
    const { link, next } = open({ ...SETTINGS, port });
    expect(await next('connecting')).toEqual({ kind: 'unreachable', code: 'ECONNREFUSED' });
    await link.close();
    expect(link.state).toBe('closed');
  });

  /** A peer of raw octets: answers the bind, then sends `octets` in pieces of `pieceOctets`. */
  const rawPeer = async (octets: Buffer, pieceOctets: number): Promise<number> => {
    const server = net.createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        const bindResp = new smpp.PDU('bind_transceiver_resp', { sequence_number: 1, system_id: 'raw' });
        const stream = Buffer.concat([bindResp.toBuffer(), octets]);
        const pieces = Array.from({ length: Math.ceil(stream.length / pieceOctets) }, (_, i) =>
          stream.subarray(i * pieceOctets, (i + 1) * pieceOctets),
        );
        const writeNext = (): void => {
          const piece = pieces.shift();
          if (piece !== undefined) socket.write(piece, () => setImmediate(writeNext));
        };
        writeNext();
      });
      sockets.push(socket);
    });
    const sockets: net.Socket[] = [];
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onCleanup(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as net.AddressInfo).port;
  };

  it('a deliver_sm octet by octet still arrives', async () => {
    const pdu = new smpp.PDU('deliver_sm', {
      sequence_number: 5,
      source_addr: '8613900000001',
      destination_addr: '10690001',
      short_message: 'T',
    });
    const { next } = open({ ...SETTINGS, port: await rawPeer(pdu.toBuffer(), 1), responseTimeoutMs: 200 });
    expect(await next('delivered')).toMatchObject([{ kind: 'inbound', text: 'T' }]);
  });

  it.each([
    [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'command_length_too_large'],
    [Buffer.from('0000000100000000', 'hex'), 'command_length_too_small'],
  ])('garbage closes the session with a reason', async (garbage, fault) => {
    const { next } = open({ ...SETTINGS, port: await rawPeer(garbage, 1_000) });
    await next('bound');
    expect(await next('connecting')).toEqual({ kind: 'bad_stream', fault });
  });

  it('a peer that falls silent is asked, then left', async () => {
    const { next } = open({
      ...SETTINGS,
      port: await rawPeer(Buffer.alloc(0), 1_000),
      enquireLinkMs: 20,
      responseTimeoutMs: 40,
    });
    await next('bound');
    expect(await next('connecting')).toEqual({ kind: 'no_answer' });
  });
});
