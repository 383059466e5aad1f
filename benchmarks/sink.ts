/**
 * A raw-Buffer SMSC over loopback (SMPP 3.4), a process of its own: answers bind, submit_sm, enquire_link and unbind,
 * and on demand sends one delivery receipt a submit. It costs a few µs a message, so that the figures are those of
 * the system under test, and keeps no message.
 */

import net from 'node:net';
import { createDistinctCounter, type DistinctCounter, serveCounter } from './distinct.ts';
import { runningOf } from './requests.ts';

/** SMPP 3.4 §5.1.2.1. */
const BIND_RECEIVER = 1;
const BIND_TRANSMITTER = 2;
const SUBMIT_SM = 4;
const DELIVER_SM = 5;
const UNBIND = 6;
const BIND_TRANSCEIVER = 9;
const ENQUIRE_LINK = 0x15;
const RESPONSE = 0x80000000;
const DELIVER_SM_RESP = 0x80000005;
const HEADER_OCTETS = 16;
/** Larger than any submit_sm with message_payload. */
const MAX_PDU_OCTETS = 70_000;

export interface SinkOptions {
  readonly port: number;
  /** Send one receipt for each submit that asks for one. */
  readonly receipts: boolean;
  /** Receipts without a deliver_sm_resp at most, a session. */
  readonly receiptWindow: number;
}

export interface SmscSink {
  readonly port: number;
  readonly counter: DistinctCounter;
  close(): void;
}

interface Receipt {
  readonly id: string;
  readonly source: string;
  readonly destination: string;
}

interface Session {
  readonly socket: net.Socket;
  bound: 'none' | 'transmitter' | 'receiver' | 'transceiver';
  rest: Buffer | undefined;
  output: Buffer[];
  pending: Receipt[];
  unanswered: number;
  nextSequence: number;
}

function pdu(command: number, sequence: number, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_OCTETS + body.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(command, 4);
  bytes.writeUInt32BE(0, 8);
  bytes.writeUInt32BE(sequence, 12);
  body.copy(bytes, HEADER_OCTETS);
  return bytes;
}

const NO_BODY = Buffer.alloc(0);
const SYSTEM_ID = Buffer.from('SINK\0');

function cString(bytes: Buffer, offset: number): [text: string, next: number] {
  const end = bytes.indexOf(0, offset);
  if (end < 0) throw new RangeError('unterminated string');
  return [bytes.toString('latin1', offset, end), end + 1];
}

interface Submit {
  readonly source: string;
  readonly destination: string;
  readonly wantsReceipt: boolean;
}

/** The fields of submit_sm (SMPP 3.4 §4.4.1) that a receipt needs. */
function readSubmit(bytes: Buffer, start: number): Submit {
  const [, afterService] = cString(bytes, start + HEADER_OCTETS);
  const [source, afterSource] = cString(bytes, afterService + 2);
  const [destination, afterDestination] = cString(bytes, afterSource + 2);
  const [, afterSchedule] = cString(bytes, afterDestination + 3);
  const [, registered] = cString(bytes, afterSchedule);
  return { source, destination, wantsReceipt: ((bytes[registered] ?? 0) & 1) === 1 };
}

let stampSecond = 0;
let stampText = '';

/** YYMMDDhhmm of now (SMPP 3.4 appendix B), made once a second. */
function receiptStamp(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== stampSecond) {
    stampSecond = second;
    stampText = new Date(second * 1000).toISOString().replace(/\D/g, '').slice(2, 12);
  }
  return stampText;
}

/** deliver_sm with a receipt (SMPP 3.4 appendix B), receipted_message_id and message_state DELIVERED. */
function receiptPdu(sequence: number, receipt: Receipt): Buffer {
  const stamp = receiptStamp();
  const text = `id:${receipt.id} sub:001 dlvrd:001 submit date:${stamp} done date:${stamp} stat:DELIVRD err:000 text:`;
  const body = Buffer.concat([
    Buffer.from(`\0\x01\x01${receipt.destination}\0\x01\x01${receipt.source}\0`, 'latin1'),
    Buffer.from([4, 0, 0, 0, 0, 0, 0, 0, 0, text.length]),
    Buffer.from(text, 'latin1'),
    Buffer.from([0x00, 0x1e, 0, receipt.id.length + 1]),
    Buffer.from(`${receipt.id}\0`, 'latin1'),
    Buffer.from([0x04, 0x27, 0, 1, 2]),
  ]);
  return pdu(DELIVER_SM, sequence, body);
}

