import { beforeAll, describe, expect, it } from 'vitest';
import { messageWorldForTests, type Sender } from '../../../../../../tests/world/messages.ts';
import { createMessageReading } from '../messages/public.ts';
import { createRecovery } from './recovery.ts';
import { doubtQueue } from './restored-queue.ts';
import { countQueued } from './store.ts';

const world = messageWorldForTests();
const HOUR_MS = 3_600_000;
let sender: Sender;
let numbers = 0;
const sent = async (kind: 'notice' | 'marketing' = 'notice'): Promise<string> =>
  (await world().sent(sender, [`1390003${String(++numbers).padStart(4, '0')}`], { kind }))[0]!;

const doubtAll = (takenAt: number) => {
  const { db, makeChange } = world();
  return doubtQueue({ db, makeChange }, takenAt);
};
const count = () => world().db.sweep((tx) => countQueued(tx));
const stateOf = async (id: string) =>
  (await world().owner.query<{ state: string }>('select state from messages where id = $1', [id])).rows[0]!
    .state;
const segmentsOf = async (id: string) =>
  (
    await world().owner.query(
      `select attempt, segment, carrier_id, state, status, carrier_key, intended_at as since from segments
       where message_id = $1 order by attempt, segment`,
      [id],
    )
  ).rows;
const addSegment = (id: string, attempt: number, state: string) =>
  world().owner.query(
    `insert into segments (tenant_id, message_id, attempt, segment, carrier_id, state, route, intended_at, at)
     values ($1, $2, $3, 1, 77, $4, 'least_backlog', now(), now())`,
    [sender.tenantId, id, attempt, state],
  );
/** The messages that a claim of the restored server would take. */
async function claimed(): Promise<string[]> {
  const taken: string[] = [];
  const { db, vault, makeChange } = world();
  await world().owner.query('update dispatch_chunks set owner = 0');
  const recovery = createRecovery({
    db,
    vault,
    makeChange,
    dispatcher: {
      hasRoom: () => true,
      take: (_chunk, messages) => taken.push(...messages.map(({ messageId }) => messageId)),
    },
    owner: '8',
    now: () => world().now,
  });
  await recovery.settleOrphans();
  await recovery.claim();
  return taken;
}

beforeAll(async () => {
  sender = await world().addSender('备份公司');
  await world().owner.query(
    `insert into carriers (id, name, host, port, tls, system_id, sealed_password, source_address, window_size, per_second, enabled, sandbox, created_at)
     values (77, 'north', '127.0.0.1', 2775, false, 'signet', '', '1069', 10, 0, true, false, now())`,
  );
});

describe('the queue of a restored backup', () => {
  it('is put in doubt whole: what is due, what waits for its hour, what is due again, and nothing is claimed', async () => {
    const takenAt = world().now;
    const due = await sent();
    await world().owner.query('update messages set segment_count = 2 where id = $1', [due]);
    // Released in the evening, it waits for the morning (step 7).
    const later = await sent('marketing');
    await world().owner.query('update dispatch_chunks set not_before = $2 where $1 = any (message_ids)', [
      later,
      new Date(world().now + 12 * HOUR_MS),
    ]);
    // Its first attempt was refused for now; the second is due.
    const again = await sent();
    await addSegment(again, 1, 'rejected');
    await world().owner.query('update dispatch_chunks set attempt = 2 where $1 = any (message_ids)', [again]);
    // Its chunk stands for the sake of others only.
    const submitted = await sent();
    await addSegment(submitted, 1, 'accepted');
    // On its way to the wire when the backup was taken: its intent is in the backup as well.
    const intended = await sent();
    await world().owner.query(
      `insert into attempts (id, carrier_id, chunk_id, message_ids, tenant_ids, attempt_numbers, routes, owner, at)
       values (1, 77, 1, array[$1::bigint], array[$2::bigint], '{1}', '{least_backlog}', 999, now())`,
      [intended, sender.tenantId],
    );
    const over = await sent();
    await world().owner.query(`update messages set state = 'expired' where id = $1`, [over]);

    world().now += HOUR_MS;
    expect(await count()).toBe(4);
    expect(await doubtAll(takenAt)).toBe(4);
    expect(await Promise.all([due, later, again, intended, submitted, over].map(stateOf))).toEqual([
      'in_doubt',
      'in_doubt',
      'in_doubt',
      'in_doubt',
      'accepted',
      'expired',
    ]);
    const unknown = {
      carrier_id: null,
      carrier_key: null,
      state: 'unknown',
      status: 'restored',
      since: new Date(takenAt),
    };
    expect(await segmentsOf(due)).toEqual([
      { attempt: 1, segment: 1, ...unknown },
      { attempt: 1, segment: 2, ...unknown },
    ]);
    expect((await segmentsOf(again))[1]).toEqual({ attempt: 2, segment: 1, ...unknown });
    expect(await segmentsOf(submitted)).toHaveLength(1);
    expect(await segmentsOf(over)).toEqual([]);
    expect((await world().owner.query('select from dispatch_chunks')).rowCount).toBe(0);
    expect(await claimed()).toEqual([]);
    expect(await segmentsOf(intended)).toEqual([{ attempt: 1, segment: 1, ...unknown }]);
    expect((await world().owner.query('select from attempts')).rowCount).toBe(0);
    const entries = (await world().audit.read(null, 50)).entries.filter(
      ({ action }) => action === 'message.in_doubt',
    );
    expect(entries.map(({ subject, actor }) => [subject, actor]).sort()).toEqual(
      [due, later, again, intended].map((id) => [`msg_${id}`, 'system:restore']).sort(),
    );
    expect(await count()).toBe(0);
    expect(await doubtAll(takenAt)).toBe(0);
  });

  it('would be sent otherwise', async () => {
    const id = await sent();
    expect(await claimed()).toEqual([id]);
  });

  it('goes through all chunks, however many', async () => {
    await world().owner.query('delete from dispatch_chunks');
    for (let at = 0; at < 250; at++) await sent();
    expect(await doubtAll(world().now)).toBe(250);
    expect(await count()).toBe(0);
  });

  it('tells in the life of each message why it is in doubt', async () => {
    const id = await sent();
    const takenAt = world().now;
    world().now += HOUR_MS;
    await doubtAll(takenAt);
    const { db, vault, makeChange } = world();
    const reading = createMessageReading({
      db,
      vault,
      makeChange,
      now: () => world().now,
      screen: () => {
        throw new Error('nothing is screened');
      },
    });
    const { state, steps, attempts } = await reading.detail({ tenantId: sender.tenantId, id });
    expect(state).toBe('in_doubt');
    for (const step of [11, 12, 13, 14, 15]) {
      expect(steps[step - 1]).toMatchObject({ outcome: 'skipped', facts: { reason: 'restored' } });
    }
    expect(steps[15]).toMatchObject({
      outcome: 'done',
      at: new Date(world().now).toISOString(),
      facts: { status: 'restored', unknown: 1 },
    });
    expect(attempts).toMatchObject([{ carrier: '', segment: 1, state: 'unknown', status: 'restored' }]);
  });
});
