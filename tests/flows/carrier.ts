import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';

/** The part of npm `smpp` (an independent SMPP implementation, without types) that the carrier is made of. */
type Pdu = {
  readonly command_status: number;
  readonly destination_addr: string;
  readonly source_addr: string;
  readonly data_coding: number;
  readonly short_message: { readonly message: string | Buffer; readonly udh?: readonly Buffer[] };
  response(fields?: Record<string, unknown>): Pdu;
};
type Session = {
  on(event: 'bind_transceiver' | 'submit_sm' | 'enquire_link' | 'unbind', listener: (pdu: Pdu) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'close', listener: () => void): void;
  send(pdu: Pdu): void;
  deliver_sm(fields: Record<string, unknown>, answered: (pdu: Pdu) => void): void;
  destroy(): void;
};
type Smpp = { createServer(options: object, listener: (session: Session) => void): Server };
const smpp = createRequire(import.meta.url)('smpp') as Smpp;

export type Submit = {
  /** Counts up over all submits. */
  readonly order: number;
  /** As on the wire, e.g. `8613900000001`. */
  readonly number: string;
  readonly source: string;
  readonly text: string;
  readonly dataCoding: number;
  /** 1 of 1 for a single message. */
  readonly part: number;
  readonly parts: number;
};

/** What the carrier does with one submit. Nothing said: it is accepted and delivered at once. */
export type Behaviour = {
  /** command_status of the answer; 'none' for no answer at all. */
  readonly answer?: number | 'none';
  /** Word of the receipt; null for none. Sent only for what was not refused. */
  readonly receipt?: 'DELIVRD' | 'UNDELIV' | null;
  /** The receipt goes out, and is taken, before the answer. */
  readonly receiptFirst?: boolean;
  /** Id in the receipt where it differs from that in the answer. */
  readonly receiptId?: string;
};

export type Carrier = {
  readonly port: number;
  readonly submits: readonly Submit[];
  /** Receipts that were acknowledged. */
  readonly acknowledged: () => number;
  /** Receipts not acknowledged yet. */
  readonly owed: () => number;
  behave(behave: (submit: Submit) => Behaviour): void;
  /** The receipt of a submit that got none so far. */
  report(submit: Submit, word: 'DELIVRD' | 'UNDELIV'): void;
  /** The answer to a submit that got none so far, over the session that it came on. */
  answer(submit: Submit, status: number): void;
  /** A reply from a phone. */
  reply(from: string, to: string, text: string): Promise<number>;
  close(): Promise<void>;
};

const DELIVRD = 2;
const UNDELIV = 5;
const RECEIPTS_IN_FLIGHT = 200;

type Receipt = { id: string; submit: Submit; word: 'DELIVRD' | 'UNDELIV'; done?: () => void };

