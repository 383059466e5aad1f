/** One measured run of one case on one system: start, idle, warm up, measure, look at half the rate, stop. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type CpuUse,
  cpuBetween,
  proportionalMiB,
  sampleCpu,
  type Tree,
  waitForQuiet,
  watchPeak,
} from './accounting.ts';
import { endChild, startLoad, startSink, startWebhookSink } from './children.ts';
import { createHistogram, quantileMs, recordLatency } from './latency-histogram.ts';
import type { LoadResult } from './load.ts';
import type { CaseName, StartOptions, StepTotals, SystemUnderTest } from './system-under-test.ts';

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface CaseRun {
  readonly system: SystemUnderTest['name'];
  readonly messages: number;
  readonly acceptedPerSec: number;
  readonly submittedPerSec: number;
  /** Messages a second until the webhook has seen a report of each. */
  readonly reportedPerSec: number | undefined;
  readonly accept: Latency;
  /** From the call to the webhook. */
  readonly loop: Latency | undefined;
  /** Accept latency on a fixed schedule of half the measured rate. */
  readonly atHalfRate: (Latency & { readonly callsPerSec: number }) | undefined;
  readonly cpu: CpuUse;
  /** CPU of the system itself: without load source, sinks and this process. */
  readonly systemUsPerMessage: number;
  readonly idleMiB: number;
  readonly peakMiB: number;
  /** Submits beyond the first for a number: a second segment, or a message sent twice. */
  readonly repeatedSubmits: number;
  readonly reconnects: number;
  /** Time spent in each step per message, µs. */
  readonly stepUsPerMessage: ReadonlyMap<string, number> | undefined;
  readonly durability: string;
}

export interface CasePlan {
  readonly name: CaseName;
  readonly messages: number;
  readonly warmUpMessages: number;
  /** Also look at the latency at half the measured rate, for about this long. */
  readonly halfRateSeconds: number | undefined;
  /** How long to wait for a quiet machine before each measured phase. */
  readonly patienceMs: number;
  readonly start: (options: StartOptions) => Promise<SystemUnderTest>;
}

/** Connections of the load source: 50 for single sends, 10 for batches of 100. */
const CONNECTIONS: Readonly<Record<CaseName, number>> = { sendSms: 50, sendBatchSms: 10, receipts: 50 };
/** The open loop must not wait for a free connection while the server keeps up. */
const OPEN_LOOP_CONNECTIONS = 200;
/** After the start, before memory counts as idle. */
const SETTLE_MS = 3_000;
/** A run starts when the machine is this quiet, or patience ends: what others do then shows in the table. */
const QUIET_CORES = 0.25;
const MEMORY_INTERVAL_MS = 500;
/** Roles that are part of the measurement, not of the system. */
const INSTRUMENTS: ReadonlySet<string> = new Set(['bench', 'load', 'sink', 'webhook sink']);

function instrument(role: string, pid: number | undefined): Tree {
  return { rootPid: pid ?? 0, roleOf: () => role };
}

function demandAccepted(result: LoadResult): LoadResult {
  if (result.refused > 0)
    throw new Error(`${result.refused} calls refused, the first: ${result.firstRefusal}`);
  return result;
}

function loopLatency(bornAtMs: Float64Array, seenAtMs: Float64Array): Latency {
  const histogram = createHistogram();
  for (const [index, bornMs] of bornAtMs.entries()) recordLatency(histogram, (seenAtMs[index] ?? 0) - bornMs);
  return {
    p50Ms: quantileMs(histogram, 0.5),
    p99Ms: quantileMs(histogram, 0.99),
    maxMs: histogram.maxUs / 1000,
  };
}

function stepDifference(
  before: StepTotals | undefined,
  after: StepTotals | undefined,
  messages: number,
): ReadonlyMap<string, number> | undefined {
  if (!after) return undefined;
  return new Map(
    [...after].map(([step, total]) => {
      const seconds = total.seconds - (before?.get(step)?.seconds ?? 0);
      return [step, (seconds * 1e6) / messages];
    }),
  );
}

/**
 * Runs one case once. Throws when a call is refused, a message does not arrive, or the system does not start: then
 * there is no figure.
 */
