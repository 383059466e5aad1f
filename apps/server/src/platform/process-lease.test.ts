import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { databaseForTests } from '../../../../tests/world/database.ts';
import { openDatabase } from './db.ts';
import { BEAT_MS, DEAD_AFTER_MS, joinProcesses, LeaseLost } from './process-lease.ts';

const database = databaseForTests();
const START = Date.UTC(2026, 2, 2, 2, 0, 0);

/** A process on the store, and a store that can be taken away from all. */
async function withLease(
  alone: boolean,
  run: (world: {
    lease: Awaited<ReturnType<typeof joinProcesses>>;
    clock: { now(): number; at: number };
    setAway(away: boolean): Promise<void>;
    join(): ReturnType<typeof joinProcesses>;
  }) => Promise<void>,
): Promise<void> {
  const { host, port, user, database: name } = database().app;
  const db = openDatabase(
    { kind: 'embedded', socketDir: host, port, user, database: name },
    2,
    () => undefined,
  );
  const owner = new pg.Client(database().owner);
  await owner.connect();
  const clock = { at: START, now: () => clock.at };
  const setAway = async (away: boolean): Promise<void> => {
    await owner.query(`alter table ${away ? 'processes' : 'away'} rename to ${away ? 'away' : 'processes'}`);
  };
  try {
    const join = () => joinProcesses({ db, clock, alone });
    await run({ lease: await join(), clock, setAway, join });
  } finally {
    await owner.query('delete from processes');
    await owner.end();
    await db.close();
  }
}

const failureOf = (beat: Promise<void>): Promise<unknown> =>
  beat.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('the lease of a process', () => {
  it.each([true, false])('outlives a store that is away for a moment (alone: %s)', async (alone) => {
    await withLease(alone, async ({ lease, clock, setAway }) => {
      await setAway(true);
      clock.at += DEAD_AFTER_MS - BEAT_MS - 1;
      const failure = await failureOf(lease.beat());
      expect(failure).toBeInstanceOf(Error);
      expect(failure).not.toBeInstanceOf(LeaseLost);
      await setAway(false);
      await lease.beat();
    });
  });

  it('is given up before another process can have taken it, but never where there is no other', async () => {
    await withLease(false, async ({ lease, clock, setAway }) => {
      await setAway(true);
      clock.at += DEAD_AFTER_MS - BEAT_MS;
      expect(await failureOf(lease.beat())).toBeInstanceOf(LeaseLost);
      await setAway(false);
    });
    await withLease(true, async ({ lease, clock, setAway }) => {
      await setAway(true);
      clock.at += 100 * DEAD_AFTER_MS;
      expect(await failureOf(lease.beat())).not.toBeInstanceOf(LeaseLost);
      await setAway(false);
      await lease.beat();
    });
  });

  it('is lost to a process that joined after it was silent', async () => {
    await withLease(false, async ({ lease, clock, join }) => {
      clock.at += DEAD_AFTER_MS + 1;
      await (await join()).beat();
      expect(await failureOf(lease.beat())).toBeInstanceOf(LeaseLost);
    });
  });
});
