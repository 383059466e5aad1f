import { beforeAll } from 'vitest';
import {
  type MessageWorld,
  messageWorldForTests,
  plantedScreen,
  type Sender,
} from '../../../../../../../tests/world/messages.ts';
import { type Ending, moveMessages } from '../finish.ts';
import { createMessageReading, type MessageReading } from './public.ts';

/** Where the segments of these tests went. */
export const CARRIER = '77';

/** The reading of messages over the accept path, and what moves a message on behind it. */
export type ReadingWorld = {
  readonly world: MessageWorld;
  readonly reading: MessageReading;
  readonly sender: Sender;
  /** Another tenant, who must see nothing of the first. */
  readonly other: Sender;
  end(of: Sender, ids: readonly string[], event: Ending['event'], errCode: string | null): Promise<unknown>;
  /** A submitted segment of a message of `sender`, its intent 3 ms old. */
  addSegment(
    id: string,
    segment: number,
    state: string,
    facts?: { attempt?: number; status?: string; receiptAt?: number },
  ): Promise<void>;
};

/** A world for a test file: made before its tests, closed after them. */
export function readingWorldForTests(): () => ReadingWorld {
  const messages = messageWorldForTests();
  let made: ReadingWorld | null = null;
  beforeAll(async () => {
    made = await openReadingWorld(messages());
  });
  return () => {
    if (made === null) throw new Error('the world is made in beforeAll: ask for it in a test');
    return made;
  };
}

async function openReadingWorld(world: MessageWorld): Promise<ReadingWorld> {
  const { db, vault, makeChange, owner } = world;
  const now = (): number => world.now;
  const sender = await world.addSender('查询公司');
  const other = await world.addSender('别家公司');
  await owner.query(
    `insert into carriers (id, name, host, port, tls, system_id, sealed_password, source_address, window_size, per_second, enabled, sandbox, created_at)
     values ($1, 'north', '127.0.0.1', 2775, false, 'signet', '', '1069', 10, 0, true, false, now())`,
    [CARRIER],
  );
  return {
    world,
    reading: createMessageReading({ db, vault, makeChange, now, screen: plantedScreen }),
    sender,
    other,
    end: ({ tenantId }, ids, event, errCode) =>
      makeChange({
        tenants: [tenantId],
        run: (tx, log, at) =>
          moveMessages(
            { tx, log, now: at },
            ids.map((messageId) => ({ tenantId, messageId, event, errCode, actor: `carrier:${CARRIER}` })),
            async () => undefined,
          ),
      }),
    async addSegment(id, segment, state, { attempt = 1, status, receiptAt } = {}) {
      await owner.query(
        `insert into segments (tenant_id, message_id, attempt, segment, carrier_id, state, carrier_key, carrier_message_id, status, route, intended_at, at, receipt_at)
         values ($1, $2, $3, $4, $5, $6, null, $7, $8, 'least_backlog', $9, $10, $11)`,
        [
          sender.tenantId,
          id,
          attempt,
          segment,
          CARRIER,
          state,
          state === 'rejected' ? null : `id-${segment}`,
          status ?? null,
          new Date(now() - 3),
          new Date(now()),
          receiptAt === undefined ? null : new Date(receiptAt),
        ],
      );
    },
  };
}
