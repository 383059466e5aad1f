import { operations } from '@signet/contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { WORLD_START } from '../../../../../../../tests/world/messages.ts';
import type { MessageReading } from './public.ts';
import { type ReadingWorld, readingWorldForTests } from './reading.testing.ts';

const made = readingWorldForTests();
const world = () => made().world;
let reading: ReadingWorld['reading'];
let sender: ReadingWorld['sender'];
let other: ReadingWorld['other'];
let end: ReadingWorld['end'];
let addSegment: ReadingWorld['addSegment'];
beforeAll(() => {
  ({ reading, sender, other, end, addSegment } = made());
});

const listed = async (query: Partial<Parameters<MessageReading['list']>[0]>) => {
  const answer = await reading.list({ tenantId: sender.tenantId, limit: 50, ...query });
  return operations.listMessages.answer.parse(answer);
};
const idsOf = (answer: { items: { id: string }[] }) => answer.items.map((item) => item.id);
describe('details and statistics of the wire', () => {
  it('lists one number of one day, newest first, refused ones with their code', async () => {
    world().now = WORLD_START;
    const [first] = await world().sent(sender, ['13900001001'], { outId: 'order 1' });
    expect((await world().send(sender, ['13900001001'])).code).toBe('isv.BUSINESS_LIMIT_CONTROL');
    world().now += 120_000;
    const [second] = await world().sent(sender, ['13900001001']);
    await world().sent(other, ['13900001001']);
    await end(sender, [first!], 'deliver', 'DELIVERED');
    const query = {
      tenantId: sender.tenantId,
      e164: '+8613900001001',
      day: '20260302',
      page: 1,
      pageSize: 10,
    };
    const { total, rows } = await reading.details(query);
    expect(total).toBe(3);
    expect(rows.map((row) => [row.state, row.errCode])).toEqual([
      ['accepted', null],
      ['refused', 'isv.BUSINESS_LIMIT_CONTROL'],
      ['delivered', 'DELIVERED'],
    ]);
    expect(rows[2]).toEqual({
      phone: '+8613900001001',
      state: 'delivered',
      errCode: 'DELIVERED',
      templateCode: sender.templates.code.code,
      content: '【查询公司】您的验证码是246810，请勿告诉他人。',
      acceptedAt: WORLD_START,
      finalAt: WORLD_START + 120_000,
      outId: 'order 1',
      kind: 'code',
    });
    expect((await reading.details({ ...query, page: 2, pageSize: 2 })).rows).toHaveLength(1);
    expect((await reading.details({ ...query, day: '20260303' })).total).toBe(0);
    expect((await reading.details({ ...query, bizId: `${second}^0` })).total).toBe(1);
    expect((await reading.details({ ...query, bizId: 'nonsense' })).total).toBe(0);
    await expect(reading.details({ ...query, day: '20260230' })).rejects.toMatchObject({
      row: { code: 'message.day_illegal' },
    });
  });

  it('puts a message into the day of UTC+8 in which it was accepted', async () => {
    world().now = Date.UTC(2026, 2, 4, 15, 59, 59, 999);
    await world().sent(sender, ['13900001002'], { kind: 'notice' });
    world().now += 1;
    await world().sent(sender, ['13900001002'], { kind: 'notice' });
    const on = (day: string) =>
      reading.details({ tenantId: sender.tenantId, e164: '+8613900001002', day, page: 1, pageSize: 10 });
    expect([(await on('20260304')).total, (await on('20260305')).total]).toEqual([1, 1]);
  });

  it('counts days without the refused; given up means no reply', async () => {
    world().now = Date.UTC(2026, 2, 10, 2);
    const ids = await world().sent(
      sender,
      ['13900001003', '13900001004', '13900001005', '13900001006', '13900001003'],
      { kind: 'code' },
    );
    await end(sender, [ids[0]!], 'deliver', 'DELIVERED');
    await end(sender, [ids[1]!], 'fail', 'UNDELIV');
    await end(sender, [ids[2]!], 'expire', 'UNKNOWN');
    world().now += 86_400_000;
    await world().sent(sender, ['13900001003'], { kind: 'notice' });
    await world().sent(sender, ['+447400123456'], { kind: 'international' });
    const query = {
      tenantId: sender.tenantId,
      fromDay: '20260310',
      toDay: '20260312',
      international: false,
      page: 1,
      pageSize: 10,
    };
    const first = { day: '20260310', total: 4, success: 1, fail: 1, noreply: 2 };
    const second = { day: '20260311', total: 1, success: 0, fail: 0, noreply: 1 };
    expect(await reading.statistics(query)).toEqual({ total: 2, rows: [first, second] });
    expect(await reading.statistics({ ...query, page: 2, pageSize: 1 })).toEqual({
      total: 2,
      rows: [second],
    });
    expect(await reading.statistics({ ...query, kind: 'notice' })).toEqual({ total: 1, rows: [second] });
    expect(await reading.statistics({ ...query, international: true })).toMatchObject({
      rows: [{ total: 1 }],
    });
    expect(await reading.statistics({ ...query, signName: '别家公司' })).toEqual({ total: 0, rows: [] });
    const { days, held } = await reading.overview(sender.tenantId);
    expect(held).toBe(0);
    expect(days).toHaveLength(7);
    expect(days.at(-2)).toEqual({ day: '2026-03-10', total: 4, delivered: 1, failed: 1, waiting: 2 });
  });
});

