import type { Database, Tx } from '../../../../platform/db.ts';
import { firstIdAt, type Ids } from '../../../../platform/ids.ts';
import type { MakeChange, OpenLog } from '../../../trust/audit/public.ts';
import { type Ending, moveMessages, type Writing } from '../finish.ts';
import { marketingNotBefore } from '../model.ts';
import { moveStates } from '../store.ts';
import {
  type Destroyed,
  destroyAnswers,
  destroyBatch,
  type MessageKey,
  readHeld,
  readLapsedHeld,
  readOldestId,
  readSettledBelow,
  readTenantIds,
  readWaiting,
  storeReleased,
  storeSettledBelow,
  takeHeld,
} from './store.ts';

export type KeepingDeps = {
  db: Database;
  makeChange: MakeChange;
  ids: Ids;
  /** sms/webhooks: queues the reports of what became final, in the same transaction. */
  queueReports(writing: Writing, finals: readonly { tenantId: string; messageId: string }[]): Promise<void>;
  /** trust/approvals: closes the open reviews of messages that expired, in the same transaction. */
  closeReviews(writing: Writing, messages: readonly MessageKey[]): Promise<void>;
};

export type MessageKeeping = {
  /** Held messages past their time become expired with EXPIRED. Returns how many. */
  expireHeld(now: number): Promise<number>;
  /**
   * The effect of a review, within its transaction. True when the message goes to the gateway: then the claim is to be
   * woken after the commit. A message whose time is over expires whatever the decision; one not held any more stays.
   */
  releaseHeld(
    tx: Tx,
    log: OpenLog,
    now: number,
    messageId: string,
    tenantId: string,
    approve: boolean,
  ): Promise<boolean>;
  /** Messages without a final state after 72 h become expired with UNKNOWN. Returns how many. */
  giveUpWaiting(now: number): Promise<number>;
  /** Step 20: deletes what is older than this, with an audit entry a batch. Returns what was destroyed. */
  applyRetention(
    now: number,
    retentionDays: number,
  ): Promise<Omit<Destroyed, 'fromId' | 'toId'> & { answers: number }>;
};

/** What QuerySendDetails and the push say of a message that a reviewer rejected (reference §8). */
export const RELEASE_REFUSAL = 'isv.SMS_CONTENT_ILLEGAL';

// A change runs inside the group commit, so a batch holds up the sends that wait for the same commit.
const BATCH = 250;
const ANSWERS_A_BATCH = 1_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** No receipt in 72 h counts as unknown (reference §7, SendStatus). */
export const RECEIPT_WAIT_MS = 72 * HOUR_MS;
const ACTOR = 'system:keeping';

/** What time does to messages: jobs, called with the time that it is. Each batch is one change and may be cut off. */
export function createMessageKeeping(deps: KeepingDeps): MessageKeeping {
  return {
    async expireHeld(now) {
      let expired = 0;
      for (;;) {
        const lapsed = await deps.db.sweep((tx) => readLapsedHeld(tx, new Date(now), BATCH));
        if (lapsed.length > 0) expired += await expireBatch(deps, lapsed);
        if (lapsed.length < BATCH) return expired;
      }
    },
    releaseHeld: (tx, log, now, messageId, tenantId, approve) =>
      decide(deps, { tx, log, now }, { tenantId, messageId }, approve),
    giveUpWaiting: (now) => giveUp(deps, firstIdAt(now - RECEIPT_WAIT_MS)),
    async applyRetention(now, retentionDays) {
      const before = now - retentionDays * DAY_MS;
      const total = { messages: 0, refusals: 0, inbound: 0, deliveries: 0, answers: 0 };
      for (const tenantId of await deps.db.sweep(readTenantIds)) {
        for (;;) {
          const gone = await destroy(deps, tenantId, before);
          total.messages += gone.messages;
          total.refusals += gone.refusals;
          total.inbound += gone.inbound;
          total.deliveries += gone.deliveries;
          if (Math.max(gone.messages, gone.refusals, gone.inbound, gone.deliveries) < BATCH) break;
        }
      }
      for (let gone = ANSWERS_A_BATCH; gone === ANSWERS_A_BATCH; total.answers += gone) {
        gone = await deps.db.sweep((tx) => destroyAnswers(tx, new Date(now), ANSWERS_A_BATCH));
      }
      return total;
    },
  };
}

const tenantsOf = (keys: readonly MessageKey[]): string[] => [...new Set(keys.map((key) => key.tenantId))];