/** Listens on 127.0.0.1; port 0 takes a free one. Any system_id and password may bind. */
export async function listenSmscSink(options: SinkOptions): Promise<SmscSink> {
  const counter = createDistinctCounter();
  const sessions = new Set<Session>();
  let lastId = 0;

  const flush = (session: Session): void => {
    while (session.unanswered < options.receiptWindow && session.pending.length > 0) {
      const receipt = session.pending.shift()!;
      session.unanswered += 1;
      session.output.push(receiptPdu(session.nextSequence, receipt));
      session.nextSequence += 1;
    }
    if (session.output.length === 0) return;
    session.socket.write(session.output.length === 1 ? session.output[0]! : Buffer.concat(session.output));
    session.output = [];
  };
  /** A transmitter's receipts go to a receiver session. */
  const receiverFor = (session: Session): Session | undefined => {
    if (session.bound === 'transceiver') return session;
    for (const other of sessions) if (other.bound === 'receiver') return other;
    return undefined;
  };
  const takeSubmit = (session: Session, bytes: Buffer, start: number, sequence: number): void => {
    const submit = readSubmit(bytes, start);
    lastId += 1;
    const id = String(lastId).padStart(10, '0');
    session.output.push(pdu(SUBMIT_SM + RESPONSE, sequence, Buffer.from(`${id}\0`, 'latin1')));
    counter.see(runningOf(submit.destination));
    if (!options.receipts || !submit.wantsReceipt) return;
    const receiver = receiverFor(session);
    receiver?.pending.push({ id, source: submit.source, destination: submit.destination });
    if (receiver && receiver !== session) setImmediate(flush, receiver);
  };
  const takePdu = (session: Session, bytes: Buffer, start: number): void => {
    const command = bytes.readUInt32BE(start + 4);
    const sequence = bytes.readUInt32BE(start + 12);
    if (command === SUBMIT_SM) takeSubmit(session, bytes, start, sequence);
    else if (command === DELIVER_SM_RESP) session.unanswered -= 1;
    else if (command === BIND_RECEIVER || command === BIND_TRANSMITTER || command === BIND_TRANSCEIVER) {
      session.bound =
        command === BIND_RECEIVER ? 'receiver' : command === BIND_TRANSMITTER ? 'transmitter' : 'transceiver';
      session.output.push(pdu(command + RESPONSE, sequence, SYSTEM_ID));
    } else if (command === ENQUIRE_LINK || command === UNBIND) {
      session.output.push(pdu(command + RESPONSE, sequence, NO_BODY));
    }
  };
  const feed = (session: Session, chunk: Buffer): void => {
    const bytes = session.rest ? Buffer.concat([session.rest, chunk]) : chunk;
    let start = 0;
    while (bytes.length - start >= 4) {
      const octets = bytes.readUInt32BE(start);
      if (octets < HEADER_OCTETS || octets > MAX_PDU_OCTETS) throw new RangeError(`PDU of ${octets} octets`);
      if (bytes.length - start < octets) break;
      takePdu(session, bytes, start);
      start += octets;
    }
    session.rest = start < bytes.length ? bytes.subarray(start) : undefined;
  };

  const server = net.createServer((socket) => {
    socket.setNoDelay(true);
    const session: Session = {
      socket,
      bound: 'none',
      rest: undefined,
      output: [],
      pending: [],
      unanswered: 0,
      nextSequence: 1,
    };
    sessions.add(session);
    socket.on('data', (chunk: Buffer) => {
      try {
        feed(session, chunk);
      } catch (error) {
        console.error(`sink: session closed: ${error instanceof Error ? error.message : String(error)}`);
        socket.destroy();
        return;
      }
      flush(session);
    });
    socket.on('close', () => sessions.delete(session));
    // A failed socket always reports `close` next, which is where it is dealt with.
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as net.AddressInfo).port,
    counter,
    close() {
      server.close();
      for (const session of sessions) session.socket.destroy();
    },
  };
}

/** Receipts that a carrier leaves unanswered at most; the same for both systems under test. */
const RECEIPT_WINDOW = 100;

if (import.meta.main) {
  const receipts = process.argv.includes('--receipts');
  const sink = await listenSmscSink({ port: 0, receipts, receiptWindow: RECEIPT_WINDOW });
  serveCounter(sink.counter, sink.port);
}
