import type { MessagePart } from '@signet/carrier-protocols/smpp';
import { decodeUcs2, encodeUcs2 } from '@signet/sms-text';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ChangeWorld, changeWorldForTests } from '../../../../../../tests/world/changes.ts';
import { createOptOuts } from '../opt-outs/public.ts';
import {
  createInbound,
  type Inbound,
  type InboundDelivery,
  type InboundWrite,
  inboundLane,
} from './public.ts';

const START = Date.UTC(2026, 10, 22, 4, 0, 0);
const CARRIER = '77';
const given = changeWorldForTests(START);
let world: ChangeWorld;
let inbound: Inbound;
let senders: Map<string, string>;
let woken = 0;
let storeFails = false;
let timers: { at: number; act(): void }[] = [];
const errors: unknown[] = [];

beforeAll(() => {
  world = given();
  const lane = world.commit.lane(inboundLane({ wakePusher: () => woken++ }));
  inbound = createInbound({
    ...world,
    lastSender: async (numberKey) => senders.get(numberKey.toString('hex')),
    commit: (write: InboundWrite) => (storeFails ? Promise.reject(new Error('planted')) : lane(write)),
    decodeText: (octets, dataCoding) => (dataCoding === 8 ? decodeUcs2(octets) : null),
    accessNumber: (carrierId) => (carrierId === CARRIER ? '10690000' : undefined),
    setTimer(delayMs, act) {
      const timer = { at: world.now() + delayMs, act };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
    onError: (error) => errors.push(error),
  });
});
afterAll(async () => {
  await inbound.close();
});
beforeEach(() => {
  senders = new Map();
});

/** A tenant who last sent to this number. */
async function tenantOf(e164: string): Promise<string> {
  const tenantId = await world.addTenant();
  senders.set(world.vault.numberKey(e164).toString('hex'), tenantId);
  return tenantId;
}

/** A link that keeps what it is told, and a way to wait for it. */
function peer() {
  const acknowledged: number[] = [];
  const refused: number[] = [];
  const waiting: { count: number; resolve(): void }[] = [];
  const look = (): void => {
    for (const one of waiting) if (acknowledged.length + refused.length >= one.count) one.resolve();
  };
  return {
    acknowledged,
    refused,
    answered: (count: number) =>
      new Promise<void>((resolve) => {
        waiting.push({ count, resolve });
        look();
      }),
    link: {
      acknowledge(handles: readonly number[]) {
        acknowledged.push(...handles);
        look();
      },
      refuse(handles: readonly number[]) {
        refused.push(...handles);
        look();
      },
    },
  };
}

const whole = (handle: number, text: string | null, sourceAddr = '8613900001234'): InboundDelivery => ({
  handle,
  sourceAddr,
  destAddr: '1069000088',
  part: { scheme: 'whole', reference: 0, total: 1, part: 1, octets: new Uint8Array(0), dataCoding: 8 },
  text,
});
const piece = (
  handle: number,
  reference: number,
  total: number,
  number: number,
  text: string,
): InboundDelivery => {
  const octets = encodeUcs2(text) as Uint8Array;
  const part: MessagePart = { scheme: 'udh8', reference, total, part: number, octets, dataCoding: 8 };
  return { ...whole(handle, null), part };
};
const repliesOf = async (tenantId: string) => {
  const { items } = await inbound.list(tenantId, { cursor: null, limit: 50 });
  return inbound.readReplies(
    tenantId,
    items.map(({ id }) => id),
  );
};
const entriesOf = async (tenantId: string | null) =>
  (await world.audit.read(null, 500)).entries.filter((entry) => entry.tenantId === tenantId);

describe('a reply', () => {
  it('goes to who last sent to the number, sealed, and is acknowledged after its commit', async () => {
    const tenantId = await tenantOf('+8613900001234');
    await world.sql(
      `insert into webhooks (tenant_id, inbound_url, sealed_secret, changed_at) values ($1, 'https://example.com/', '', now())`,
      [tenantId],
    );
    const { link, acknowledged, answered } = peer();
    const before = woken;
    inbound.take(CARRIER, link, [whole(1, '好的，明天见')]);
    expect(acknowledged).toEqual([]);
    await answered(1);
    expect(acknowledged).toEqual([1]);
    expect(woken).toBeGreaterThan(before);
    const [reply] = await repliesOf(tenantId);
    expect(reply).toMatchObject({
      phone: '+8613900001234',
      content: '好的，明天见',
      destCode: '88',
      receivedAt: world.now(),
    });
    expect(await inbound.list(tenantId, { cursor: null, limit: 5 })).toEqual({
      items: [{ id: reply!.inboundId, phone: '139****1234', destCode: '88', at: world.now(), optOut: false }],
      total: 1,
      next: null,
    });
    expect(
      await world.sql('select kind, event_ids from deliveries where tenant_id = $1', [tenantId]),
    ).toEqual([{ kind: 'inbound', event_ids: [reply!.inboundId] }]);
    const stored = await world.sql<{ text: string }>(
      'select inbound_messages::text as text from inbound_messages where tenant_id = $1',
      [tenantId],
    );
    expect(stored[0]!.text).not.toContain('13900001234');
    expect(stored[0]!.text).not.toContain(Buffer.from('明天').toString('hex'));
    expect(await inbound.readReplies(await world.addTenant(), [reply!.inboundId])).toEqual([]);
  });

  it.each(['TD', '回T退订', 'stop'])('%s opts out, once, and its tenant only', async (word) => {
    const tenantId = await tenantOf('+8613900001234');
    const { link, answered } = peer();
    inbound.take(CARRIER, link, [whole(1, word), whole(2, word)]);
    await answered(2);
    const optOuts = createOptOuts(world);
    const key = world.vault.numberKey('+8613900001234');
    expect(await optOuts.optedOut(tenantId, [key])).toEqual(new Set([key.toString('hex')]));
    expect(await optOuts.optedOut(await world.addTenant(), [key])).toEqual(new Set());
    expect(await optOuts.list(tenantId, { cursor: null, limit: 5 })).toMatchObject({
      items: [{ phone: '139****1234', source: 'reply' }],
      total: 1,
    });
    const { items } = await inbound.list(tenantId, { cursor: null, limit: 5 });
    expect(items.map(({ optOut }) => optOut)).toEqual([true, true]);
    const actions = (await entriesOf(tenantId)).map(({ action, actor }) => `${action} ${actor}`);
    expect(actions.sort()).toEqual([
      `inbound.received carrier:${CARRIER}`,
      `inbound.received carrier:${CARRIER}`,
      `opt_out.recorded carrier:${CARRIER}`,
    ]);
  });

  it('that only holds such a word does not', async () => {
    const tenantId = await tenantOf('+8613900001234');
    const { link, answered } = peer();
    inbound.take(CARRIER, link, [whole(1, 'Thanks, see you on TD day')]);
    await answered(1);
    expect(await createOptOuts(world).list(tenantId, { cursor: null, limit: 5 })).toMatchObject({ total: 0 });
  });

  it('without a tenant, or without text, is dropped, counted and audited with a digest alone', async () => {
    const known = (await entriesOf(null)).length;
    await tenantOf('+8613900001234');
    const { link, acknowledged, answered } = peer();
    const before = { ...inbound.counters };
    inbound.take(CARRIER, link, [
      whole(1, '你好', '8613900005555'),
      whole(2, '你好', '10086'),
      whole(3, null),
    ]);
    await answered(3);
    expect(acknowledged.sort()).toEqual([1, 2, 3]);
    expect(inbound.counters.unassigned - before.unassigned).toBe(2);
    expect(inbound.counters.unreadable - before.unreadable).toBe(1);
    const entries = (await entriesOf(null)).slice(0, -known || undefined);
    expect(entries.map(({ action }) => action).sort()).toEqual([
      'inbound.unassigned',
      'inbound.unassigned',
      'inbound.unreadable',
    ]);
    const digest = world.vault.digest('+8613900005555').toString('hex');
    expect(entries.map(({ subject }) => subject)).toContain(`num_${digest}`);
    expect(JSON.stringify(entries)).not.toMatch(/13900005555|10086|你好/);
  });

  it('that could not be stored is asked for again', async () => {
    const tenantId = await tenantOf('+8613900001234');
    const { link, refused, acknowledged, answered } = peer();
    storeFails = true;
    inbound.take(CARRIER, link, [whole(1, 'one')]);
    await answered(1);
    storeFails = false;
    expect([refused, acknowledged]).toEqual([[1], []]);
    expect(errors).toContainEqual(new Error('planted'));
    expect(await repliesOf(tenantId)).toEqual([]);
  });
});

describe('a long reply', () => {
  it('is joined from its parts, over two links, and all are acknowledged when the whole is stored', async () => {
    const tenantId = await tenantOf('+8613900001234');
    const [one, two] = [peer(), peer()];
    inbound.take(CARRIER, one.link, [piece(1, 9, 3, 3, '三'), piece(2, 9, 3, 1, '一')]);
    inbound.take(CARRIER, two.link, [piece(1, 9, 3, 1, '一')]);
    expect([one.acknowledged, two.acknowledged]).toEqual([[], []]);
    expect(timers).toHaveLength(1);
    inbound.take(CARRIER, two.link, [piece(2, 9, 3, 2, '二')]);
    await Promise.all([one.answered(2), two.answered(2)]);
    expect([one.acknowledged, two.acknowledged]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect((await repliesOf(tenantId)).map(({ content }) => content)).toEqual(['一二三']);
    expect(timers).toEqual([]);
  });

  it('that stays unfinished is stored as far as it came, and only then acknowledged', async () => {
    const tenantId = await tenantOf('+8613900001234');
    const { link, acknowledged, answered } = peer();
    const before = inbound.counters.givenUpParts;
    inbound.take(CARRIER, link, [piece(5, 4, 3, 1, '一'), piece(6, 4, 3, 3, '三')]);
    const [timer] = timers;
    world.clock.ms = timer!.at;
    timer!.act();
    await answered(2);
    expect(acknowledged).toEqual([5, 6]);
    expect((await repliesOf(tenantId)).map(({ content }) => content)).toEqual(['一[…]三']);
    expect(inbound.counters.givenUpParts - before).toBe(2);
    // The straggler is a message of its own.
    inbound.take(CARRIER, link, [piece(7, 4, 3, 2, '二')]);
    world.clock.ms = timers.at(-1)!.at;
    timers.at(-1)!.act();
    await answered(3);
    expect((await repliesOf(tenantId)).map(({ content }) => content)).toEqual(['一[…]三', '[…]二[…]']);
  });

  it('lists in pages and is erased when its time is over', async () => {
    const tenantId = await tenantOf('+8613900001234');
    for (let i = 0; i < 3; i++) {
      await inbound.receive({
        carrierId: CARRIER,
        sourceAddr: '13900001234',
        destAddr: '1069',
        text: `${i}`,
        receivedAt: START,
      });
    }
    const first = await inbound.list(tenantId, { cursor: null, limit: 2 });
    const second = await inbound.list(tenantId, { cursor: first.next, limit: 2 });
    expect([first.items.length, first.total, second.items.length, second.next]).toEqual([2, 3, 1, null]);
    expect(await inbound.erase(START)).toBe(0);
    expect(await inbound.erase(world.now() + 1_000)).toBeGreaterThanOrEqual(3);
    expect((await inbound.list(tenantId, { cursor: null, limit: 2 })).total).toBe(0);
  });
});
