import { fork } from 'node:child_process';
import smpp, { type PeerPdu, type PeerSession } from 'smpp';
import { afterEach, describe, expect, it } from 'vitest';
import { connectSmsc, SMSC_MAIN } from './client.ts';
import type { PhoneMessage, SmscControl, SmscOptions } from './control.ts';
import { handsetText, typeText } from './handset-text.ts';
import { createPhones } from './phones.ts';
import { startSmsc } from './smsc.ts';

const OPTIONS: SmscOptions = {
  host: '127.0.0.1',
  port: 0,
  systemId: 'signet',
  password: 'secret08',
  receiptDelayMs: 0,
};
const PHONE = '8613900000001';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const start = async (changes: Partial<SmscOptions> = {}): Promise<SmscControl> => {
  const smsc = await startSmsc({ ...OPTIONS, ...changes }, { now: Date.now });
  cleanups.push(() => smsc.close());
  return smsc;
};

type Client = {
  session: PeerSession;
  submit(fields?: object): Promise<PeerPdu>;
  /** The next deliver_sm, answered at once. */
  delivery(): Promise<PeerPdu>;
};

/** The independent ESME. */
const client = async (
  port: number,
  bind: 'bind_transceiver' | 'bind_transmitter' | 'bind_receiver' = 'bind_transceiver',
  password = 'secret08',
): Promise<Client & { bound: PeerPdu }> => {
  const session = await new Promise<PeerSession>((resolve) => {
    const opened = smpp.connect({ host: '127.0.0.1', port }, () => resolve(opened));
  });
  session.on('error', () => session.destroy());
  cleanups.push(() => session.destroy());
  const arrived: PeerPdu[] = [];
  const waiting: ((pdu: PeerPdu) => void)[] = [];
  session.on('deliver_sm', (pdu: PeerPdu) => {
    session.send(pdu.response());
    const take = waiting.shift();
    if (take === undefined) arrived.push(pdu);
    else take(pdu);
  });
  const bound = await new Promise<PeerPdu>((resolve) =>
    session[bind]({ system_id: 'signet', password, interface_version: 0x34 }, resolve),
  );
  return {
    session,
    bound,
    submit: (fields = {}) =>
      new Promise((resolve) =>
        session.submit_sm(
          {
            source_addr: '10690001',
            destination_addr: PHONE,
            registered_delivery: 1,
            short_message: 'hello',
            ...fields,
          },
          resolve,
        ),
      ),
    delivery: () => {
      const pdu = arrived.shift();
      return pdu === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(pdu);
    },
  };
};

const textOf = (pdu: PeerPdu): string => (pdu.short_message as { message: string }).message;
/** Resolves once subscribed (over IPC that takes a round trip), with the promise of the next message. */
const watch = async (smsc: SmscControl): Promise<{ next: Promise<PhoneMessage> }> => {
  const { promise, resolve } = Promise.withResolvers<PhoneMessage>();
  await smsc.subscribe(resolve);
  return { next: promise };
};

