import { beforeAll, describe, expect, it } from 'vitest';
import { messageWorldForTests, type Sender } from '../../../../../../tests/world/messages.ts';
import type { Link, Outcome, Submission } from '../carriers/public.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { attemptLane, outcomeLane } from './lanes.ts';

const world = messageWorldForTests();
const CARRIER = '77';
const TIMEOUT: Outcome = { kind: 'unknown', reason: 'timeout' };
const THROTTLED: Outcome = { kind: 'rejected', status: 0x58, retryable: true };
const BAD_NUMBER: Outcome = { kind: 'rejected', status: 0x0b, retryable: false };
const accepted = (carrierMessageId: string): Outcome => ({ kind: 'accepted', carrierMessageId });

let dispatcher: Dispatcher;
let sender: Sender;
let submitted: Submission[] = [];
let numbers = 0;
/** While true the store takes no outcome. */
let storeAway = false;
let timers: (() => void)[] = [];

beforeAll(async () => {
  const { ids, owner } = world();
  await owner.query(
    `insert into carriers (id, name, host, port, tls, system_id, sealed_password, source_address, window_size, per_second, enabled, sandbox, created_at)
     values ($1, 'north', '127.0.0.1', 2775, false, 'signet', '', '1069', 10, 0, true, false, now())`,
    [CARRIER],
  );
  sender = await world().addSender('迟到公司');
  const store = world().lane(outcomeLane({ ids, onFinal: () => undefined }));
  const link: Pick<Link, 'state' | 'capacity' | 'submit'> = {
    state: 'bound',
    capacity: () => 10,
    submit: (batch) => void submitted.push(...batch),
  };
  dispatcher = createDispatcher({
    ids,
    now: () => world().now,
    owner: '7',
    carriers: () => [{ id: CARRIER, sandbox: false, sourceAddress: '1069', window: 10, link }],
    route: () => ({ carrierId: CARRIER, reason: 'least_backlog' }),
    recordAttempt: world().lane(attemptLane()),
    recordOutcome: (item) => (storeAway ? Promise.reject(new Error('the store is away')) : store(item)),
    countStep: () => undefined,
    seconds: () => world().now / 1000,
    onFault: () => undefined,
    setTimer: (_delayMs, act) => void timers.push(act),
  });
});

/** A message whose segments are on the wire, none answered yet; gives its id and their tokens. */
async function onTheWire(segments: number): Promise<{ id: string; tokens: number[] }> {
  const number = `1390002${String(++numbers).padStart(4, '0')}`;
  const [id] = await world().sent(sender, [number], { kind: 'notice' });
  await world().owner.query('update messages set segment_count = $2 where id = $1', [id, segments]);
  submitted = [];
  const message = world().handedOver.find(({ messageId }) => messageId === id)!;
  const { rows } = await world().owner.query<{ id: string }>(
    'select id from dispatch_chunks where $1 = any (message_ids)',
    [id],
  );
  dispatcher.take(rows[0]!.id, [{ ...message, text: '短'.repeat(segments === 1 ? 10 : 67 * segments) }]);
  await expect.poll(() => submitted.length).toBe(segments);
  return { id: id!, tokens: submitted.map(({ token }) => token) };
}

const settle = (token: number, outcome: Outcome) => dispatcher.settled([{ token, outcome }]);
const late = (token: number, outcome: Outcome) => dispatcher.late([{ token, outcome }]);
const stored = () => expect.poll(() => dispatcher.wireIdle()).toBe(true);
const letTimersRun = () => {
  const due = timers;
  timers = [];
  for (const act of due) act();
};

const messageOf = async (id: string) =>
  (
    await world().owner.query<{ state: string; code: string | null }>(
      'select state, err_code as code from messages where id = $1',
      [id],
    )
  ).rows[0]!;
const segmentsOf = async (id: string) =>
  (
    await world().owner.query<{ state: string; key: string | null; status: string | null }>(
      'select state, carrier_key as key, status from segments where message_id = $1 order by attempt, segment',
      [id],
    )
  ).rows;
const queuedAgain = async (id: string) =>
  (await world().owner.query('select from dispatch_chunks where $1 = any (message_ids)', [id])).rowCount;
const actionsOf = async (id: string) =>
  (await world().audit.read(null, 500)).entries
    .filter((entry) => entry.subject === `msg_${id}`)
    .map(({ action }) => action);

