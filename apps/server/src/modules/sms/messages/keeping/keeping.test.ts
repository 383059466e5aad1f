import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { messageWorldForTests, type Sender, WORLD_START } from '../../../../../../../tests/world/messages.ts';
import { type Ending, moveMessages } from '../finish.ts';
import { createMessageKeeping, type MessageKeeping } from './public.ts';
import type { MessageKey } from './store.ts';

const world = messageWorldForTests();
const DAY_MS = 86_400_000;
let keeping: MessageKeeping;
let sender: Sender;
let queued: string[] = [];
let closed: string[] = [];

beforeAll(async () => {
  const { db, makeChange, ids } = world();
  keeping = createMessageKeeping({
    db,
    makeChange,
    ids,
    queueReports: async (_writing, finals) => {
      queued.push(...finals.map((one) => one.messageId));
    },
    closeReviews: async (_writing, messages: readonly MessageKey[]) => {
      closed.push(...messages.map((one) => one.messageId));
    },
  });
  world().now = WORLD_START;
  sender = await world().addSender('保管公司');
});
beforeEach(() => {
  queued = [];
  closed = [];
});

let numbers = 0;
const phone = (): string => `1390000${String(++numbers).padStart(4, '0')}`;
const hold = async (kind: 'notice' | 'marketing' = 'notice'): Promise<string> =>
  (await world().sent(sender, [phone()], { kind, params: { code: '审' } }))[0]!;
const stateOf = async (id: string) => {
  const { rows } = await world().owner.query<{
    state: string;
    err_code: string | null;
    final_at: Date | null;
  }>('select state, err_code, final_at from messages where id = $1', [id]);
  return rows[0];
};
const heldRows = async () => (await world().owner.query('select message_id from held_messages')).rowCount;
const chunkOf = async (id: string) =>
  (
    await world().owner.query<{ owner: string; not_before: Date }>(
      'select owner, not_before from dispatch_chunks where $1 = any (message_ids)',
      [id],
    )
  ).rows;
const end = (ids: string[], event: Ending['event']) =>
  world().makeChange({
    tenants: [sender.tenantId],
    run: (tx, log, now) =>
      moveMessages(
        { tx, log, now },
        ids.map((messageId) => ({
          tenantId: sender.tenantId,
          messageId,
          event,
          errCode: 'DELIVERED',
          actor: 'carrier:1',
        })),
        async () => undefined,
      ),
  });
const decide = (messageId: string, approve: boolean) =>
  world().makeChange({
    tenants: [sender.tenantId],
    run: (tx, log, now) => keeping.releaseHeld(tx, log, now, messageId, sender.tenantId, approve),
  });

