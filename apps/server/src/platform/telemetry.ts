import { type Logger, pino } from 'pino';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/**
 * Facts that a log line may hold: ids, codes, counts, times. Text of errors comes from our own code only through
 * `reason`, which callers fill with codes; numbers, bodies and strings to sign have no way in.
 */
export type LogFacts = Readonly<Record<string, string | number | boolean | null>>;
export type Log = {
  info(event: string, facts?: LogFacts): void;
  warn(event: string, facts?: LogFacts): void;
  /** `error` is reduced to its name, code and stack without message. */
  fault(event: string, error: unknown, facts?: LogFacts): void;
};

export type Metrics = {
  readonly registry: Registry;
  /** CPU-near wall seconds of each step of a message (docs/life-of-a-message.md). */
  countStep(step: number, seconds: number): void;
  /** Action names and codes are closed lists, so the labels stay few. */
  countCall(action: string, code: string): void;
  readonly flushItems: Histogram;
  readonly flushSeconds: Histogram;
  readonly commitSeconds: Histogram;
  readonly receipts: Counter<'result'>;
  readonly faults: Counter<'event'>;
  readonly waiting: Gauge<'queue'>;
};

export function createLog(level: string): Log {
  const logger: Logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  return {
    info: (event, facts) => logger.info(facts ?? {}, event),
    warn: (event, facts) => logger.warn(facts ?? {}, event),
    fault: (event, error, facts) => logger.error({ ...facts, ...errorFacts(error) }, event),
  };
}

/** Name, code and place of an error; its message may quote a row (PostgreSQL's detail does) and stays out. */
export function errorFacts(error: unknown): { error: string; code: string | null; at: string | null } {
  if (!(error instanceof Error)) return { error: typeof error, code: null, at: null };
  const frames = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')) ?? [];
  const code = (error as { code?: unknown }).code;
  const cause = error.cause === undefined ? '' : ` < ${errorFacts(error.cause).error}`;
  return {
    error: error.name + cause,
    code: typeof code === 'string' ? code : null,
    at:
      frames
        .slice(0, 4)
        .map((line) => line.trim())
        .join(' | ') || null,
  };
}

/** Steps of docs/life-of-a-message.md. */
const MAX_STEP = 20;

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Counted in plain arrays and handed over when asked for: an increment of prom-client costs 1-2 µs, and a message has
  // a dozen of them.
  const stepTotals = new Float64Array(MAX_STEP + 1);
  new Counter({
    name: 'signet_step_seconds_sum',
    help: 'Seconds spent in each step of a message',
    labelNames: ['step'],
    registers,
    collect() {
      this.reset();
      stepTotals.forEach((seconds, step) => {
        if (seconds > 0) this.labels(String(step)).inc(seconds);
      });
    },
  });
  const callTotals = new Map<string, { action: string; code: string; count: number }>();
  new Counter({
    name: 'signet_calls_total',
    help: 'Calls of the OpenAPI by action and code',
    labelNames: ['action', 'code'],
    registers,
    collect() {
      this.reset();
      for (const { action, code, count } of callTotals.values()) this.labels(action, code).inc(count);
    },
  });
  const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
  return {
    registry,
    countStep: (step, seconds) => {
      if (seconds > 0) stepTotals[step]! += seconds;
    },
    countCall(action, code) {
      const key = `${action} ${code}`;
      const known = callTotals.get(key);
      if (known !== undefined) known.count++;
      else callTotals.set(key, { action, code, count: 1 });
    },
    flushItems: new Histogram({
      name: 'signet_flush_items',
      help: 'Items in one group commit',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000],
      registers,
    }),
    flushSeconds: new Histogram({
      name: 'signet_flush_seconds',
      help: 'Seconds of one group commit',
      buckets,
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'signet_commit_seconds',
      help: 'Seconds of its COMMIT alone',
      buckets,
      registers,
    }),
    receipts: new Counter({
      name: 'signet_receipts_total',
      help: 'Receipts by result',
      labelNames: ['result'],
      registers,
    }),
    faults: new Counter({
      name: 'signet_faults_total',
      help: 'Unexpected failures by event',
      labelNames: ['event'],
      registers,
    }),
    waiting: new Gauge({
      name: 'signet_waiting',
      help: 'What waits in memory, by queue',
      labelNames: ['queue'],
      registers,
    }),
  };
}
