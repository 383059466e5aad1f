import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phoneOf, runningOf } from '../../benchmarks/requests.ts';
import { eventually, makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { type Carrier, startCarrier } from './carrier.ts';
import { codeOf, createLoad, type Load } from './kill-load.ts';
import { details, type Sender } from './sending.ts';
import { asOwner, type MessageState, readMessages } from './store.ts';

const MESSAGES = Number(process.env.SIGNET_TEST_KILL_MESSAGES ?? 20_000);
const KILLS = 4;
const CONNECTIONS = 100;
/** The answers of one commit come in a burst: a kill at one of them alone would never fall into the work on a commit. */
const AFTER_ANSWER_MS = 50;
const SEED = Number(process.env.SIGNET_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const DRAIN_MS = 90_000;

/** Mulberry32: the moments of a failed run come again with its seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** After so many acknowledgements the server is killed; each in its own part of the run, anywhere in it. */
function killMoments(random: () => number): number[] {
  const part = MESSAGES / (KILLS + 1);
  return Array.from({ length: KILLS }, (_, at) => Math.floor((at + 0.2 + random()) * part * 0.98));
}

describe(`kill -9 at random moments (seed ${SEED})`, () => {
  let dir: string;
  let carrier: Carrier;
  let server: RunningServer;
  let sender: Sender;
  let load: Load;
  let kills = 0;
  let messages: Map<string, MessageState>;
  /** What was still in hand at the end of the wait. */
  let left: number;

  /** State of an acknowledged message; the recipients of a call have the ids from the call's own on. */
  const stored = (bizId: string): MessageState | undefined => messages.get(bizId.split('^')[0]!);

  beforeAll(async () => {
    dir = makeDataDir('signet-kill-');
    carrier = await startCarrier();
    const env = { SIGNET_SANDBOX_SMSC: `127.0.0.1:${carrier.port}` };
    server = await startServer({ dataDir: dir, env });
    sender = server.ready;
    const random = randomOf(SEED);
    const moments = killMoments(random);
    let isDoomed = false;
    load = createLoad({ total: MESSAGES, connections: CONNECTIONS }, (count) => {
      if (isDoomed || count < (moments[0] ?? Number.POSITIVE_INFINITY)) return;
      moments.shift();
      kills++;
      isDoomed = true;
      setTimeout(() => server.process.kill('SIGKILL'), random() * AFTER_ANSWER_MS);
    });
    while (load.left() > 0) {
      await load.run(sender);
      if (!isDoomed) break;
      isDoomed = false;
      await server.kill();
      server = await startServer({ dataDir: dir, env });
      sender = { ...sender, url: server.ready.url };
    }
    left = await waitUntilDone();
    messages = new Map((await readMessages(dir)).map((message) => [message.id, message]));
  }, 420_000);

  /** Waits for the end of all that is in hand; the assertions tell more than a wait that failed. */
  async function waitUntilDone(): Promise<number> {
    const isDone = async () => ((await inHand()) === 0 ? true : undefined);
    await eventually('everything in hand is done', isDone, DRAIN_MS).catch(() => undefined);
    return inHand();
  }

  /** Messages without final state or doubt, outbox rows, intents, receipts without a segment, and those not taken. */
  async function inHand(): Promise<number> {
    const open = await asOwner(dir, async (client) => {
      const { rows } = await client.query<{ open: number }>(
        `select ((select count(*) from messages where state = 'accepted') + (select count(*) from dispatch_chunks)
           + (select count(*) from attempts) + (select count(*) from orphan_receipts))::int as open`,
      );
      return rows[0]!.open;
    });
    return open + carrier.owed();
  }

  afterAll(async () => {
    await server?.stop();
    await carrier?.close();
    removeDataDir(dir);
  });

  it('was killed while it sent, and every send was answered or cut off', () => {
    expect(kills).toBe(KILLS);
    expect(load.refused).toEqual([]);
    expect(load.acknowledged.size + load.unanswered.size).toBe(MESSAGES);
    expect(load.unanswered.size).toBeLessThanOrEqual(KILLS * CONNECTIONS);
    expect(left).toBe(0);
  });

  it('every acknowledged message is found', async () => {
    const missing = [...load.acknowledged.values()].filter((bizId) => stored(bizId) === undefined);
    expect(missing).toEqual([]);
    expect(new Set(load.acknowledged.values()).size).toBe(load.acknowledged.size);
    // And by their number through the API, at least those around the kills.
    const sample = [...load.acknowledged].filter((_, at) => at % Math.ceil(MESSAGES / 50) === 0);
    for (const [running, bizId] of sample) {
      const [row, ...more] = await details(sender, phoneOf(running).slice(2), bizId);
      expect([row?.Content, more]).toEqual([expect.stringContaining(codeOf(running)), []]);
    }
  });

  it('none is submitted twice, and each with its own text', () => {
    const byNumber = Map.groupBy(carrier.submits, ({ number }) => runningOf(number));
    const twice = [...byNumber].filter(([, submits]) => submits.length > 1).map(([running]) => running);
    const doubtful = (running: number): boolean => {
      const bizId = load.acknowledged.get(running);
      const message = bizId === undefined ? undefined : stored(bizId);
      return message !== undefined && (message.state === 'in_doubt' || message.lost);
    };
    expect(twice.filter((running) => !doubtful(running))).toEqual([]);
    // More than is promised: what is in doubt is not sent again either.
    expect(twice).toEqual([]);
    const wrong = carrier.submits.filter(({ number, text }) => !text.includes(codeOf(runningOf(number))));
    expect(wrong).toEqual([]);
  });

  it('every acknowledged message that is not in doubt was submitted once and is delivered', () => {
    const submitted = new Set(carrier.submits.map(({ number }) => runningOf(number)));
    const states: Record<string, number> = {};
    for (const [running, bizId] of load.acknowledged) {
      const { state, lost } = stored(bizId)!;
      states[state] = (states[state] ?? 0) + 1;
      if (state === 'in_doubt') expect(lost).toBe(true);
      else
        expect({ running, state, submitted: submitted.has(running) }).toEqual({
          running,
          state: 'delivered',
          submitted: true,
        });
    }
    // Doubt is bounded by what may have an intent at once: two windows of 200 a kill.
    expect(states.in_doubt ?? 0).toBeLessThanOrEqual(KILLS * 2 * 200);
    process.stdout.write(
      `kill -9 × ${kills} (seed ${SEED}): ${load.acknowledged.size} acknowledged, ${load.unanswered.size} cut off, ` +
        `${messages.size} stored, ${carrier.submits.length} submitted, ${JSON.stringify(states)}\n`,
    );
  });

  it('what was stored without an answer came to its end too', () => {
    const known = new Set([...load.acknowledged.values()].map((bizId) => bizId.split('^')[0]!));
    const others = [...messages.values()].filter(({ id }) => !known.has(id));
    expect(others.length).toBeLessThanOrEqual(load.unanswered.size);
    for (const { state } of others) expect(['delivered', 'in_doubt']).toContain(state);
  });
});