/** A carrier of our own in the test's process: it outlives the server and remembers every submit. */
export async function startCarrier(): Promise<Carrier> {
  const submits: Submit[] = [];
  /** Each session with what to call for its receipts without an answer. */
  const unanswered = new Map<Session, Set<(taken: boolean) => void>>();
  const bound: Session[] = [];
  const waiting: Receipt[] = [];
  const owedAnswers = new Map<number, (status: number) => void>();
  let behaviour: (submit: Submit) => Behaviour = () => ({});
  let acknowledged = 0;
  let inFlight = 0;

  const receiptFields = ({ id, submit, word }: Receipt): Record<string, unknown> => ({
    source_addr: submit.number,
    source_addr_ton: 1,
    source_addr_npi: 1,
    destination_addr: submit.source,
    esm_class: 4,
    short_message: {
      message: `id:${id} sub:001 dlvrd:001 submit date:2601010000 done date:2601010000 stat:${word} err:000 text:`,
    },
    receipted_message_id: id,
    message_state: word === 'DELIVRD' ? DELIVRD : UNDELIV,
  });

  /** Sends what waits. A receipt that the server could not acknowledge any more comes again, as carriers do. */
  const pump = (): void => {
    const session = bound.at(-1);
    while (session !== undefined && inFlight < RECEIPTS_IN_FLIGHT && waiting.length > 0) {
      const receipt = waiting.shift()!;
      inFlight++;
      const lost = unanswered.get(session)!;
      const settle = (taken: boolean): void => {
        if (!lost.delete(settle)) return;
        inFlight--;
        if (taken) {
          acknowledged++;
          receipt.done?.();
        } else waiting.push(receipt);
        pump();
      };
      lost.add(settle);
      session.deliver_sm(receiptFields(receipt), (pdu) => settle(pdu.command_status === 0));
    }
  };

  const report = (
    submit: Submit,
    word: Receipt['word'],
    id = String(submit.order),
    done?: () => void,
  ): void => {
    waiting.push({ id, submit, word, ...(done === undefined ? {} : { done }) });
    pump();
  };

  const take = (session: Session, pdu: Pdu): void => {
    const submit = readSubmit(pdu, submits.length + 1);
    submits.push(submit);
    const { answer = 0, receipt = 'DELIVRD', receiptFirst = false, receiptId } = behaviour(submit);
    const respondWith = (status: number): void =>
      session.send(
        pdu.response({ command_status: status, message_id: status === 0 ? String(submit.order) : '' }),
      );
    const respond = (): void => {
      if (answer === 'none') owedAnswers.set(submit.order, respondWith);
      else respondWith(answer);
    };
    if (answer !== 0 || receipt === null) respond();
    else if (receiptFirst) report(submit, receipt, receiptId, respond);
    else {
      respond();
      report(submit, receipt, receiptId);
    }
  };

  const server = smpp.createServer({}, (session) => {
    unanswered.set(session, new Set());
    session.on('bind_transceiver', (pdu) => {
      session.send(pdu.response({ system_id: 'CARRIER' }));
      bound.push(session);
      pump();
    });
    session.on('submit_sm', (pdu) => take(session, pdu));
    session.on('enquire_link', (pdu) => session.send(pdu.response()));
    session.on('unbind', (pdu) => session.send(pdu.response()));
    // A killed server resets its connections.
    session.on('error', () => session.destroy());
    session.on('close', () => {
      if (bound.includes(session)) bound.splice(bound.indexOf(session), 1);
      const receipts = unanswered.get(session) ?? [];
      for (const settle of receipts) settle(false);
      unanswered.delete(session);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    submits,
    acknowledged: () => acknowledged,
    owed: () => waiting.length + inFlight,
    behave(next) {
      behaviour = next;
    },
    report: (submit, word) => report(submit, word),
    answer(submit, status) {
      owedAnswers.get(submit.order)!(status);
      owedAnswers.delete(submit.order);
    },
    reply: (from, to, text) =>
      new Promise((resolve, reject) => {
        const session = bound.at(-1);
        if (session === undefined) return reject(new Error('the server is not bound'));
        const fields = {
          source_addr: from,
          source_addr_ton: 1,
          destination_addr: to,
          esm_class: 0,
          data_coding: 8,
        };
        session.deliver_sm({ ...fields, short_message: { message: text } }, (pdu) =>
          resolve(pdu.command_status),
        );
      }),
    async close() {
      for (const session of unanswered.keys()) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Information element 0: concatenation with an 8-bit reference (3GPP TS 23.040 clause 9.2.3.24.1). */
const CONCATENATION = 0;

function readSubmit(pdu: Pdu, order: number): Submit {
  const { message, udh } = pdu.short_message;
  const element = udh?.find((one) => one[0] === CONCATENATION);
  return {
    order,
    number: pdu.destination_addr,
    source: pdu.source_addr,
    text: typeof message === 'string' ? message : message.toString('latin1'),
    dataCoding: pdu.data_coding,
    part: element?.[4] ?? 1,
    parts: element?.[3] ?? 1,
  };
}