describe('the SMSC simulator against an independent ESME (npm smpp)', () => {
  it('binds the right password only', async () => {
    const { port } = await start();
    expect((await client(port)).bound.command_status).toBe(0);
    expect((await client(port, 'bind_transmitter', 'wrong')).bound.command_status).toBe(0x0e);
  });

  it('accepts, shows the message on the phone, and sends the receipt as text and TLVs', async () => {
    const smsc = await start();
    const esme = await client(smsc.port);
    const shown = await watch(smsc);
    const response = await esme.submit();
    expect(response).toMatchObject({ command_status: 0, message_id: '1' });
    expect(await shown.next).toMatchObject({
      direction: 'mt',
      phone: PHONE,
      peer: '10690001',
      text: 'hello',
    });
    const receipt = await esme.delivery();
    expect(receipt).toMatchObject({
      esm_class: 4,
      receipted_message_id: '1',
      message_state: 2,
      source_addr: PHONE,
    });
    expect(textOf(receipt)).toMatch(
      /^id:1 sub:001 dlvrd:001 submit date:\d{12} done date:\d{12} stat:DELIVRD err:000 text:$/,
    );
    expect(await smsc.messages('+8613900000001')).toHaveLength(1);
    expect(await smsc.stats()).toMatchObject({ submits: 1, accepted: 1, receiptsSent: 1, bound: 1 });
  });

  it('joins a long Chinese message and counts its segments', async () => {
    const smsc = await start();
    const esme = await client(smsc.port);
    const shown = await watch(smsc);
    for (const [part, text] of [
      [2, '世界'],
      [1, '你好'],
    ] as const)
      await esme.submit({
        data_coding: 8,
        esm_class: 0x40,
        short_message: Buffer.concat([
          Buffer.from([5, 0, 3, 7, 2, part]),
          Buffer.from(text, 'utf16le').swap16(),
        ]),
      });
    expect(await shown.next).toMatchObject({ text: '你好世界', segments: 2 });
    expect(await smsc.messages()).toHaveLength(1);
  });

  it.each([
    ['reject', 0x45],
    ['throttle', 0x58],
  ] as const)('%s answers %i', async (answer, status) => {
    const smsc = await start();
    const esme = await client(smsc.port);
    await smsc.behave({ phone: '13900000001', answer });
    expect((await esme.submit()).command_status).toBe(status);
    expect((await esme.submit({ destination_addr: '8613900000002' })).command_status).toBe(0);
    expect(await smsc.messages(PHONE)).toEqual([]);
  });

  it.each([
    ['undeliverable', 5],
    ['expire', 3],
  ] as const)('%s gives its receipt, and nothing arrives', async (answer, state) => {
    const smsc = await start();
    const esme = await client(smsc.port);
    await smsc.behave({ phone: '*', answer });
    await esme.submit();
    expect((await esme.delivery()).message_state).toBe(state);
    expect(await smsc.messages()).toEqual([]);
  });

  it('silent never answers, no_receipt arrives without one', async () => {
    const smsc = await start();
    const esme = await client(smsc.port);
    await smsc.behave({ phone: PHONE, answer: 'silent' });
    let answered = false;
    void esme.submit().then(() => {
      answered = true;
    });
    await smsc.behave({ phone: '8613900000002', answer: 'no_receipt' });
    await esme.submit({ destination_addr: '8613900000002' });
    await esme.submit({ destination_addr: '8613900000003' });
    // The only receipt is the third message's: the first had no answer, the second no receipt.
    expect((await esme.delivery()).source_addr).toBe('8613900000003');
    expect(answered).toBe(false);
    expect(await smsc.messages('8613900000002')).toHaveLength(1);
  });

  it('writes ids as it is told: hex in the response, zero-padded decimal in the receipt', async () => {
    const smsc = await start({ responseIdForm: 'hex', receiptIdForm: 'zero_padded' });
    const esme = await client(smsc.port);
    let last: PeerPdu | undefined;
    for (let i = 0; i < 11; i += 1) {
      last = await esme.submit();
      const receipt = await esme.delivery();
      expect(Number(receipt.receipted_message_id)).toBe(i + 1);
      expect(receipt.receipted_message_id).toHaveLength(20);
    }
    expect(last?.message_id).toBe('B');
  });

  it('sends no receipt that was not asked for, and waits for a receiver with those that were', async () => {
    const smsc = await start();
    const transmitter = await client(smsc.port, 'bind_transmitter');
    await transmitter.submit({ registered_delivery: 0 });
    const asked = await transmitter.submit();
    expect((await smsc.stats()).receiptsWaiting).toBe(1);
    const receiver = await client(smsc.port, 'bind_receiver');
    expect((await receiver.delivery()).receipted_message_id).toBe(asked.message_id);
  });

  it('replies from the phone to a bound receiver, long texts in parts, and says when there is none', async () => {
    const smsc = await start();
    expect(await smsc.reply({ phone: PHONE, to: '10690001', text: 'T' })).toBe(false);
    const esme = await client(smsc.port);
    expect(await smsc.reply({ phone: PHONE, to: '10690001', text: '回T退订' })).toBe(true);
    const pdu = await esme.delivery();
    expect(pdu).toMatchObject({
      source_addr: PHONE,
      destination_addr: '10690001',
      data_coding: 8,
      esm_class: 0,
    });
    expect(textOf(pdu)).toBe('回T退订');
    expect(await smsc.reply({ phone: PHONE, to: '10690001', text: '长'.repeat(71) })).toBe(true);
    const parts = [await esme.delivery(), await esme.delivery()];
    expect(parts.map(textOf).join('')).toBe('长'.repeat(71));
    expect((await smsc.messages(PHONE)).map(({ direction }) => direction)).toEqual(['mo', 'mo']);
  });
});

describe('as a process of its own', () => {
  const forked = () => {
    const child = fork(SMSC_MAIN, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    cleanups.push(() => void child.kill());
    return { child, exited, output: () => output };
  };

  it('listens, is controlled over IPC, prints nothing and ends with close', async () => {
    const { child, exited, output } = forked();
    const smsc = await connectSmsc(child, OPTIONS);
    const esme = await client(smsc.port);
    const shown = await watch(smsc);
    await esme.submit();
    expect(await shown.next).toMatchObject({ text: 'hello' });
    expect((await esme.delivery()).message_state).toBe(2);
    await smsc.behave({ phone: PHONE, answer: 'reject' });
    expect((await esme.submit()).command_status).toBe(0x45);
    expect(await smsc.reply({ phone: PHONE, to: '10690001', text: 'T' })).toBe(true);
    expect(textOf(await esme.delivery())).toBe('T');
    expect(await smsc.messages(PHONE)).toHaveLength(2);
    expect(await smsc.stats()).toMatchObject({ submits: 2, accepted: 1, refused: 1 });
    await smsc.close();
    expect(await exited).toBe(0);
    expect(output()).toBe('');
    await expect(smsc.stats()).rejects.toThrow('has ended');
  });

  it('ends by itself when its parent goes', async () => {
    const { child, exited } = forked();
    await connectSmsc(child, OPTIONS);
    child.disconnect();
    expect(await exited).toBe(0);
  });

  it('says why it cannot listen', async () => {
    const { port } = await start();
    const { child, exited } = forked();
    await expect(connectSmsc(child, { ...OPTIONS, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await exited;
  });
});

describe('phones', () => {
  it('keep the last 500 messages each', () => {
    const phones = createPhones();
    for (let i = 0; i < 501; i += 1)
      phones.store({ direction: 'mt', phone: PHONE, peer: '1', text: String(i), segments: 1, at: 0 });
    const messages = phones.messages('013900000001'.slice(1));
    expect(messages).toHaveLength(500);
    expect(messages[0]?.text).toBe('1');
  });

  it('read back what they type', () => {
    for (const text of ['T', 'Ünïcode?', '回T', '@£$¥ Ñ', '']) {
      const { octets, dataCoding } = typeText(text);
      expect(handsetText(octets, dataCoding)).toBe(text);
    }
    expect(handsetText(Uint8Array.of(0x1b, 0x65, 0x1b, 0x3c), 0)).toBe('€[');
    expect(handsetText(Uint8Array.of(0xbb, 0xd8), 15)).toBe('回');
    expect(handsetText(Uint8Array.of(0xbb), 4)).toBe('bb');
  });
});
