import { createHash, timingSafeEqual } from 'node:crypto';
import net from 'node:net';
import {
  createAssembler,
  createSmscSession,
  type MessageState,
  placeSegment,
  readMessagePart,
  type SmscOutput,
  type SmscSession,
  STATUS,
  type SubmitRequest,
  type Tlvs,
} from '@signet/carrier-protocols/smpp';
import type { Answer, PhoneMessage, SmscControl, SmscOptions } from './control.ts';
import { handsetText, typeText } from './handset-text.ts';
import { createPhones } from './phones.ts';
import { type DueReceipt, deliverBody, receiptPdu, writeMessageId } from './receipts.ts';

/** Receipts that wait for their time or for a receiver; beyond it the oldest is dropped, as a real SMSC expires it. */
const MAX_WAITING_RECEIPTS = 200_000;
const MAX_CONNECTIONS = 100;
const MAX_UNFINISHED_MESSAGES = 10_000;
const UNFINISHED_MAX_AGE_MS = 600_000;
/** How often timers, due receipts and idle links are looked at. */
const TICK_MS = 20;

/** Equal only if equal, in a time that does not tell where they differ; hashing makes the lengths equal. */
const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

const STATE_BY_ANSWER: Partial<Record<Answer, MessageState>> = {
  deliver: 'delivered',
  undeliverable: 'undeliverable',
  expire: 'expired',
};

/** Answers that are no acceptance. */
const REFUSAL_BY_ANSWER: Partial<Record<Answer, number>> = {
  reject: STATUS.submitFailed,
  throttle: STATUS.throttled,
};

type Connection = { readonly session: SmscSession; readonly socket: net.Socket };
type Waiting = { receipt: DueReceipt | null; body: ReturnType<typeof deliverBody>; tlvs: Tlvs };

/**
 * A whole SMSC on one TCP port. Everything lives in memory; nothing is logged or written.
 * `deps.now` is the time in milliseconds since 1970.
 */