describe('held messages', () => {
  it('expire with their reports and reviews, the others stay', async () => {
    const lapsed = await hold();
    world().now += DAY_MS - 1;
    const still = await hold();
    expect(await keeping.expireHeld(world().now)).toBe(0);
    world().now += 1;
    expect(await keeping.expireHeld(world().now)).toBe(1);
    expect(await stateOf(lapsed)).toEqual({
      state: 'expired',
      err_code: 'EXPIRED',
      final_at: new Date(world().now),
    });
    expect([queued, closed]).toEqual([[lapsed], [lapsed]]);
    expect((await stateOf(still))!.state).toBe('held');
    expect(await heldRows()).toBe(1);
    expect(await keeping.expireHeld(world().now)).toBe(0);
    await decide(still, false);
  });

  it('expire in batches', async () => {
    const many = await world().sent(sender, Array.from({ length: 260 }, phone), {
      kind: 'notice',
      params: { code: '审' },
    });
    world().now += DAY_MS;
    expect(await keeping.expireHeld(world().now)).toBe(many.length);
    expect(queued.sort()).toEqual([...many].sort());
    expect(await heldRows()).toBe(0);
  });

  it('go to the gateway when released, once', async () => {
    const id = await hold();
    expect(await decide(id, true)).toBe(true);
    expect(await stateOf(id)).toEqual({ state: 'accepted', err_code: null, final_at: null });
    expect(await chunkOf(id)).toEqual([{ owner: '0', not_before: new Date(world().now) }]);
    expect(await heldRows()).toBe(0);
    expect(await decide(id, true)).toBe(false);
    expect(await decide(id, false)).toBe(false);
    expect(await chunkOf(id)).toHaveLength(1);
    expect(queued).toEqual([]);
  });

  it('become refused when rejected, and the report is queued', async () => {
    const id = await hold();
    expect(await decide(id, false)).toBe(false);
    expect(await stateOf(id)).toMatchObject({ state: 'refused', err_code: 'isv.SMS_CONTENT_ILLEGAL' });
    expect(queued).toEqual([id]);
    expect(await chunkOf(id)).toEqual([]);
    expect(await heldRows()).toBe(0);
  });

  it('expire when decided too late, whatever the decision', async () => {
    for (const approve of [true, false]) {
      const id = await hold();
      world().now += DAY_MS;
      queued = [];
      expect(await decide(id, approve)).toBe(false);
      expect(await stateOf(id)).toMatchObject({ state: 'expired', err_code: 'EXPIRED' });
      expect(queued).toEqual([id]);
      expect(await keeping.expireHeld(world().now)).toBe(0);
    }
  });

  it('wait for the morning when they are marketing released at night', async () => {
    world().now = Date.UTC(2026, 2, 20, 6);
    const id = await hold('marketing');
    world().now = Date.UTC(2026, 2, 20, 13);
    expect(await decide(id, true)).toBe(true);
    expect(await chunkOf(id)).toEqual([{ owner: '0', not_before: new Date(Date.UTC(2026, 2, 21, 0)) }]);
  });
});

describe('messages without a final state', () => {
  it('are given up after 72 h, each once, whether submitted, in doubt or neither', async () => {
    world().now = Date.UTC(2026, 3, 1, 2);
    await keeping.giveUpWaiting(world().now);
    const [plain, doubtful, delivered] = await world().sent(sender, [phone(), phone(), phone()], {
      kind: 'notice',
    });
    await end([doubtful!], 'doubt');
    await end([delivered!], 'deliver');
    world().now += 72 * 3_600_000;
    expect(await keeping.giveUpWaiting(world().now)).toBe(0);
    world().now += 60_000;
    const [young] = await world().sent(sender, [phone()], { kind: 'notice' });
    queued = [];
    expect(await keeping.giveUpWaiting(world().now)).toBe(2);
    for (const id of [plain!, doubtful!])
      expect(await stateOf(id)).toMatchObject({ state: 'expired', err_code: 'UNKNOWN' });
    expect((await stateOf(delivered!))!.state).toBe('delivered');
    expect((await stateOf(young!))!.state).toBe('accepted');
    expect(queued.sort()).toEqual([plain!, doubtful!].sort());
    expect(await keeping.giveUpWaiting(world().now)).toBe(0);
    // Where the last run ended is kept, so the next one does not look at old ids again.
    const { rows } = await world().owner.query<{ value: string }>(
      `select value from installation where name = 'messages.settled_below'`,
    );
    expect(BigInt(rows[0]!.value)).toBeGreaterThan(BigInt(doubtful!));
    expect(BigInt(rows[0]!.value)).toBeLessThan(BigInt(young!));
    world().now += 72 * 3_600_000 + 60_000;
    expect(await keeping.giveUpWaiting(world().now)).toBe(1);
  });

  it('of more than one batch are all found', async () => {
    const many = await world().sent(sender, Array.from({ length: 600 }, phone), { kind: 'notice' });
    world().now += 73 * 3_600_000;
    expect(await keeping.giveUpWaiting(world().now)).toBe(many.length);
  });
});

