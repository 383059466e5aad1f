import { storedIdKey } from '@signet/carrier-protocols/smpp';
import { splitSegments } from '@signet/sms-text';
import type { Ids } from '../../../platform/ids.ts';
import type { Link, Settled, Submission } from '../carriers/public.ts';
import type { Outgoing } from '../messages/public.ts';
import type { RouteChoice } from '../routing/public.ts';
import { FifoQueue } from './fifo-queue.ts';
import type { OutcomeItem } from './lanes.ts';
import type { AnsweredOutcome } from './late-answers.ts';
import { conclude as concludeAttempt, type SegmentWrite, statusCode } from './model.ts';
import type { AttemptRow } from './store.ts';

/** A carrier as the dispatcher drives it. */
export type DispatchCarrier = {
  id: string;
  sandbox: boolean;
  sourceAddress: string;
  window: number;
  link: Pick<Link, 'state' | 'capacity' | 'submit'>;
};

export type DispatcherDeps = {
  ids: Ids;
  now(): number;
  /** Id of this process. */
  owner: string;
  carriers(): readonly DispatchCarrier[];
  route(message: Outgoing, backlogs: ReadonlyMap<string, number>): RouteChoice;
  recordAttempt(attempt: AttemptRow): Promise<void>;
  recordOutcome(item: OutcomeItem): Promise<void>;
  countStep(step: number, seconds: number): void;
  seconds(): number;
  onFault(error: unknown): void;
  setTimer(delayMs: number, act: () => void): void;
};

export type Dispatcher = {
  /** Takes the messages of one chunk that this process owns. */
  take(chunkId: string, messages: readonly Outgoing[]): void;
  hasRoom(count: number): boolean;
  queued(carrierId: string): number;
  /** The link of a carrier has room, or carriers changed. */
  wake(): void;
  settled(batch: readonly Settled[]): void;
  /** Answers after their timeout: each settles its segment as far as that is still open, none sends anything again. */
  late(batch: readonly Settled[]): void;
  /** Nothing is queued, recorded or on the wire. */
  idle(): boolean;
  /** No segment has an intent without a stored outcome. */
  wireIdle(): boolean;
  /** Stops taking from the queue; what is recorded still goes out. */
  stop(): void;
};

/** Messages kept in memory; beyond, chunks stay in the outbox and are claimed later. */
const MEMORY_LIMIT = 20_000;
/** Intents may run this many windows ahead of the wire: the commit of the next overlaps the sending of the last. */
const WINDOWS_AHEAD = 2;
/** Segments without an answer that a late one may still name, the oldest go first: as many as a session remembers. */
const UNANSWERED_LIMIT = 4_096;
const STORE_RETRY_MS = 1_000;
const UNROUTED_CHECK_MS = 1_000;

type Queued = { message: Outgoing; chunk: Chunk; route: string };
type Chunk = { id: string; remaining: number };
type Intent = { id: string; remaining: number; at: number };
type OnWire = {
  queued: Queued;
  intent: Intent;
  carrier: DispatchCarrier;
  outcomes: (Settled['outcome'] | undefined)[];
  unsettled: number;
  /** Answers that came when all outcomes were there, but not on the disk yet; null from then on. */
  lateAnswers: OutcomeItem[] | null;
};
type Place = { entry: OnWire; segment: number };
type Lane = {
  queue: FifoQueue<Queued>;
  /** Segments whose intent is durable, waiting for the link. */
  wire: FifoQueue<Submission>;
  /** Segments with an intent recorded or being recorded, without outcome. */
  intended: number;
};