export const startSmsc = async (
  options: SmscOptions,
  { now: readNow }: { readonly now: () => number },
): Promise<SmscControl> => {
  const phones = createPhones();
  const assembler = createAssembler(MAX_UNFINISHED_MESSAGES, UNFINISHED_MAX_AGE_MS);
  const connections = new Set<Connection>();
  const listeners = new Set<(message: PhoneMessage) => void>();
  const receiptDelayMs = options.receiptDelayMs ?? 200;
  const count = { binds: 0, submits: 0, accepted: 0, refused: 0, receiptsSent: 0, repliesSent: 0 };
  // One delay for all, so the queue is in order of time; `head` moves instead of an O(n) shift.
  let queue: DueReceipt[] = [];
  let head = 0;
  const inFlight = new Map<number, Waiting>();
  let lastToken = 0;
  let lastId = 0;
  let nextReceiver = 0;

  const storeMessage = (message: Omit<PhoneMessage, 'number'>): void => {
    const stored = phones.store(message);
    for (const listener of listeners) listener(stored);
  };

  const enqueue = (receipt: DueReceipt): void => {
    queue.push(receipt);
    if (queue.length - head > MAX_WAITING_RECEIPTS) head += 1;
  };

  const receivers = (): Connection[] => [...connections].filter(({ session }) => session.capacity() > 0);

  const send = (to: Connection, waiting: Waiting, now: number): void => {
    lastToken += 1;
    inFlight.set(lastToken, waiting);
    to.socket.write(to.session.deliver(lastToken, waiting.body, waiting.tlvs, now));
  };

  const sendReceipts = (now: number): void => {
    let free: Connection[] = receivers();
    while (free.length > 0 && head < queue.length && (queue[head] as DueReceipt).dueAt <= now) {
      nextReceiver += 1;
      const to = free[nextReceiver % free.length] as Connection;
      const receipt = queue[head++] as DueReceipt;
      send(to, { receipt, ...receiptPdu(receipt, now) }, now);
      count.receiptsSent += 1;
      if (to.session.capacity() === 0) free = receivers();
    }
    if (head > 10_000 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
  };

  const takeSubmit = (connection: Connection, submit: SubmitRequest, now: number): Buffer | null => {
    const { body, tlvs } = submit.pdu;
    count.submits += 1;
    const phone = body.destination_addr;
    const answer = phones.answerOf(phone);
    if (answer === 'silent') return null;
    const refusal = REFUSAL_BY_ANSWER[answer];
    if (refusal !== undefined) {
      count.refused += 1;
      return connection.session.answerSubmit(submit, refusal, '');
    }
    count.accepted += 1;
    lastId += 1;
    const part = readMessagePart({
      esmClass: body.esm_class,
      dataCoding: body.data_coding,
      shortMessage: 'short_message' in body ? body.short_message : new Uint8Array(0),
      tlvs,
    });
    const whole = assembler.add(`${body.source_addr}>${phone}`, part, now);
    if (whole !== null && (answer === 'deliver' || answer === 'no_receipt'))
      storeMessage({
        direction: 'mt',
        phone,
        peer: body.source_addr,
        text: handsetText(whole, part.dataCoding),
        segments: part.total,
        at: now,
      });
    const state = STATE_BY_ANSWER[answer];
    // registered_delivery bits 1–0: 1 always, 2 on failure only (clause 5.2.17).
    const wanted = body.registered_delivery & 0x03;
    if (state !== undefined && (wanted === 1 || (wanted === 2 && state !== 'delivered')))
      enqueue({
        messageId: writeMessageId(lastId, options.receiptIdForm ?? 'decimal'),
        phone,
        sender: body.source_addr,
        state,
        submittedAt: now,
        dueAt: now + receiptDelayMs,
      });
    return connection.session.answerSubmit(
      submit,
      STATUS.ok,
      writeMessageId(lastId, options.responseIdForm ?? 'decimal'),
    );
  };

  const judgeBind = (bind: NonNullable<SmscOutput['bind']>): number =>
    // Both comparisons always run: which of the two failed must not show in the time.
    [sameText(bind.systemId, options.systemId), sameText(bind.password, options.password)].every(Boolean)
      ? STATUS.ok
      : STATUS.invalidPassword;

  const settle = (output: SmscOutput, now: number): void => {
    for (const { token, outcome } of output.outcomes) {
      const waiting = inFlight.get(token);
      inFlight.delete(token);
      // What the receiver did not take comes again; after a lost link too, for it may not have been stored.
      const again = outcome.kind === 'unknown' || (outcome.kind === 'rejected' && outcome.retryable);
      if (again && waiting?.receipt) enqueue({ ...waiting.receipt, dueAt: now + receiptDelayMs });
    }
  };

  const apply = (connection: Connection, output: SmscOutput): void => {
    const now = readNow();
    const buffers = [...output.write];
    for (const submit of output.submits) {
      const answer = takeSubmit(connection, submit, now);
      if (answer !== null) buffers.push(answer);
    }
    settle(output, now);
    if (buffers.length > 0) connection.socket.write(Buffer.concat(buffers));
    if (output.bind !== null) {
      const status = judgeBind(output.bind);
      if (status === STATUS.ok) count.binds += 1;
      apply(connection, connection.session.answerBind(status, now));
    }
    if (output.end !== null) {
      connections.delete(connection);
      connection.socket.end();
      return;
    }
    if (output.outcomes.length > 0 || receiptDelayMs === 0) sendReceipts(now);
  };

  const server = net.createServer({ noDelay: true }, (socket) => {
    const session = createSmscSession({
      systemId: 'SIGNET-SMSC',
      window: options.window ?? 100,
      sessionInitMs: 10_000,
      enquireLinkMs: 60_000,
      responseTimeoutMs: 10_000,
      inactivityMs: 0,
    });
    const connection = { session, socket };
    connections.add(connection);
    session.opened(readNow());
    socket.on('data', (chunk) => apply(connection, session.received(chunk, readNow())));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      connections.delete(connection);
      settle(session.transportLost(), readNow());
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const ticking = setInterval(() => {
    const now = readNow();
    for (const connection of [...connections])
      if (connection.session.nextDeadline() <= now) apply(connection, connection.session.tick(now));
    sendReceipts(now);
  }, TICK_MS);

  let references = 0;
  const reply: SmscControl['reply'] = async ({ phone, to, text }) => {
    const now = readNow();
    const { dataCoding, octets, partOctets } = typeText(text);
    const total = Math.max(1, Math.ceil(octets.length / partOctets));
    const free = receivers().find(({ session }) => session.capacity() >= total);
    if (free === undefined) return false;
    references += 1;
    for (let part = 1; part <= total; part += 1) {
      const piece = octets.subarray((part - 1) * partOctets, part * partOctets);
      const placed = placeSegment({ reference: references, total, part, octets: piece }, 'udh8');
      const body = deliverBody(phone, to, {
        esm_class: placed.esmClass,
        data_coding: dataCoding,
        short_message: placed.shortMessage,
      });
      send(free, { receipt: null, body, tlvs: placed.tlvs }, now);
    }
    count.repliesSent += 1;
    storeMessage({ direction: 'mo', phone, peer: to, text, segments: total, at: now });
    return true;
  };

  return {
    port: (server.address() as net.AddressInfo).port,
    messages: async (phone) => phones.messages(phone),
    reply,
    behave: async ({ phone, answer }) => phones.behave(phone, answer),
    async subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stats: async () => ({
      ...count,
      bound: [...connections].filter(({ session }) => session.state() === 'bound').length,
      receiptsWaiting: queue.length - head + inFlight.size,
    }),
    async close() {
      clearInterval(ticking);
      for (const connection of [...connections]) {
        apply(connection, connection.session.unbind(readNow()));
        connection.socket.destroySoon();
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