describe('list of the console', () => {
  it('finds by number in any form, BizId, id and template, masked, and never another tenant', async () => {
    world().now = Date.UTC(2026, 3, 1, 2);
    const [first, second] = await world().sent(sender, ['13900002001', '13900002002'], { kind: 'notice' });
    await world().sent(other, ['13900002001'], { kind: 'notice' });
    for (const search of ['13900002001', '+8613900002001', '008613900002001', '8613900002001', first!]) {
      const found = await listed({ search });
      expect(idsOf(found), search).toEqual([first]);
      expect(found.items[0]).toMatchObject({
        phone: '139****2001',
        bizId: `${first}^0`,
        state: 'accepted',
        kind: 'notice',
      });
    }
    expect(idsOf(await listed({ search: `${first}^0` }))).toEqual([second, first]);
    expect(
      idsOf(await listed({ search: sender.templates.notice.code, from: '2026-04-01T00:00:00Z' })),
    ).toEqual([second, first]);
    expect(idsOf(await listed({ search: other.templates.notice.code }))).toEqual([]);
    expect((await listed({ search: '99999999999999999999^0' })).total).toBe(0);
    expect(JSON.stringify(await listed({}))).not.toMatch(/139\d{8}/);
  });

  it('derives submitted from the segments, a plain rejection leaves it accepted', async () => {
    world().now = Date.UTC(2026, 3, 2, 2);
    const from = new Date(world().now).toISOString();
    const [submitted, rejected, waiting] = await world().sent(
      sender,
      ['13900002003', '13900002004', '13900002005'],
      { kind: 'notice' },
    );
    await addSegment(submitted!, 1, 'accepted');
    await addSegment(rejected!, 1, 'rejected', { status: 'SMPP:0058' });
    expect(idsOf(await listed({ state: 'submitted', from }))).toEqual([submitted]);
    expect(idsOf(await listed({ state: 'accepted', from }))).toEqual([waiting, rejected]);
    expect((await listed({ from })).items.map((item) => item.state)).toEqual([
      'accepted',
      'accepted',
      'submitted',
    ]);
    expect(
      idsOf(
        await listed({
          from,
          signName: '查询公司',
          kind: 'notice',
          templateCode: sender.templates.notice.code,
          to: '2026-04-03T00:00:00Z',
        }),
      ),
    ).toHaveLength(3);
    expect((await listed({ to: from, kind: 'notice', search: '13900002003' })).total).toBe(0);
  });

  it('pages by id without gaps or repeats', async () => {
    const all = await listed({});
    const seen: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await listed({ limit: 3, cursor });
      expect(page.total).toBe(all.total);
      seen.push(...idsOf(page));
      if (page.next === null) break;
      cursor = page.next;
    }
    expect(seen).toEqual(idsOf(all));
    expect(seen).toHaveLength(all.total);
    await expect(
      reading.list({ tenantId: sender.tenantId, limit: 1, cursor: "1' or 1" }),
    ).rejects.toMatchObject({ row: { code: 'message.cursor_illegal' } });
  });

  it('lists the calls refused as a whole', async () => {
    await world().send(sender, ['123'], {});
    await world().send(sender, ['13900002009'], { params: {} });
    const first = operations.listRefusals.answer.parse(
      await reading.refusals({ tenantId: sender.tenantId, limit: 1 }),
    );
    expect(first).toMatchObject({ total: 2, items: [{ step: 6, code: 'isv.TEMPLATE_MISSING_PARAMETERS' }] });
    const rest = await reading.refusals({ tenantId: sender.tenantId, limit: 5, cursor: first.next! });
    expect(rest).toMatchObject({ next: null, items: [{ step: 4, code: 'isv.MOBILE_NUMBER_ILLEGAL' }] });
  });
});
