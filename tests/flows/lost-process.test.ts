import { beforeAll, describe, expect, it } from 'vitest';
import { createRecovery, type Recovery } from '../../apps/server/src/modules/sms/dispatch/public.ts';
import {
  createReceipts,
  distrustNumbers,
  type Receipts,
  receiptLane,
} from '../../apps/server/src/modules/sms/receipts/public.ts';
import { messageWorldForTests, type Sender } from '../world/messages.ts';

const world = messageWorldForTests();
const CARRIER = '77';
const GONE = '999';
const SECOND_MS = 1_000;
let recovery: Recovery;
let receipts: Receipts;
let sender: Sender;
const results: string[] = [];
let attempts = 0;
let numbers = 0;
const phone = (): string => `1390001${String(++numbers).padStart(4, '0')}`;

beforeAll(async () => {
  const { db, vault, makeChange, ids, owner } = world();
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
  receipts = createReceipts({
    db,
    now: () => world().now,
    numberKey: vault.numberKey,
    submit: world().lane(receiptLane({ ids, onFinal: () => undefined })),
    count: (result) => results.push(result),
    onFault: (error) => {
      throw error;
    },
  });
  sender = await world().addSender('恢复公司');
});

/** Messages to one number, each of so many segments, whose intent is all that a process left. */
async function lost(number: string, segmentCounts: readonly number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const count of segmentCounts) {
    const [id] = await world().sent(sender, [number], { kind: 'notice' });
    await world().owner.query('update messages set segment_count = $2 where id = $1', [id, count]);
    ids.push(id!);
  }
  await intend(ids);
  return ids;
}

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
      ids.map(() => 'least_backlog'),
      GONE,
      new Date(world().now),
    ],
  );

const segmentsOf = async (id: string) =>
  (
    await world().owner.query<{ segment: number; state: string; status: string | null }>(
      'select segment, state, status from segments where message_id = $1 order by segment',
      [id],
    )
  ).rows;
const stateOf = async (id: string) =>
  (
    await world().owner.query<{ state: string; code: string | null }>(
      'select state, err_code as code from messages where id = $1',
      [id],
    )
  ).rows[0]!;

/** A receipt from the carrier; resolves when it is acknowledged, which is after the commit. */
const receipt = (number: string, id: string, state: 'delivered' | 'undeliverable' = 'delivered') =>
  new Promise<void>((resolve) =>
    receipts.take(CARRIER, { acknowledge: () => resolve(), refuse: () => undefined }, [
      {
        kind: 'receipt',
        handle: 1,
        destAddr: `86${number}`,
        receipt: {
          messageId: id,
          candidateIds: [id],
          state,
          isFinal: true,
          errorCode: '000',
          submitDate: '',
          doneDate: '',
        },
      },
    ]),
  );

/** Time goes by in which the orphans are looked at; as the job does, second by second. */
async function goBy(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    world().now += SECOND_MS;
    await receipts.retryOrphans();
  }
}

const entriesOf = async (id: string) =>
  (await world().audit.read(null, 500)).entries.filter((entry) => entry.subject === `msg_${id}`);

describe('a message whose process is gone before its outcome', () => {
  it('is settled by its receipts, one for each segment, and reaches one final state with the last', async () => {
    const number = phone();
    const [id] = await lost(number, [3]);
    await recovery.settleOrphans();
    await receipt(number, 'a1');
    await receipt(number, 'a2');
    await goBy(20);
    expect(await stateOf(id!)).toMatchObject({ state: 'in_doubt' });
    expect((await segmentsOf(id!)).map(({ state }) => state)).toEqual(['delivered', 'delivered', 'unknown']);
    await receipt(number, 'a3', 'undeliverable');
    await goBy(20);
    expect(await stateOf(id!)).toEqual({ state: 'undelivered', code: 'UNDELIV' });
    expect((await entriesOf(id!)).map(({ action }) => action)).toEqual([
      'message.undelivered',
      'message.in_doubt',
      'message.accepted',
    ]);
  });

  it('takes receipts that came before the doubt was known', async () => {
    const number = phone();
    const [id] = await lost(number, [2]);
    world().now += SECOND_MS;
    await receipt(number, 'b1');
    await receipt(number, 'b2');
    await goBy(18);
    await recovery.settleOrphans();
    await goBy(20);
    expect(await stateOf(id!)).toEqual({ state: 'delivered', code: 'DELIVERED' });
  });

  it('counts a receipt that comes twice for one segment only', async () => {
    const number = phone();
    const [id] = await lost(number, [2]);
    await recovery.settleOrphans();
    await receipt(number, 'c1');
    await receipt(number, 'c1');
    await goBy(20);
    expect((await segmentsOf(id!)).map(({ state }) => state)).toEqual(['delivered', 'unknown']);
    expect(await stateOf(id!)).toMatchObject({ state: 'in_doubt' });
    await receipt(number, 'c1');
    await goBy(20);
    expect(await stateOf(id!)).toMatchObject({ state: 'in_doubt' });
    await receipt(number, 'c2');
    await goBy(20);
    expect(await stateOf(id!)).toEqual({ state: 'delivered', code: 'DELIVERED' });
    const { rows } = await world().owner.query('select from orphan_receipts where given_up_at is null');
    expect(rows).toEqual([]);
  });

  it('takes no receipt that came before its intent, another carrier’s or another number’s', async () => {
    const number = phone();
    await receipt(number, 'd1');
    world().now += SECOND_MS;
    const [id] = await lost(number, [1]);
    await recovery.settleOrphans();
    await receipt(phone(), 'd2');
    await goBy(40);
    expect(await stateOf(id!)).toMatchObject({ state: 'in_doubt' });
    // An old one does not stand in the way of its own.
    await receipt(number, 'd3');
    await goBy(20);
    expect(await stateOf(id!)).toEqual({ state: 'delivered', code: 'DELIVERED' });
  });

  it('takes no receipts that contradict each other and are more than its segments', async () => {
    const number = phone();
    const [id] = await lost(number, [1]);
    await recovery.settleOrphans();
    await receipt(number, 'e1');
    await receipt(number, 'e2', 'undeliverable');
    await goBy(40);
    expect(await stateOf(id!)).toMatchObject({ state: 'in_doubt' });
  });

  it('waits while another message to its number has no outcome yet: the receipt may be of that one', async () => {
    const number = phone();
    const [doubtful] = await lost(number, [1]);
    await recovery.settleOrphans();
    // Of a process that is not known to be gone: its intent stands without an outcome.
    const [open] = await world().sent(sender, [number], { kind: 'notice' });
    await intend([open!]);
    await receipt(number, 'f1');
    await goBy(20);
    expect(await stateOf(doubtful!)).toMatchObject({ state: 'in_doubt' });
    // The other turns out to be in doubt as well: neither is told apart from the other.
    await recovery.settleOrphans();
    await goBy(60);
    expect([(await stateOf(doubtful!)).state, (await stateOf(open!)).state]).toEqual([
      'in_doubt',
      'in_doubt',
    ]);
  });

  it('takes no receipt that came while numbers are not trusted, as after a restore', async () => {
    const number = phone();
    const [id] = await lost(number, [1]);
    await recovery.settleOrphans();
    const until = world().now + 30 * SECOND_MS;
    await world().db.sweep((tx) => distrustNumbers(tx, until));
    await receipt(number, 'g1');
    await goBy(40);
    expect(await stateOf(id!)).toMatchObject({ state: 'in_doubt' });
    await receipt(number, 'g2');
    await goBy(20);
    expect(await stateOf(id!)).toEqual({ state: 'delivered', code: 'DELIVERED' });
  });
});
