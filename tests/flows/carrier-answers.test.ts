import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { type Carrier, type Submit, startCarrier } from './carrier.ts';
import { approvedTemplate, signIn } from './console.ts';
import { details, send, settled } from './sending.ts';
import { asOwner } from './store.ts';

/** SMPP 3.4 table 5-2. */
const ESME_RTHROTTLED = 0x58;
const ESME_RINVDSTADR = 0x0b;
/** The server gives up waiting for an answer after 10 s. */
const NO_ANSWER_MS = 20_000;
/** A receipt waits 15 s for the answer that names its id before it may settle a doubt. */
const DOUBT_SETTLED_MS = 40_000;
/** What a receipt takes that names the id of its segment. */
const BY_ID_MS = 8_000;
/** A notice beside the code: a number may get one code a minute only. */
const otherKind = (templateCode: string) => ({
  TemplateCode: templateCode,
  TemplateParam: '{"name":"冰箱"}',
});

describe('what a carrier may answer', { timeout: 120_000 }, () => {
  let dir: string;
  let carrier: Carrier;
  let server: RunningServer;
  let longTemplate: string;

  beforeAll(async () => {
    dir = makeDataDir('signet-answers-');
    carrier = await startCarrier();
    server = await startServer({ dataDir: dir, env: { SIGNET_SANDBOX_SMSC: `127.0.0.1:${carrier.port}` } });
    longTemplate = await approvedTemplate(await signIn(server), {
      name: '长通知',
      kind: 'notice',
      content: `您预约的维修服务\${name}已安排，${'请在家等候工程师上门并核对工牌，'.repeat(9)}谢谢。`,
      variables: { name: 'others' },
    });
  });
  afterAll(async () => {
    await server?.stop();
    await carrier?.close();
    removeDataDir(dir);
  });

  const submitsTo = (phone: string): Submit[] =>
    carrier.submits.filter(({ number }) => number === `86${phone}`);

  /** Sends one message that the carrier treats as told; all others it delivers. */
  async function sendTo(
    phone: string,
    behave: Parameters<Carrier['behave']>[0],
    fields = {},
  ): Promise<unknown> {
    carrier.behave((submit) => (submit.number === `86${phone}` ? behave(submit) : {}));
    const answer = await send(server.ready, phone, fields);
    expect(answer).toMatchObject({ Code: 'OK' });
    return answer.BizId;
  }

  it('throttled, then accepted: delivered once', async () => {
    const phone = '13900000801';
    const bizId = await sendTo(phone, () =>
      submitsTo(phone).length <= 2 ? { answer: ESME_RTHROTTLED } : {},
    );
    expect(await settled(server.ready, phone, bizId)).toMatchObject({ SendStatus: 3, ErrCode: 'DELIVERED' });
    expect(submitsTo(phone)).toHaveLength(3);
  });

  it('refused for good: failed with the carrier’s code, not tried again', async () => {
    const phone = '13900000802';
    const bizId = await sendTo(phone, () => ({ answer: ESME_RINVDSTADR }));
    expect(await settled(server.ready, phone, bizId)).toMatchObject({ SendStatus: 2, ErrCode: 'SMPP:000B' });
    expect(submitsTo(phone)).toHaveLength(1);
  });

  it('accepted, and the receipt says undelivered: failed with the word of the receipt', async () => {
    const phone = '13900000803';
    const bizId = await sendTo(phone, () => ({ receipt: 'UNDELIV' }));
    expect(await settled(server.ready, phone, bizId)).toMatchObject({ SendStatus: 2, ErrCode: 'UNDELIV' });
  });

  it('the receipt comes before the answer: delivered', async () => {
    const phone = '13900000804';
    const bizId = await sendTo(phone, () => ({ receiptFirst: true }));
    expect(await settled(server.ready, phone, bizId)).toMatchObject({ SendStatus: 3, ErrCode: 'DELIVERED' });
    expect(submitsTo(phone)).toHaveLength(1);
  });

  it('the receipt writes the id in another form: delivered', async () => {
    for (const [phone, form] of [
      ['13900000805', (order: number) => order.toString(16).toUpperCase()],
      ['13900000806', (order: number) => String(order).padStart(10, '0')],
    ] as const) {
      const bizId = await sendTo(phone, ({ order }) => ({ receiptId: form(order) }));
      expect(await settled(server.ready, phone, bizId)).toMatchObject({
        SendStatus: 3,
        ErrCode: 'DELIVERED',
      });
    }
  });

  it('a message of several segments is delivered with its last receipt, not before', async () => {
    const phone = '13900000807';
    const fields = { TemplateCode: longTemplate, TemplateParam: '{"name":"空调"}' };
    const bizId = await sendTo(phone, () => ({ receipt: null }), fields);
    const parts = await eventually('all segments', async () => {
      const found = submitsTo(phone);
      return found.length > 0 && found.length === found[0]!.parts ? found : undefined;
    });
    expect(parts.map(({ part }) => part)).toEqual([1, 2, 3]);
    const [row] = await details(server.ready, phone, bizId);
    expect(parts.map(({ text }) => text).join('')).toBe(row!.Content);

    const taken = carrier.acknowledged();
    carrier.report(parts[2]!, 'DELIVRD');
    carrier.report(parts[0]!, 'DELIVRD');
    await eventually('both receipts', async () => (carrier.acknowledged() === taken + 2 ? true : undefined));
    expect(await details(server.ready, phone, bizId)).toMatchObject([{ SendStatus: 1 }]);
    carrier.report(parts[1]!, 'DELIVRD');
    expect(await settled(server.ready, phone, bizId)).toMatchObject({ SendStatus: 3, ErrCode: 'DELIVERED' });
  });

  it('one undelivered segment fails the whole message, once every receipt is there', async () => {
    const phone = '13900000808';
    const fields = { TemplateCode: longTemplate, TemplateParam: '{"name":"电视"}' };
    const bizId = await sendTo(
      phone,
      ({ part }) => ({ receipt: part === 2 ? 'UNDELIV' : 'DELIVRD' }),
      fields,
    );
    expect(await settled(server.ready, phone, bizId)).toMatchObject({ SendStatus: 2, ErrCode: 'UNDELIV' });
  });

  it('a receipt that comes twice, or after the end, changes nothing', async () => {
    const phone = '13900000809';
    const bizId = await sendTo(phone, () => ({}));
    const before = await settled(server.ready, phone, bizId);
    const taken = carrier.acknowledged();
    carrier.report(submitsTo(phone)[0]!, 'UNDELIV');
    carrier.report(submitsTo(phone)[0]!, 'DELIVRD');
    await eventually('both receipts', async () => (carrier.acknowledged() === taken + 2 ? true : undefined));
    expect(await details(server.ready, phone, bizId)).toEqual([before]);
  });

  it('no answer: in doubt, never sent again, and the receipt for its number settles it', async () => {
    const phone = '13900000810';
    const bizId = await sendTo(phone, () => ({ answer: 'none' }));
    await eventually(
      'the doubt',
      async () => ((await inDoubt([bizId])) === 1 ? true : undefined),
      NO_ANSWER_MS,
    );
    expect(await details(server.ready, phone, bizId)).toMatchObject([{ SendStatus: 1 }]);
    // The link is not held up by it.
    const other = await send(server.ready, '13900000811');
    expect(await settled(server.ready, '13900000811', other.BizId)).toMatchObject({ SendStatus: 3 });
    carrier.report(submitsTo(phone)[0]!, 'DELIVRD');
    const row = await settled(server.ready, phone, bizId, DOUBT_SETTLED_MS);
    expect(row).toMatchObject({ SendStatus: 3, ErrCode: 'DELIVERED' });
    expect(submitsTo(phone)).toHaveLength(1);
  });

  it('two in doubt with one number: a receipt settles neither, for it may be of either', async () => {
    const phone = '13900000812';
    const noAnswer = () => ({ answer: 'none' }) as const;
    const ids = [await sendTo(phone, noAnswer), await sendTo(phone, noAnswer, otherKind(longTemplate))];
    const parts = await eventually('all submits', async () =>
      submitsTo(phone).length === 4 ? submitsTo(phone) : undefined,
    );
    await eventually(
      'both doubts',
      async () => ((await inDoubt(ids)) === 2 ? true : undefined),
      NO_ANSWER_MS,
    );
    const orphans = () =>
      asOwner(dir, async (client) => (await client.query('select tries from orphan_receipts')).rows);
    carrier.report(parts[0]!, 'DELIVRD');
    await eventually(
      'a look at the number of the receipt',
      async () => ((await orphans()).some(({ tries }) => tries > 3) ? true : undefined),
      DOUBT_SETTLED_MS,
    );
    expect(await inDoubt(ids)).toBe(2);
  });

  it('an answer after the timeout: settles the doubt, and nothing is sent again', async () => {
    const phones = ['13900000813', '13900000814', '13900000815'] as const;
    carrier.behave(({ number }) =>
      phones.some((phone) => number === `86${phone}`) ? { answer: 'none' } : {},
    );
    const [taken, refused, throttled] = await Promise.all(
      phones.map(async (phone) => (await send(server.ready, phone)).BizId),
    );
    await eventually(
      'the doubts',
      async () => ((await inDoubt([taken, refused, throttled])) === 3 ? true : undefined),
      NO_ANSWER_MS,
    );
    carrier.answer(submitsTo(phones[0])[0]!, 0);
    carrier.answer(submitsTo(phones[1])[0]!, ESME_RINVDSTADR);
    carrier.answer(submitsTo(phones[2])[0]!, ESME_RTHROTTLED);
    expect(await settled(server.ready, phones[1], refused)).toMatchObject({
      SendStatus: 2,
      ErrCode: 'SMPP:000B',
    });
    expect(await settled(server.ready, phones[2], throttled)).toMatchObject({
      SendStatus: 2,
      ErrCode: 'SMPP:0058',
    });
    await eventually('no doubt', async () => ((await inDoubt([taken])) === 0 ? true : undefined));
    expect(await details(server.ready, phones[0], taken)).toMatchObject([{ SendStatus: 1 }]);
    // By its id, so at once: by its number it would take 15 s.
    carrier.report(submitsTo(phones[0])[0]!, 'DELIVRD');
    expect(await settled(server.ready, phones[0], taken, BY_ID_MS)).toMatchObject({
      SendStatus: 3,
      ErrCode: 'DELIVERED',
    });
    for (const phone of phones) expect(submitsTo(phone)).toHaveLength(1);
  });

  it('killed before the answers to several segments: in doubt, and settled by a receipt for each', async () => {
    const phone = '13900000816';
    const sender = server.ready;
    const fields = { TemplateCode: longTemplate, TemplateParam: '{"name":"油烟机"}' };
    const bizId = await sendTo(phone, () => ({ answer: 'none' }), fields);
    const parts = await eventually('all segments', async () =>
      submitsTo(phone).length === 3 ? submitsTo(phone) : undefined,
    );
    await server.kill();
    server = await startServer({ dataDir: dir, env: { SIGNET_SANDBOX_SMSC: `127.0.0.1:${carrier.port}` } });
    const restarted = { ...sender, url: server.ready.url };
    expect(await inDoubt([bizId])).toBe(1);
    carrier.report(parts[2]!, 'DELIVRD');
    carrier.report(parts[0]!, 'DELIVRD');
    await eventually(
      'two segments settled',
      async () => ((await delivered(bizId)) === 2 ? true : undefined),
      DOUBT_SETTLED_MS,
    );
    expect(await details(restarted, phone, bizId)).toMatchObject([{ SendStatus: 1 }]);
    carrier.report(parts[1]!, 'DELIVRD');
    expect(await settled(restarted, phone, bizId, DOUBT_SETTLED_MS)).toMatchObject({
      SendStatus: 3,
      ErrCode: 'DELIVERED',
    });
    expect(submitsTo(phone)).toHaveLength(3);
  });

  const delivered = (bizId: unknown): Promise<number> =>
    asOwner(dir, async (client) => {
      const { rows } = await client.query(
        `select from segments where state = 'delivered' and message_id = $1`,
        [String(bizId).split('^')[0]],
      );
      return rows.length;
    });

  const inDoubt = (bizIds: readonly unknown[]): Promise<number> =>
    asOwner(dir, async (client) => {
      const ids = bizIds.map((bizId) => String(bizId).split('^')[0]);
      const { rows } = await client.query(
        `select id from messages where state = 'in_doubt' and id = any ($1)`,
        [ids],
      );
      return rows.length;
    });
});