export async function runCase(plan: CasePlan): Promise<CaseRun> {
  await using cleanup = new AsyncDisposableStack();
  const folder = mkdtempSync(path.join(tmpdir(), 'signet-bench-'));
  cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));
  const withReports = plan.name === 'receipts';
  const sink = await startSink(withReports);
  cleanup.defer(() => endChild(sink.child));
  const webhook = withReports ? await startWebhookSink() : undefined;
  if (webhook) cleanup.defer(() => endChild(webhook.child));
  const load = startLoad();
  cleanup.defer(() => endChild(load.child));
  const system = await plan.start({
    folder,
    sinkPort: sink.port,
    webhookUrl: webhook && `http://127.0.0.1:${webhook.port}/reports`,
  });
  cleanup.defer(system.stop);

  await pause(SETTLE_MS);
  const idleMiB = proportionalMiB(system.trees);
  const connections = CONNECTIONS[plan.name];
  const send = async (first: number, messages: number, ratePerSec?: number) => {
    await load.prepare(system.plan(plan.name, { first, messages }));
    return async () =>
      demandAccepted(
        await load.run({
          port: system.httpPort,
          connections: ratePerSec === undefined ? connections : OPEN_LOOP_CONNECTIONS,
          ratePerSec,
        }),
      );
  };
  /** Runs a phase until every message so far has arrived everywhere. */
  const complete = async (run: () => Promise<LoadResult>, total: number) => {
    const [result, submittedAtMs, reportedAtMs] = await Promise.all([
      run(),
      sink.reached(total),
      webhook?.reached(total),
    ]);
    return { result, submittedAtMs, reportedAtMs };
  };

  await complete(await send(0, plan.warmUpMessages), plan.warmUpMessages);

  const first = plan.warmUpMessages;
  const run = await send(first, plan.messages);
  await waitForQuiet(QUIET_CORES, plan.patienceMs);
  const trees = [
    ...system.trees,
    instrument('sink', sink.child.pid),
    instrument('load', load.child.pid),
    ...(webhook ? [instrument('webhook sink', webhook.child.pid)] : []),
  ];
  const stepsBefore = await system.steps();
  const memory = watchPeak(system.trees, MEMORY_INTERVAL_MS);
  cleanup.defer(() => {
    memory.stop();
  });
  const before = sampleCpu(trees);
  const { result, submittedAtMs, reportedAtMs } = await complete(run, first + plan.messages);
  const after = sampleCpu(trees);
  const stepsAfter = await system.steps();
  const peakMiB = memory.stop();
  const { repeated } = await sink.counts();
  const loop = webhook && loopLatency(result.bornAtMs, await webhook.times(first, plan.messages));

  const perSec = (untilMs: number) => (plan.messages * 1000) / (untilMs - result.startedAtMs);
  const acceptedPerSec = perSec(result.finishedAtMs);
  const submittedPerSec = perSec(submittedAtMs);
  const cpu = cpuBetween(before, after, plan.messages);
  let systemUsPerMessage = 0;
  for (const [role, us] of cpu.usPerMessageByRole) if (!INSTRUMENTS.has(role)) systemUsPerMessage += us;

  let atHalfRate: CaseRun['atHalfRate'];
  if (plan.halfRateSeconds !== undefined) {
    const callsPerSec = Math.min(acceptedPerSec, submittedPerSec) / 2;
    const calls = Math.max(1, Math.round(callsPerSec * plan.halfRateSeconds));
    const halfRun = await send(first + plan.messages, calls, callsPerSec);
    await waitForQuiet(QUIET_CORES, plan.patienceMs);
    const half = await complete(halfRun, first + plan.messages + calls);
    atHalfRate = {
      callsPerSec,
      p50Ms: half.result.p50Ms,
      p99Ms: half.result.p99Ms,
      maxMs: half.result.maxMs,
    };
  }
  return {
    system: system.name,
    messages: plan.messages,
    acceptedPerSec,
    submittedPerSec,
    reportedPerSec: reportedAtMs === undefined ? undefined : perSec(reportedAtMs),
    accept: { p50Ms: result.p50Ms, p99Ms: result.p99Ms, maxMs: result.maxMs },
    loop,
    atHalfRate,
    cpu,
    systemUsPerMessage,
    idleMiB,
    peakMiB,
    repeatedSubmits: repeated,
    reconnects: result.reconnects,
    stepUsPerMessage: stepDifference(stepsBefore, stepsAfter, plan.messages),
    durability: system.durability,
  };
}
