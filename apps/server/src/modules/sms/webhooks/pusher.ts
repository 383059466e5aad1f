import type { Database } from '../../../platform/db.ts';
import type { HttpOut } from '../../../platform/http-out/public.ts';
import type { Vault } from '../../trust/vault/public.ts';
import { type ReplyEvent, type ReportEvent, smsReport, smsUp } from './elements.ts';
import {
  type DeliveryKind,
  GIVE_UP_AFTER_MS,
  judgeAnswer,
  nextTryAt,
  type PushStatus,
  secretPlace,
} from './model.ts';
import { pushHeaders } from './signature.ts';
import { type ClaimedRow, claimDue, giveUpOld, openRound, type SettledPush, settlePushes } from './store.ts';
import { createTurns, type PushEnd } from './turns.ts';

export type PusherDeps = {
  db: Pick<Database, 'sweep'>;
  vault: Pick<Vault, 'sealer'>;
  /** With PUSHES_IN_FLIGHT connections an origin. */
  http: Pick<HttpOut, 'post'>;
  /** The time-out of `http`: a lease outlasts it. */
  timeoutMs: number;
  /** What the push of these messages tells (sms/messages); those that were erased are left out. */
  readReports(tenantId: string, messageIds: readonly string[]): Promise<ReportEvent[]>;
  /** What the push of these replies tells (sms/inbound). */
  readReplies(tenantId: string, inboundIds: readonly string[]): Promise<ReplyEvent[]>;
  now(): number;
  /** Runs `act` once after `delayMs`; returns its cancellation. */
  setTimer(delayMs: number, act: () => void): () => void;
  /** The store, or the reading of elements, failed; the deliveries concerned come up again. */
  onError(error: unknown): void;
};

export type Pusher = {
  /** Looks for due deliveries now and every second from now on. */
  start(): void;
  /** Something is due, or may be: called after each commit that queued a delivery. */
  wake(): void;
  /** What is known of a tenant's endpoints holds no longer. */
  forgive(tenantId: string): void;
  /** Resolves when nothing is due that could be pushed now, and nothing is in flight. */
  idle(): Promise<void>;
  /** Takes nothing new, lets what is in flight end and stores its outcomes. */
  stop(): Promise<void>;
  readonly counters: Readonly<Record<'pushed' | 'events' | 'failed' | 'dead', number>>;
};

const POLL_MS = 1_000;
const LEASE_MARGIN_MS = 15_000;
const GIVE_UP_EVERY_MS = 60_000;

