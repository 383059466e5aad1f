/**
 * The load source, a process of its own. Closed loop: every connection sends its next request when the last is
 * answered. Open loop: request i is due at i / rate, and its latency counts from then, also while it waits for a
 * free connection, so a slow server cannot hide its delays (no coordinated omission).
 */

import { type Answer, type Connection, openConnection } from './http-connection.ts';
import { createHistogram, quantileMs, recordLatency } from './latency-histogram.ts';
import { monotonicMs } from './monotonic.ts';
import { buildRequests, isAccepted, type RequestPlan } from './requests.ts';

export interface LoadResult {
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly refused: number;
  /** Status and body of the first refusal. */
  readonly firstRefusal: string | undefined;
  readonly reconnects: number;
  /** When each request was sent (closed loop) or due (open loop), on the monotonic clock. */
  readonly bornAtMs: Float64Array;
}

export interface LoadOptions {
  readonly port: number;
  readonly connections: number;
  /** Requests a second; absent: closed loop. */
  readonly ratePerSec?: number | undefined;
}

/** Sends all requests and resolves when each is answered. A refused or broken call is counted, not repeated. */
export function runLoad(
  kind: RequestPlan['kind'],
  requests: readonly Buffer[],
  options: LoadOptions,
): Promise<LoadResult> {
  const { promise, resolve } = Promise.withResolvers<LoadResult>();
  const histogram = createHistogram();
  const bornAtMs = new Float64Array(requests.length);
  const carried = new Map<Connection, number>();
  const connections: Connection[] = [];
  const idle: Connection[] = [];
  let opened = 0;
  let startedAtMs = 0;
  let sent = 0;
  let answered = 0;
  let refused = 0;
  let firstRefusal: string | undefined;
  let reconnects = 0;
  let ticker: NodeJS.Timeout | undefined;

  const dueCount = (): number => {
    if (options.ratePerSec === undefined) return requests.length;
    const due = Math.floor(((monotonicMs() - startedAtMs) * options.ratePerSec) / 1000) + 1;
    return Math.min(requests.length, due);
  };
  const dispatch = (): void => {
    const due = dueCount();
    while (sent < due) {
      const connection = idle.pop();
      if (!connection) return;
      bornAtMs[sent] =
        options.ratePerSec === undefined ? monotonicMs() : startedAtMs + (sent * 1000) / options.ratePerSec;
      carried.set(connection, sent);
      connection.send(requests[sent]!);
      sent += 1;
    }
  };
  const start = (): void => {
    startedAtMs = monotonicMs();
    // Node's timers are no finer than 1 ms; the lateness is part of the counted latency.
    if (options.ratePerSec !== undefined) ticker = setInterval(dispatch, 1);
    dispatch();
  };
  const finish = (): void => {
    clearInterval(ticker);
    for (const connection of connections) connection.close();
    resolve({
      startedAtMs,
      finishedAtMs: monotonicMs(),
      p50Ms: quantileMs(histogram, 0.5),
      p99Ms: quantileMs(histogram, 0.99),
      maxMs: histogram.maxUs / 1000,
      refused,
      firstRefusal,
      reconnects,
      bornAtMs,
    });
  };
  const settle = (connection: Connection, refusal: string | undefined): void => {
    const index = carried.get(connection);
    if (index === undefined) return;
    carried.delete(connection);
    recordLatency(histogram, monotonicMs() - (bornAtMs[index] ?? 0));
    if (refusal !== undefined) {
      refused += 1;
      firstRefusal ??= refusal;
    }
    answered += 1;
  };
  const onAnswer = (connection: Connection, answer: Answer): void => {
    const accepted = isAccepted(kind, answer.status, answer.body);
    settle(connection, accepted ? undefined : `${answer.status} ${answer.body.slice(0, 300)}`);
    if (answered === requests.length) {
      finish();
      return;
    }
    idle.push(connection);
    dispatch();
  };
  const onOpen = (connection: Connection): void => {
    opened += 1;
    const unanswered = carried.get(connection);
    if (unanswered !== undefined) {
      connection.send(requests[unanswered]!);
      return;
    }
    idle.push(connection);
    if (opened === options.connections) start();
    else if (opened > options.connections) dispatch();
  };
  const onLost = (connection: Connection, inFlight: boolean): void => {
    if (opened >= options.connections) reconnects += 1;
    const position = idle.indexOf(connection);
    if (position >= 0) idle.splice(position, 1);
    // Kannel closes keep-alive connections now and then, also with a request on the way: that one is sent again.
    // A signed request is not repeatable (its nonce is spent), so there it counts as refused.
    if (!inFlight || kind === 'kannel') return;
    settle(connection, 'connection closed before the answer');
    if (answered === requests.length) finish();
  };
  for (let index = 0; index < options.connections; index++) {
    connections.push(openConnection(options.port, { open: onOpen, answer: onAnswer, lost: onLost }));
  }
  return promise;
}

export type LoadCommand =
  | { readonly type: 'prepare'; readonly plan: RequestPlan }
  | { readonly type: 'run'; readonly options: LoadOptions };

export type LoadEvent =
  | { readonly type: 'prepared' }
  | { readonly type: 'finished'; readonly result: LoadResult };

function serve(): void {
  let plan: RequestPlan | undefined;
  let requests: Buffer[] = [];
  const tell = (event: LoadEvent) => process.send?.(event);
  process.on('message', (command: LoadCommand) => {
    if (command.type === 'prepare') {
      plan = command.plan;
      requests = buildRequests(plan, new Date());
      tell({ type: 'prepared' });
      return;
    }
    if (!plan) throw new Error('run before prepare');
    void runLoad(plan.kind, requests, command.options).then((result) => tell({ type: 'finished', result }));
  });
  process.on('disconnect', () => process.exit(0));
}

if (import.meta.main) serve();
