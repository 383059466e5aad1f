import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecovery, outcomeLane } from '../../apps/server/src/modules/sms/dispatch/public.ts';
import type { Outgoing } from '../../apps/server/src/modules/sms/messages/public.ts';
import { messageWorldForTests } from '../world/messages.ts';

const world = messageWorldForTests();

describe('group commit', () => {
  it('runs what waits together, lets one failing item fail alone, and stores each of the others once', async () => {
    const runs: number[][] = [];
    const submit = world().lane<number, number>({
      name: 'numbers',
      tenantsOf: () => [],
      async run(flush, items) {
        runs.push([...items]);
        for (const item of items) {
          await flush.tx.query('insert into installation (name, value) values ($1, $2)', [
            `n${item}`,
            item === 3 ? null : 'x',
          ]);
        }
        return items.map((item) => item * 10);
      },
    });
    const settled = await Promise.allSettled([1, 2, 3, 4].map(submit));
    expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect(runs[0]).toEqual([1, 2, 3, 4]);
    const { rows } = await world().owner.query(
      `select name from installation where name like 'n_' order by name`,
    );
    expect(rows.map((row) => row.name)).toEqual(['n1', 'n2', 'n4']);
  });

  it('does not run committed work again when the hand-over after it fails', async () => {
    let runs = 0;
    const submit = world().lane<string, string>({
      name: 'hand-over',
      tenantsOf: () => [],
      async run(flush, items) {
        runs += items.length;
        for (const item of items)
          await flush.tx.query('insert into installation (name, value) values ($1, $1)', [item]);
        return [...items];
      },
      committed() {
        throw new Error('planted');
      },
    });
    expect(await Promise.all([submit('once-a'), submit('once-b')])).toEqual(['once-a', 'once-b']);
    expect(runs).toBe(2);
  });

  it('fails an item whose later write fails, and keeps nothing of it', async () => {
    const submit = world().lane<string, void>({
      name: 'later',
      tenantsOf: () => [],
      async run(flush, items) {
        flush.later(flush.tx.query('insert into installation (name, value) values ($1, $1)', ['kept?']));
        flush.later(flush.tx.query('insert into installation (name, value) values ($1, null)', ['bad']));
        return items.map(() => undefined);
      },
    });
    await expect(submit('x')).rejects.toThrow();
    const { rowCount } = await world().owner.query(`select from installation where name = 'kept?'`);
    expect(rowCount).toBe(0);
  });
});

describe('a commit that goes out behind another', () => {
  /** Items are numbers; `bad` ones break a statement whose answer comes after the next transaction was begun. */
  const numbersLane = (name: string, bad: (item: number) => boolean, runs: number[][]) =>
    world().lane<number, number>({
      name,
      tenantsOf: () => [],
      async run(flush, items) {
        runs.push([...items]);
        for (const item of items) {
          flush.later(
            flush.tx.query('insert into installation (name, value) values ($1, $2)', [
              `${name}${item}`,
              bad(item) ? null : 'x',
            ]),
          );
        }
        return items.map((item) => item * 10);
      },
    });

  it('keeps every acknowledged item once and fails the bad ones alone, whatever comes together', async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          // Up to twice what makes a transaction begin behind another's commit; few fail, each alone and once more.
          fc
            .tuple(fc.integer({ min: 0, max: 70 }), fc.uniqueArray(fc.nat(69), { maxLength: 2 }))
            .map(([items, bad]) => Array.from({ length: items }, (_, i) => bad.includes(i))),
          { minLength: 1, maxLength: 5 },
        ),
        async (waves) => {
          const name = `w${++round}-`;
          const bad = waves.flat();
          const submit = numbersLane(name, (item) => bad[item]!, []);
          const asked: Promise<number>[] = [];
          for (const wave of waves) {
            for (const _ of wave) asked.push(submit(asked.length));
            // Looked at below: an early refusal must not count as forgotten.
            for (const one of asked) one.catch(() => undefined);
            // The next wave meets the transaction of this one somewhere between its begin and its end.
            await world().owner.query('select 1');
          }
          const settled = await Promise.allSettled(asked);
          expect(settled.map((one) => one.status === 'rejected')).toEqual(bad);
          const { rows } = await world().owner.query<{ name: string }>(
            'select name from installation where starts_with(name, $1)',
            [name],
          );
          const good = bad.flatMap((isBad, item) => (isBad ? [] : [`${name}${item}`]));
          expect(rows.map((row) => row.name).sort()).toEqual(good.sort());
        },
      ),
      { numRuns: 30 },
    );
  });

  it('answers every item with the loss of the store, and works again over a new connection', async () => {
    const submit = world().lane<number, number>({
      name: 'lost',
      tenantsOf: () => [],
      async run(flush, items) {
        for (const item of items) {
          if (item === 1) {
            flush.later(flush.tx.query('select pg_terminate_backend(pg_backend_pid())'));
          } else
            flush.later(
              flush.tx.query('insert into installation (name, value) values ($1, $1)', [`lost${item}`]),
            );
        }
        return [...items];
      },
    });
    const first = submit(1);
    await world().owner.query('select 1');
    const settled = await Promise.allSettled([first, submit(2), submit(3)]);
    expect(settled[0]!.status).toBe('rejected');
    const { rows } = await world().owner.query<{ name: string }>(
      `select name from installation where starts_with(name, 'lost') order by 1`,
    );
    const kept = [2, 3]
      .filter((item) => settled[item - 1]!.status === 'fulfilled')
      .map((item) => `lost${item}`);
    expect(rows.map((row) => row.name)).toEqual(kept);
    expect(await submit(4)).toBe(4);
  });
});

describe('recovery', () => {
  it('sends a message that was to be tried again once, though its old chunk outlived the process', async () => {
    const sender = await world().addSender('重试');
    const [messageId] = await world().sent(sender, ['13900000001']);
    const outgoing = world().handedOver.at(-1)!;
    expect(outgoing.messageId).toBe(messageId);
    const record = world().lane(outcomeLane({ ids: world().ids, onFinal: () => undefined }));
    const carrier = '77';
    await record({
      kind: 'outcome',
      message: outgoing,
      carrierId: carrier,
      segments: [
        {
          tenantId: sender.tenantId,
          messageId: messageId!,
          attempt: 1,
          segment: 1,
          carrierId: carrier,
          state: 'rejected',
          carrierKey: null,
          carrierMessageId: null,
          status: 'SMPP:0058',
          route: 'test',
          intendedAt: world().now,
        },
      ],
      conclusion: { kind: 'retry', notBefore: world().now },
    });
    // The process dies here: both chunks stand, owned by nobody.
    await world().owner.query('update dispatch_chunks set owner = 0');
    const taken: Outgoing[] = [];
    const recovery = createRecovery({
      db: world().db,
      vault: world().vault,
      makeChange: world().makeChange,
      dispatcher: {
        hasRoom: () => true,
        take: (_chunk: string, messages: readonly Outgoing[]) => taken.push(...messages),
      } as never,
      owner: '5',
      now: () => world().now,
    });
    await recovery.claim();
    const mine = taken.filter((message) => message.messageId === messageId);
    expect(mine.map((message) => message.attempt)).toEqual([2]);
  });
});