describe('an answer after the timeout', () => {
  it('accepted: gives the segment its id and ends the doubt', async () => {
    const { id, tokens } = await onTheWire(1);
    settle(tokens[0]!, TIMEOUT);
    await stored();
    expect(await messageOf(id)).toEqual({ state: 'in_doubt', code: null });
    late(tokens[0]!, accepted('00AB'));
    await stored();
    expect(await segmentsOf(id)).toEqual([{ state: 'accepted', key: 'ab', status: null }]);
    expect(await messageOf(id)).toEqual({ state: 'accepted', code: null });
    expect(await queuedAgain(id)).toBe(0);
    expect(await actionsOf(id)).toEqual(['message.cleared', 'message.in_doubt', 'message.accepted']);
    // A second answer, or one to nothing, is none.
    late(tokens[0]!, BAD_NUMBER);
    late(-1, BAD_NUMBER);
    await stored();
    expect(await messageOf(id)).toEqual({ state: 'accepted', code: null });
  });

  it.each([
    ['for good', BAD_NUMBER, 'SMPP:000B'],
    ['for now', THROTTLED, 'SMPP:0058'],
  ])('rejected %s: fails the message, which is not sent again', async (_, outcome, code) => {
    const { id, tokens } = await onTheWire(1);
    settle(tokens[0]!, TIMEOUT);
    await stored();
    late(tokens[0]!, outcome);
    await stored();
    expect(await messageOf(id)).toEqual({ state: 'undelivered', code });
    expect(await segmentsOf(id)).toEqual([{ state: 'rejected', key: null, status: code }]);
    expect(await queuedAgain(id)).toBe(0);
    expect(submitted).toHaveLength(1);
  });

  it('of one segment leaves the message in doubt while another is unknown', async () => {
    const { id, tokens } = await onTheWire(3);
    settle(tokens[0]!, accepted('1'));
    settle(tokens[1]!, TIMEOUT);
    settle(tokens[2]!, TIMEOUT);
    await stored();
    late(tokens[1]!, accepted('2'));
    await stored();
    expect(await messageOf(id)).toMatchObject({ state: 'in_doubt' });
    late(tokens[2]!, accepted('3'));
    await stored();
    expect(await messageOf(id)).toMatchObject({ state: 'accepted' });
    expect((await segmentsOf(id)).map(({ key }) => key)).toEqual(['1', '2', '3']);
  });

  it('of two segments at once: one refused fails the message', async () => {
    const { id, tokens } = await onTheWire(2);
    for (const token of tokens) settle(token, TIMEOUT);
    await stored();
    dispatcher.late([
      { token: tokens[0]!, outcome: accepted('1') },
      { token: tokens[1]!, outcome: BAD_NUMBER },
    ]);
    await stored();
    expect(await messageOf(id)).toEqual({ state: 'undelivered', code: 'SMPP:000B' });
  });

  it('before the other segments have their outcome: counts as the outcome, but never for another try', async () => {
    const { id, tokens } = await onTheWire(2);
    settle(tokens[0]!, TIMEOUT);
    late(tokens[0]!, THROTTLED);
    settle(tokens[1]!, THROTTLED);
    await stored();
    expect(await messageOf(id)).toEqual({ state: 'undelivered', code: 'SMPP:0058' });
    expect(await queuedAgain(id)).toBe(0);
  });

  it('while the outcome could not be stored yet: is stored after it', async () => {
    const { id, tokens } = await onTheWire(1);
    storeAway = true;
    settle(tokens[0]!, TIMEOUT);
    late(tokens[0]!, accepted('7'));
    await expect.poll(() => timers.length).toBeGreaterThan(1);
    expect(await messageOf(id)).toMatchObject({ state: 'accepted' });
    expect(await segmentsOf(id)).toEqual([]);
    storeAway = false;
    letTimersRun();
    await stored();
    expect(await segmentsOf(id)).toEqual([{ state: 'accepted', key: '7', status: null }]);
    expect(await actionsOf(id)).toEqual(['message.cleared', 'message.in_doubt', 'message.accepted']);
  });

  it('changes nothing for a message that has its final state', async () => {
    const { id, tokens } = await onTheWire(1);
    settle(tokens[0]!, TIMEOUT);
    await stored();
    await world().owner.query(`update messages set state = 'expired', err_code = 'UNKNOWN' where id = $1`, [
      id,
    ]);
    late(tokens[0]!, BAD_NUMBER);
    await stored();
    expect(await messageOf(id)).toEqual({ state: 'expired', code: 'UNKNOWN' });
  });
});