const expiries = (keys: readonly MessageKey[], errCode: string): Ending[] =>
  keys.map((key) => ({ ...key, event: 'expire', errCode, actor: ACTOR }));

const expireBatch = (deps: KeepingDeps, lapsed: readonly MessageKey[]): Promise<number> =>
  deps.makeChange({
    tenants: tenantsOf(lapsed),
    async run(tx, log, now) {
      const writing = { tx, log, now };
      // A decision may have come first: only what is still held expires here.
      const held = await takeHeld(tx, lapsed);
      if (held.length === 0) return 0;
      const { late } = await moveMessages(writing, expiries(held, 'EXPIRED'), deps.queueReports);
      await deps.closeReviews(writing, held);
      return held.length - late;
    },
  });

async function decide(
  deps: KeepingDeps,
  writing: Writing,
  key: MessageKey,
  approve: boolean,
): Promise<boolean> {
  const { tx, log, now } = writing;
  const held = await readHeld(tx, key);
  if (held === undefined) return false;
  const end = async (event: 'reject' | 'expire', errCode: string): Promise<boolean> => {
    await moveMessages(writing, [{ ...key, event, errCode, actor: 'system:approvals' }], deps.queueReports);
    return false;
  };
  // Marketing that was released in the evening waits for the morning (step 7).
  const notBefore = held.kind === 'marketing' ? marketingNotBefore(now) : now;
  if (held.expiresAt.getTime() <= now) return end('expire', 'EXPIRED');
  if (!approve) return end('reject', RELEASE_REFUSAL);
  if (held.expiresAt.getTime() <= notBefore) return end('expire', 'EXPIRED');
  const moved = await moveStates(tx, [{ ...key, errCode: null }], ['held'], 'accepted', now);
  if (moved.length === 0) return false;
  await storeReleased(tx, deps.ids.next(), key, new Date(notBefore));
  log.append({
    action: 'message.released',
    actor: 'system:approvals',
    tenantId: key.tenantId,
    subject: `msg_${key.messageId}`,
    facts: {},
  });
  return true;
}

/**
 * Looks through the ids from where the last run ended, six hours of ids at a time: there is no index on the state, which
 * would cost each message two more index entries for a job that finds next to nothing.
 */
async function giveUp(deps: KeepingDeps, beforeId: string): Promise<number> {
  const start = await deps.db.sweep(async (tx) => (await readSettledBelow(tx)) ?? (await readOldestId(tx)));
  if (start === undefined) return 0;
  let given = 0;
  let below = BigInt(start);
  const end = BigInt(beforeId);
  while (below < end) {
    const sliceEnd = below + ID_SLICE < end ? below + ID_SLICE : end;
    given += await giveUpSlice(deps, (below - 1n).toString(), sliceEnd.toString());
    below = sliceEnd;
    await deps.db.sweep((tx) => storeSettledBelow(tx, below.toString()));
  }
  return given;
}

/** Ids of six hours: an id holds its ms above 22 bits (platform/ids.ts). */
const ID_SLICE = BigInt(6 * HOUR_MS) << 22n;

async function giveUpSlice(deps: KeepingDeps, afterId: string, beforeId: string): Promise<number> {
  let given = 0;
  let after = afterId;
  for (;;) {
    const waiting = await deps.db.sweep((tx) => readWaiting(tx, after, beforeId, BATCH));
    if (waiting.length > 0) {
      given += await deps.makeChange({
        tenants: tenantsOf(waiting),
        async run(tx, log, now) {
          const { late } = await moveMessages(
            { tx, log, now },
            expiries(waiting, 'UNKNOWN'),
            deps.queueReports,
          );
          return waiting.length - late;
        },
      });
      after = waiting.at(-1)!.messageId;
    }
    if (waiting.length < BATCH) return given;
  }
}

const destroy = (deps: KeepingDeps, tenantId: string, before: number): Promise<Destroyed> =>
  deps.makeChange({
    tenants: [tenantId],
    async run(tx, log) {
      const gone = await destroyBatch(tx, {
        tenantId,
        beforeId: firstIdAt(before),
        before: new Date(before),
        limit: BATCH,
      });
      const { messages: count, fromId, toId, refusals, inbound, deliveries } = gone;
      if (count + refusals + inbound + deliveries > 0) {
        log.append({
          action: 'messages.destroyed',
          actor: ACTOR,
          tenantId,
          subject: `tenant_${tenantId}`,
          facts: { count, fromId, toId, refusals, inbound, deliveries },
        });
      }
      return gone;
    },
  });