/** Steps 11 to 16 for one process: queues by carrier, intent, wire, outcome. All state is bounded. */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const lanes = new Map<string, Lane>();
  const onWire = new Map<number, Place>();
  const unanswered = new Map<number, Place>();
  let unrouted: Queued[] = [];
  let inMemory = 0;
  let outcomesOpen = 0;
  let nextToken = 1;
  let reference = 0;
  let stopped = false;

  const laneOf = (carrierId: string): Lane => {
    let lane = lanes.get(carrierId);
    if (lane === undefined) {
      lane = { queue: new FifoQueue(), wire: new FifoQueue(), intended: 0 };
      lanes.set(carrierId, lane);
    }
    return lane;
  };

  /** Stores until it is stored: the store may be away for a while, the outcome must not be lost. */
  const record = (item: OutcomeItem, stored: () => void): void => {
    outcomesOpen++;
    deps.recordOutcome(item).then(
      () => {
        outcomesOpen--;
        stored();
      },
      (error: unknown) => {
        deps.onFault(error);
        deps.setTimer(STORE_RETRY_MS, () => {
          outcomesOpen--;
          record(item, stored);
        });
      },
    );
  };

  const finish = (queued: Queued, intent: Intent | null): void => {
    inMemory--;
    const chunkDone = --queued.chunk.remaining === 0;
    const intentDone = intent !== null && --intent.remaining === 0;
    if (!chunkDone && !intentDone) return;
    record(
      {
        kind: 'finished',
        chunkId: chunkDone ? queued.chunk.id : null,
        attemptId: intentDone ? intent.id : null,
      },
      () => undefined,
    );
  };

  const route = (queued: Queued): void => {
    const started = deps.seconds();
    const backlogs = new Map([...lanes].map(([id, lane]) => [id, lane.queue.length + lane.intended]));
    const choice = deps.route(queued.message, backlogs);
    deps.countStep(12, deps.seconds() - started);
    queued.route = choice.reason;
    if (choice.carrierId === null) unrouted.push(queued);
    else laneOf(choice.carrierId).queue.push(queued);
  };

  const expire = (queued: Queued): void =>
    record({ kind: 'expired', message: queued.message }, () => finish(queued, null));

  /** Takes from the queue as much as may have an intent now; the intents of one turn are one row. */
  const intend = (carrier: DispatchCarrier, lane: Lane): void => {
    const limit = carrier.window * WINDOWS_AHEAD;
    const taken: { queued: Queued; submissions: Submission[] }[] = [];
    while (lane.queue.length > 0 && (lane.intended < limit || lane.intended === 0)) {
      const queued = lane.queue.shift()!;
      if (queued.message.expiresAt <= deps.now()) {
        expire(queued);
        continue;
      }
      const submissions = writeSubmissions(queued.message, carrier);
      lane.intended += submissions.length;
      taken.push({ queued, submissions });
    }
    for (const [chunkId, batch] of groupByChunk(taken)) recordIntent(carrier, lane, chunkId, batch);
  };

  const recordIntent = (
    carrier: DispatchCarrier,
    lane: Lane,
    chunkId: string,
    batch: { queued: Queued; submissions: Submission[] }[],
  ): void => {
    const intent: Intent = { id: deps.ids.next(), remaining: batch.length, at: deps.now() };
    const row: AttemptRow = {
      id: intent.id,
      carrierId: carrier.id,
      chunkId,
      messageIds: batch.map(({ queued }) => queued.message.messageId),
      tenantIds: batch.map(({ queued }) => queued.message.tenantId),
      attemptNumbers: batch.map(({ queued }) => queued.message.attempt),
      routes: batch.map(({ queued }) => queued.route),
      owner: deps.owner,
      at: intent.at,
    };
    deps.recordAttempt(row).then(
      () => {
        for (const { queued, submissions } of batch) {
          const entry: OnWire = {
            queued,
            intent,
            carrier,
            outcomes: submissions.map(() => undefined),
            unsettled: submissions.length,
            lateAnswers: [],
          };
          submissions.forEach((submission, segment) => {
            onWire.set(submission.token, { entry, segment });
            lane.wire.push(submission);
          });
        }
        write(carrier, lane);
      },
      (error: unknown) => {
        // Nothing went on the wire: back to the queue, tried again when the store answers.
        deps.onFault(error);
        deps.setTimer(STORE_RETRY_MS, () => {
          for (const { queued, submissions } of batch) {
            lane.intended -= submissions.length;
            lane.queue.push(queued);
          }
          wake();
        });
      },
    );
  };

  const write = (carrier: DispatchCarrier, lane: Lane): void => {
    const room = Math.min(carrier.link.capacity(), lane.wire.length);
    if (room <= 0) return;
    const started = deps.seconds();
    carrier.link.submit(lane.wire.take(room));
    deps.countStep(15, deps.seconds() - started);
  };

  const writeSubmissions = (message: Outgoing, carrier: DispatchCarrier): Submission[] => {
    reference = (reference + 1) & 0xff;
    const { encoding, segments } = splitSegments(message.text, { domestic: message.domestic, reference });
    return segments.map((segment) => ({
      token: nextToken++,
      sourceAddr: carrier.sourceAddress + message.extendCode,
      // Unknown type of number with the ISDN plan: access numbers such as 1069… are national short forms.
      sourceTon: 0,
      sourceNpi: 1,
      destAddr: message.e164.slice(1),
      destTon: 1,
      destNpi: 1,
      esmClass: segment.hasHeader ? 0x40 : 0,
      dataCoding: encoding === 'gsm7' ? 0 : 8,
      shortMessage: segment.octets,
      registeredDelivery: 1 as const,
    }));
  };

  const conclusionOf = (entry: OnWire): OutcomeItem => {
    const { message } = entry.queued;
    const outcomes = entry.outcomes.map((outcome) => outcome!);
    const segments = outcomes.map(
      (outcome, segment): SegmentWrite => ({
        tenantId: message.tenantId,
        messageId: message.messageId,
        attempt: message.attempt,
        segment: segment + 1,
        carrierId: entry.carrier.id,
        state: outcome.kind,
        carrierKey: outcome.kind === 'accepted' ? storedIdKey(outcome.carrierMessageId) : null,
        carrierMessageId: outcome.kind === 'accepted' ? outcome.carrierMessageId : null,
        status:
          outcome.kind === 'rejected'
            ? statusCode(outcome.status)
            : outcome.kind === 'unknown'
              ? outcome.reason
              : null,
        route: entry.queued.route,
        intendedAt: entry.intent.at,
      }),
    );
    const conclusion = concludeAttempt(outcomes, message.attempt, deps.now(), message.expiresAt);
    return { kind: 'outcome', message, carrierId: entry.carrier.id, segments, conclusion };
  };

  const conclude = (entry: OnWire): void =>
    record(conclusionOf(entry), () => {
      for (const item of entry.lateAnswers ?? []) record(item, () => undefined);
      entry.lateAnswers = null;
      finish(entry.queued, entry.intent);
    });

  const awaitLate = (token: number, place: Place): void => {
    unanswered.set(token, place);
    if (unanswered.size <= UNANSWERED_LIMIT) return;
    for (const oldest of unanswered.keys()) {
      unanswered.delete(oldest);
      break;
    }
  };

  const takeLate = ({ entry, segment }: Place, answer: AnsweredOutcome): void => {
    // Too late to act on: what the carrier refuses now is not tried again.
    const outcome = answer.kind === 'rejected' ? { ...answer, retryable: false } : answer;
    if (entry.unsettled > 0) {
      entry.outcomes[segment] = outcome;
      return;
    }
    const item: OutcomeItem = {
      kind: 'late',
      message: entry.queued.message,
      carrierId: entry.carrier.id,
      segment: segment + 1,
      outcome,
    };
    if (entry.lateAnswers === null) record(item, () => undefined);
    else entry.lateAnswers.push(item);
  };

  const wake = (): void => {
    if (unrouted.length > 0) {
      const waiting = unrouted;
      unrouted = [];
      for (const queued of waiting) {
        if (queued.message.expiresAt <= deps.now()) expire(queued);
        else route(queued);
      }
    }
    for (const carrier of deps.carriers()) {
      const lane = lanes.get(carrier.id);
      if (lane === undefined) continue;
      write(carrier, lane);
      if (!stopped && (carrier.link.state === 'bound' || carrier.link.state === 'throttled'))
        intend(carrier, lane);
      else expireWaiting(lane);
    }
  };

  /** A carrier that is away must not keep codes past their use. */
  const expireWaiting = (lane: Lane): void => {
    const now = deps.now();
    for (const queued of lane.queue.removeWhere((one) => one.message.expiresAt <= now)) expire(queued);
  };

  const tick = (): void => {
    wake();
    if (!stopped) deps.setTimer(UNROUTED_CHECK_MS, tick);
  };
  deps.setTimer(UNROUTED_CHECK_MS, tick);

  return {
    take(chunkId, messages) {
      const chunk: Chunk = { id: chunkId, remaining: messages.length };
      inMemory += messages.length;
      for (const message of messages) route({ message, chunk, route: '' });
      wake();
    },
    hasRoom: (count) => !stopped && inMemory + count <= MEMORY_LIMIT,
    queued: (carrierId) => {
      const lane = lanes.get(carrierId);
      return lane === undefined ? 0 : lane.queue.length + lane.intended;
    },
    wake,
    settled(batch) {
      const started = deps.seconds();
      for (const { token, outcome } of batch) {
        const place = onWire.get(token);
        if (place === undefined) continue;
        onWire.delete(token);
        const { entry, segment } = place;
        entry.outcomes[segment] = outcome;
        if (outcome.kind === 'unknown' && outcome.reason === 'timeout') awaitLate(token, place);
        laneOf(entry.carrier.id).intended--;
        if (--entry.unsettled === 0) conclude(entry);
      }
      deps.countStep(16, deps.seconds() - started);
      wake();
    },
    late(batch) {
      for (const { token, outcome } of batch) {
        const place = unanswered.get(token);
        if (place === undefined || outcome.kind === 'unknown') continue;
        unanswered.delete(token);
        takeLate(place, outcome);
      }
    },
    idle: () => inMemory === 0,
    wireIdle: () => outcomesOpen === 0 && [...lanes.values()].every((lane) => lane.intended === 0),
    stop() {
      stopped = true;
    },
  };
}

function groupByChunk<T extends { queued: Queued }>(taken: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of taken) {
    const group = groups.get(one.queued.chunk.id);
    if (group === undefined) groups.set(one.queued.chunk.id, [one]);
    else group.push(one);
  }
  return groups;
}
