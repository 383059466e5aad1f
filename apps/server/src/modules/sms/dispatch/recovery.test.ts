import { beforeAll, describe, expect, it } from 'vitest';
import { messageWorldForTests, type Sender } from '../../../../../../tests/world/messages.ts';
import { createRecovery, type Recovery } from './recovery.ts';

const world = messageWorldForTests();
const CARRIER = '77';
const GONE = '999';
let recovery: Recovery;
let sender: Sender;
let attempts = 0;

beforeAll(async () => {
  const { db, vault, makeChange, owner } = world();
  await owner.query(
    `insert into carriers (id, name, host, port, tls, system_id, sealed_password, source_address, window_size, per_second, enabled, sandbox, created_at)
     values ($1, 'north', '127.0.0.1', 2775, false, 'signet', '', '1069', 10, 0, true, false, now())`,
    [CARRIER],
  );
  recovery = createRecovery({
    db,
    vault,
    makeChange,
    // Nothing is claimed here.
    dispatcher: { hasRoom: () => false, take: () => undefined },
    owner: '7',
    now: () => world().now,
  });
  sender = await world().addSender('恢复公司');
});

const sent = async (phone: string, segmentCount: number): Promise<string> => {
  const [id] = await world().sent(sender, [phone], { kind: 'notice' });
  await world().owner.query('update messages set segment_count = $2 where id = $1', [id, segmentCount]);
  return id!;
};
/** The intent of first attempts, which is all that a process left. */
const intend = (ids: readonly string[]) =>
  world().owner.query(
    `insert into attempts (id, carrier_id, chunk_id, message_ids, tenant_ids, attempt_numbers, routes, owner, at)
     values ($1, $2, 1, $3, $4, $5, $6, $7, $8)`,
    [
      ++attempts,
      CARRIER,
      ids,
      ids.map(() => sender.tenantId),
      ids.map(() => 1),
      ids.map((_, at) => `route_${at}`),
      GONE,
      new Date(world().now),
    ],
  );
const stateOf = async (id: string) =>
  (await world().owner.query<{ state: string }>('select state from messages where id = $1', [id])).rows[0]!
    .state;
const segmentsOf = async (id: string) =>
  (
    await world().owner.query(
      'select segment, state, status, route, carrier_id as carrier from segments where message_id = $1 order by segment',
      [id],
    )
  ).rows;

describe('an intent whose process is gone', () => {
  it('puts every segment of its messages in doubt, once; what has an outcome stays', async () => {
    const [long, short, settled] = [
      await sent('13900010001', 3),
      await sent('13900010002', 1),
      await sent('13900010003', 2),
    ];
    await world().owner.query(
      `insert into segments (tenant_id, message_id, attempt, segment, carrier_id, state, carrier_key, route, intended_at, at)
       select $1, $2, 1, n, $3, 'accepted', 'k' || n, 'route_2', now(), now() from generate_series(1, 2) n`,
      [sender.tenantId, settled, CARRIER],
    );
    await intend([long, short, settled]);
    expect(await recovery.settleOrphans()).toBe(2);
    expect(await Promise.all([long, short, settled].map(stateOf))).toEqual([
      'in_doubt',
      'in_doubt',
      'accepted',
    ]);
    const unknown = { state: 'unknown', status: 'process_lost', carrier: CARRIER };
    expect(await segmentsOf(long)).toEqual(
      [1, 2, 3].map((segment) => ({ segment, route: 'route_0', ...unknown })),
    );
    expect(await segmentsOf(short)).toEqual([{ segment: 1, route: 'route_1', ...unknown }]);
    expect(await segmentsOf(settled)).toHaveLength(2);
    expect((await world().owner.query('select from attempts')).rowCount).toBe(0);

    await intend([long, short, settled]);
    expect(await recovery.settleOrphans()).toBe(0);
    const entries = (await world().audit.read(null, 50)).entries.filter(
      ({ action }) => action === 'message.in_doubt',
    );
    expect(entries.map(({ subject }) => subject).sort()).toEqual([`msg_${long}`, `msg_${short}`].sort());
  });
});
