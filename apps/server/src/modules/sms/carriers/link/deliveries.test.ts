import type { PeerPdu } from 'smpp';
import { describe, expect, it } from 'vitest';
import type { Delivered } from './model.ts';
import { boundLink, cleanAfterEach, message, peer } from './peer.testing.ts';

cleanAfterEach();

const RECEIPT_TEXT =
  'id:77 sub:001 dlvrd:001 submit date:2611211430 done date:2611211431 stat:DELIVRD err:000 text:';

describe('deliveries', () => {
  it('answers only what was acknowledged; a receipt may come before its response', async () => {
    const { port } = await peer((pdu, session) => {
      session.deliver_sm(
        {
          esm_class: 4,
          source_addr: '8613900000001',
          destination_addr: '10690001',
          short_message: RECEIPT_TEXT,
        },
        () => session.send(pdu.response({ message_id: '4D' })),
      );
    });
    const { link, next } = await boundLink(port);
    link.submit([message(1)]);
    const [receipt] = (await next('delivered')) as Delivered[];
    expect(receipt).toMatchObject({
      kind: 'receipt',
      destAddr: '8613900000001',
      receipt: { state: 'delivered', isFinal: true, candidateIds: expect.arrayContaining(['4d']) },
    });
    // The peer answers the submit only after our deliver_sm_resp, so this proves that the response waited for us.
    expect(link.pending()).toBe(1);
    link.acknowledge([receipt!.handle]);
    expect(await next('outcomes')).toMatchObject([{ outcome: { carrierMessageId: '4D' } }]);
  });

  it('reads inbound text in its coding, parts of long messages, and TLV receipts', async () => {
    const { port, bound } = await peer(() => {});
    const { link, next } = await boundLink(port);
    const session = await bound;
    const send = (options: object) =>
      new Promise<PeerPdu>((resolve) =>
        session.deliver_sm(
          { source_addr: '8613900000001', destination_addr: '10690001', ...options },
          resolve,
        ),
      );
    const answers = [
      send({ data_coding: 8, short_message: Buffer.from('56de0054', 'hex') }),
      send({ data_coding: 15, short_message: Buffer.from('bbd854', 'hex') }),
      send({ data_coding: 8, esm_class: 0x40, short_message: Buffer.from('05000309020156de', 'hex') }),
      send({ data_coding: 8, message_payload: Buffer.from('56de', 'hex') }),
      send({ esm_class: 4, receipted_message_id: 'AB', message_state: 5, short_message: '' }),
      send({ esm_class: 4, short_message: 'nonsense' }),
    ];
    const delivered: Delivered[] = [];
    while (delivered.length < 6) delivered.push(...((await next('delivered')) as Delivered[]));
    expect(delivered).toMatchObject([
      { kind: 'inbound', sourceAddr: '8613900000001', destAddr: '10690001', text: '回T' },
      { kind: 'inbound', text: '回T' },
      { kind: 'inbound', text: null, part: { scheme: 'udh8', reference: 9, total: 2, part: 1 } },
      { kind: 'inbound', text: '回' },
      { kind: 'receipt', receipt: { messageId: 'AB', state: 'undeliverable' } },
      { kind: 'unreadable_receipt' },
    ]);
    link.acknowledge(delivered.slice(0, 5).map(({ handle }) => handle));
    link.refuse([delivered[5]!.handle]);
    expect((await Promise.all(answers)).map((pdu) => pdu.command_status)).toEqual([0, 0, 0, 0, 0, 0x64]);
  });
});
