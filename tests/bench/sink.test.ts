import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { phoneOf } from '../../benchmarks/requests.ts';
import { listenSmscSink, type SinkOptions, type SmscSink } from '../../benchmarks/sink.ts';
import { bindPeer, type PeerPdu, type PeerSession } from './smpp-peer.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

async function listen(options: Partial<SinkOptions> = {}): Promise<SmscSink> {
  const sink = await listenSmscSink({ port: 0, receipts: false, receiptWindow: 100, ...options });
  closers.push(sink.close);
  return sink;
}

async function bound(sink: SmscSink): Promise<PeerSession> {
  const session = await bindPeer(sink.port);
  closers.push(() => session.close());
  return session;
}

function submit(session: PeerSession, running: number): Promise<PeerPdu> {
  const fields = {
    source_addr: '10690001',
    destination_addr: phoneOf(running),
    short_message: 'text',
    registered_delivery: 1,
  };
  return new Promise((resolve) => session.submit_sm(fields, resolve));
}

/** Resolves with the first `count` receipts; `answering` false leaves them without a response. */
function receipts(session: PeerSession, count: number, answering = true): Promise<PeerPdu[]> {
  const taken: PeerPdu[] = [];
  return new Promise((resolve) => {
    session.on('deliver_sm', (pdu) => {
      if (answering) session.send(pdu.response());
      taken.push(pdu);
      if (taken.length === count) resolve(taken);
    });
  });
}

describe('SMSC sink', () => {
  it('binds an independent client, gives each submit its own id, answers enquire_link and unbind', async () => {
    const session = await bound(await listen());
    const answers = await Promise.all([submit(session, 1), submit(session, 2)]);
    expect(answers.map((answer) => answer.command_status)).toEqual([0, 0]);
    expect(new Set(answers.map((answer) => answer.message_id)).size).toBe(2);
    const enquired = await new Promise<PeerPdu>((resolve) => session.enquire_link({}, resolve));
    expect(enquired.command).toBe('enquire_link_resp');
    const unbound = await new Promise<PeerPdu>((resolve) => session.unbind(resolve));
    expect(unbound.command).toBe('unbind_resp');
  });

  it('counts distinct messages and repeats, and tells when a number is reached', async () => {
    const sink = await listen();
    const session = await bound(sink);
    const reached = sink.counter.whenDistinct(3);
    for (const running of [1, 2, 2, 3]) await submit(session, running);
    expect(await reached).toBeGreaterThan(0);
    expect(sink.counter.counts()).toEqual({ distinct: 3, repeated: 1, strangers: 0 });
  });

  it('sends one DELIVRD receipt for each submit, with its id in text and TLV', async () => {
    const session = await bound(await listen({ receipts: true }));
    const incoming = receipts(session, 2);
    const ids = (await Promise.all([submit(session, 1), submit(session, 2)])).map((one) => one.message_id);
    const taken = await incoming;
    expect(taken.map((pdu) => pdu.receipted_message_id)).toEqual(ids);
    expect(taken.map((pdu) => pdu.source_addr)).toEqual([phoneOf(1), phoneOf(2)]);
    expect(taken.map((pdu) => pdu.destination_addr)).toEqual(['10690001', '10690001']);
    expect(String(taken[0]?.short_message?.message)).toMatch(
      new RegExp(
        `^id:${ids[0]} sub:001 dlvrd:001 submit date:\\d{10} done date:\\d{10} stat:DELIVRD err:000 text:`,
      ),
    );
  });

  it('leaves no more receipts unanswered than its window', async () => {
    const session = await bound(await listen({ receipts: true, receiptWindow: 2 }));
    let taken = 0;
    session.on('deliver_sm', () => {
      taken += 1;
    });
    for (let running = 0; running < 6; running++) await submit(session, running);
    // A later request on the same connection is answered after anything the sink wrote before it.
    await new Promise((resolve) => session.enquire_link({}, resolve));
    expect(taken).toBe(2);
  });

  it('takes a submit split into single octets', async () => {
    const sink = await listen();
    const body = Buffer.from(`\0\x01\x01100\0\x01\x01${phoneOf(9)}\0\0\0\0\0\0\0\0\0\0\x04text`, 'latin1');
    const header = Buffer.alloc(16);
    header.writeUInt32BE(16 + body.length, 0);
    header.writeUInt32BE(4, 4);
    header.writeUInt32BE(77, 12);
    const socket = net.connect(sink.port, '127.0.0.1').setNoDelay(true);
    closers.push(() => socket.destroy());
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    for (const octet of Buffer.concat([header, body])) {
      await new Promise<void>((resolve) => socket.write(Buffer.of(octet), () => resolve()));
    }
    const response = await answer;
    expect([response.readUInt32BE(4), response.readUInt32BE(12)]).toEqual([0x80000004, 77]);
    expect(sink.counter.firstSeenMs(9, 1)[0]).toBeGreaterThan(0);
  });

  it('closes a session that claims a huge PDU', async () => {
    const sink = await listen();
    const socket = net.connect(sink.port, '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.write(Buffer.of(0x7f, 0xff, 0xff, 0xff));
    await closed;
    expect(sink.counter.counts().distinct).toBe(0);
  });
});