describe('retention', () => {
  it('destroys what is old with everything personal, keeps the rest, and the log still verifies', async () => {
    world().now = Date.UTC(2026, 5, 1, 2);
    await keeping.giveUpWaiting(world().now);
    const old = await world().sent(sender, Array.from({ length: 300 }, phone), { kind: 'notice' });
    await end(old.slice(1), 'deliver');
    await world().send(sender, ['12'], {});
    const at = new Date(world().now);
    const { rows: everybody } = await world().owner.query<{ count: number }>(
      `select count(*)::int as count from messages where state in ('delivered', 'undelivered', 'refused', 'expired')`,
    );
    await world().owner.query(
      `insert into carriers (id, name, host, port, tls, system_id, sealed_password, source_address, window_size, per_second, enabled, sandbox, created_at)
       values (5, 'north', '127.0.0.1', 2775, false, 's', '', '1', 1, 0, true, false, $1)`,
      [at],
    );
    await world().owner.query(
      `insert into segments (tenant_id, message_id, attempt, segment, carrier_id, state, route, intended_at, at)
       select $1, unnest($2::bigint[]), 1, 1, 5, 'delivered', 'least_backlog', $3, $3`,
      [sender.tenantId, old, at],
    );
    await world().owner.query(
      `insert into deliveries (tenant_id, id, kind, event_ids, state, tries, created_at, next_at) values ($1, $2, 'report', $3, 'delivered', 1, $4, $4)`,
      [sender.tenantId, old[1], old.slice(1), at],
    );
    await world().owner.query(
      `insert into inbound_messages (tenant_id, id, carrier_id, number_key, sealed, dest_code, opt_out, received_at) values ($1, $2, 5, '\\x00', '\\x00', '1069', false, $3)`,
      [sender.tenantId, world().ids.next(), at],
    );
    const repeat = { keyDigest: Buffer.from('key'), bodyDigest: Buffer.from('body') };
    world().now += 30 * DAY_MS;
    const [young] = await world().sent(sender, [phone()], { kind: 'notice', repeat });
    await world().owner.query(
      `insert into segments (tenant_id, message_id, attempt, segment, carrier_id, state, route, intended_at, at)
       values ($1, $2, 1, 1, 5, 'accepted', 'least_backlog', $3, $3)`,
      [sender.tenantId, young, new Date(world().now)],
    );

    expect(await keeping.applyRetention(world().now, 31)).toMatchObject({
      deliveries: 0,
      inbound: 0,
      answers: 0,
    });
    const gone = await keeping.applyRetention(world().now, 29);
    expect(gone).toEqual({
      messages: expect.any(Number),
      refusals: 1,
      inbound: 1,
      deliveries: 1,
      answers: 0,
    });
    expect(gone.messages).toBeGreaterThanOrEqual(299);
    expect(gone.messages).toBeLessThanOrEqual(everybody[0]!.count);
    // The one that never became final stays until it is given up.
    const left = async (table: string, column: string) =>
      (
        await world().owner.query(`select ${column} as id from ${table} where tenant_id = $1 order by 1`, [
          sender.tenantId,
        ])
      ).rows.map((row) => row.id);
    expect(await left('messages', 'id')).toEqual([old[0], young]);
    expect(await left('segments', 'message_id')).toEqual([old[0], young]);
    for (const table of ['refusals', 'inbound_messages', 'deliveries'])
      expect(await left(table, 'id')).toEqual([]);

    expect(await keeping.giveUpWaiting(world().now)).toBe(1);
    world().now += DAY_MS;
    expect(await keeping.applyRetention(world().now, 29)).toEqual({
      messages: 1,
      refusals: 0,
      inbound: 0,
      deliveries: 0,
      answers: 1,
    });
    expect(await left('messages', 'id')).toEqual([young]);

    const { entries } = await world().audit.read(null, 20);
    const destroyed = entries.filter((entry) => entry.action === 'messages.destroyed');
    expect(destroyed[0]).toMatchObject({
      tenantId: sender.tenantId,
      facts: { count: 1, fromId: old[0], toId: old[0] },
    });
    await world().audit.checkpoint();
    expect(await world().audit.verify()).toMatchObject({ ok: true });
    expect(await keeping.applyRetention(world().now, 29)).toMatchObject({ messages: 0 });
    expect((await world().audit.read(null, 1)).entries[0]).toEqual(entries[0]);
  });
});