/** Step 19: pushes what was queued, at least once, with slots and turns by endpoint (turns.ts). */
export function createPusher(deps: PusherDeps): Pusher {
  const counters = { pushed: 0, events: 0, failed: 0, dead: 0 };
  const turns = createTurns();
  const inFlight = new Set<Promise<void>>();
  let outcomes: SettledPush[] = [];
  let asked = false;
  let running: Promise<void> | undefined;
  let stopped = false;
  let cancelPoll: (() => void) | undefined;
  let gaveUpAt = deps.now();

  const pushOne = async (row: ClaimedRow, elements: readonly unknown[]): Promise<PushStatus> => {
    if (row.url === null) return 'no_address';
    if (elements.length === 0) return 'erased';
    const sealer = await deps.vault.sealer(row.tenant_id);
    const secret = sealer.open(secretPlace(row.tenant_id), row.sealed_secret).toString('utf8');
    const body = JSON.stringify(elements);
    return judgeAnswer(await deps.http.post(row.url, body, pushHeaders(secret, row.id, body, deps.now())));
  };

  const pushRow = async (row: ClaimedRow, elements: Promise<Map<string, unknown>>): Promise<void> => {
    const startedAt = deps.now();
    let status: PushStatus;
    let count = 0;
    try {
      const known = await elements;
      const told = row.event_ids.flatMap((id) => known.get(id) ?? []);
      count = told.length;
      status = await pushOne(row, told);
    } catch (error) {
      deps.onError(error);
      status = 'internal';
    }
    const endedAt = deps.now();
    const outcome = settle(row, status, endedAt);
    outcomes.push(outcome);
    turns.end(endpointOf(row), poolOf(row), endOf(status, endedAt - startedAt), endedAt);
    if (outcome.state === 'delivered') {
      counters.pushed++;
      counters.events += count;
    } else {
      counters.failed++;
      if (outcome.state === 'dead') counters.dead++;
    }
  };

  const begin = (rows: readonly ClaimedRow[]): void => {
    for (const group of groupByEndpoint(rows)) {
      const { tenant_id, kind } = group[0]!;
      const elements = readElements(
        deps,
        tenant_id,
        kind,
        group.flatMap((row) => row.event_ids),
      );
      for (const row of group) {
        turns.begin(endpointOf(row), poolOf(row));
        const push = pushRow(row, elements).finally(() => {
          inFlight.delete(push);
          wake();
        });
        inFlight.add(push);
      }
    }
  };

  /** One transaction: what ended is stored, what is due is leased. */
  const round = async (): Promise<void> => {
    const now = deps.now();
    const openings = turns.openings(now);
    const claiming = !stopped && (openings.free.quick > 0 || openings.free.slow > 0);
    // A copy: pushes go on ending while the transaction runs.
    const settling = [...outcomes];
    const giveUp = now - gaveUpAt >= GIVE_UP_EVERY_MS ? turns.failing() : [];
    if (!claiming && settling.length === 0) return;
    const rows = await deps.db.sweep(async (tx) => {
      await openRound(tx);
      if (settling.length > 0) await settlePushes(tx, settling);
      if (giveUp.length > 0) counters.dead += await giveUpOld(tx, giveUp, now - GIVE_UP_AFTER_MS, now);
      return claiming ? claimDue(tx, openings, now, now + deps.timeoutMs + LEASE_MARGIN_MS) : [];
    });
    if (now - gaveUpAt >= GIVE_UP_EVERY_MS) gaveUpAt = now;
    outcomes = outcomes.slice(settling.length);
    begin(rows);
  };

  const run = async (): Promise<void> => {
    while (asked) {
      asked = false;
      try {
        await round();
      } catch (error) {
        // Outcomes are kept, and the next wake or poll comes back to them.
        deps.onError(error);
        return;
      }
    }
  };

  const wake = (): void => {
    asked = true;
    running ??= run().finally(() => {
      running = undefined;
      if (asked) wake();
    });
  };

  const poll = (): void => {
    cancelPoll = deps.setTimer(POLL_MS, poll);
    wake();
  };

  const idle = async (): Promise<void> => {
    wake();
    while (running !== undefined || inFlight.size > 0) await (running ?? Promise.race(inFlight));
  };

  return {
    counters,
    wake,
    idle,
    forgive: turns.forgive,
    start: poll,
    async stop() {
      stopped = true;
      cancelPoll?.();
      await idle();
    },
  };
}

const endpointOf = (row: ClaimedRow) => ({ tenantId: row.tenant_id, kind: row.kind });
const poolOf = (row: ClaimedRow) => (row.slow ? 'slow' : 'quick');

function endOf(status: PushStatus, elapsedMs: number): PushEnd {
  if (status === '200') return { kind: 'ok', elapsedMs };
  const ours = status === 'internal' || status === 'erased' || status === 'no_address';
  return { kind: ours ? 'neutral' : 'failed' };
}

/** What no repeat can change ends here; the rest follows the schedule. */
function settle(row: ClaimedRow, status: PushStatus, now: number): SettledPush {
  const { tenant_id: tenantId, id, tries } = row;
  const ended = { tenantId, id, tries, status, nextAt: now };
  if (status === '200') return { ...ended, state: 'delivered' };
  if (status === 'no_address' || status === 'erased') return { ...ended, state: 'dead' };
  const nextAt = nextTryAt({ tries, createdAt: row.created_at.getTime() }, now);
  return nextAt === null ? { ...ended, state: 'dead' } : { ...ended, state: 'waiting', nextAt };
}

function groupByEndpoint(rows: readonly ClaimedRow[]): ClaimedRow[][] {
  const groups = new Map<string, ClaimedRow[]>();
  for (const row of rows) {
    const key = `${row.kind}/${row.tenant_id}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** Elements of all rows of one claim and endpoint in one read, by event id. */
async function readElements(
  deps: Pick<PusherDeps, 'readReports' | 'readReplies'>,
  tenantId: string,
  kind: DeliveryKind,
  eventIds: readonly string[],
): Promise<Map<string, unknown>> {
  if (kind === 'report') {
    const events = await deps.readReports(tenantId, eventIds);
    return new Map(events.map((event) => [event.messageId, smsReport(event)]));
  }
  const events = await deps.readReplies(tenantId, eventIds);
  return new Map(events.map((event) => [event.inboundId, smsUp(event)]));
}
