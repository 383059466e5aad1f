/** Medians over the runs, as one table for people and one JSON line for programs. */

import type { CaseRun } from './measure.ts';
import type { CaseName } from './system-under-test.ts';

/** The runs of one case; entry i of both lists belongs to the same round. */
export interface CaseRuns {
  readonly name: CaseName;
  readonly signet: readonly CaseRun[];
  /** Empty without --vs kannel. */
  readonly kannel: readonly CaseRun[];
}

export interface CaseSummary {
  readonly perSec: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUsPerMessage: number;
  readonly peakMiB: number;
  readonly vsKannel: number | null;
}

/** The middle value, of an even number the mean of the middle two; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The rate that counts: for receipts until the webhook has all, otherwise until the carrier has all. */
export function ratePerSec(name: CaseName, run: CaseRun): number {
  return name === 'receipts' ? (run.reportedPerSec ?? 0) : run.submittedPerSec;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** One case in the form of the JSON line. Latency: of the call; for receipts from the call to the webhook. */
export function summarise({ name, signet, kannel }: CaseRuns): CaseSummary {
  const latency = (run: CaseRun) => run.loop ?? run.accept;
  const ratios = signet.flatMap((run, index) => {
    const peer = kannel[index];
    return peer ? [ratePerSec(name, run) / ratePerSec(name, peer)] : [];
  });
  return {
    perSec: round(median(signet.map((run) => ratePerSec(name, run))), 0),
    p50Ms: round(median(signet.map((run) => latency(run).p50Ms)), 2),
    p99Ms: round(median(signet.map((run) => latency(run).p99Ms)), 2),
    cpuUsPerMessage: round(median(signet.map((run) => run.systemUsPerMessage)), 1),
    peakMiB: round(median(signet.map((run) => run.peakMiB)), 0),
    vsKannel: ratios.length > 0 ? round(median(ratios), 2) : null,
  };
}

/** Columns as wide as their widest cell; the first two to the left, figures to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const HEADINGS = [
  'case',
  'system',
  'messages',
  'accepted/s',
  'submitted/s',
  'webhook/s',
  'range',
  'p50 ms',
  'p99 ms',
  'loop p50',
  'loop p99',
  'CPU us/msg',
  'idle MiB',
  'peak MiB',
  'other cores',
  'vs Kannel',
];

function tableRow(name: CaseName, runs: readonly CaseRun[], ratio: string): string[] {
  const of = (pick: (run: CaseRun) => number | undefined, digits: number): string => {
    const values = runs.flatMap((run) => pick(run) ?? []);
    return values.length > 0 ? median(values).toFixed(digits) : '-';
  };
  const rates = runs.map((run) => ratePerSec(name, run));
  return [
    name,
    runs[0]?.system ?? '',
    of((run) => run.messages, 0),
    of((run) => run.acceptedPerSec, 0),
    of((run) => run.submittedPerSec, 0),
    of((run) => run.reportedPerSec, 0),
    `${Math.min(...rates).toFixed(0)}-${Math.max(...rates).toFixed(0)}`,
    of((run) => run.accept.p50Ms, 1),
    of((run) => run.accept.p99Ms, 1),
    of((run) => run.loop?.p50Ms, 0),
    of((run) => run.loop?.p99Ms, 0),
    of((run) => run.systemUsPerMessage, 0),
    of((run) => run.idleMiB, 0),
    of((run) => run.peakMiB, 0),
    of((run) => run.cpu.foreignCores, 2),
    ratio,
  ];
}

function medianByKey(maps: readonly ReadonlyMap<string, number>[]): [key: string, value: number][] {
  const keys = new Set(maps.flatMap((map) => [...map.keys()]));
  return [...keys].map((key) => [key, median(maps.map((map) => map.get(key) ?? 0))]);
}

function detailLines(name: CaseName, runs: readonly CaseRun[]): string[] {
  const [one] = runs;
  if (!one) return [];
  const lines: string[] = [];
  const cpu = medianByKey(runs.map((run) => run.cpu.usPerMessageByRole)).map(
    ([role, us]) => `${role} ${us.toFixed(0)}`,
  );
  lines.push(`${name}, ${one.system}: CPU us a message: ${cpu.join(', ')}`);
  const half = runs.flatMap((run) => run.atHalfRate ?? []);
  if (half.length > 0) {
    const of = (pick: (run: (typeof half)[number]) => number) => median(half.map(pick)).toFixed(1);
    lines.push(
      `${name}, ${one.system}: at half the rate (${of((run) => run.callsPerSec)} calls/s, fixed schedule): ` +
        `accept p50 ${of((run) => run.p50Ms)} ms, p99 ${of((run) => run.p99Ms)} ms, max ${of((run) => run.maxMs)} ms`,
    );
  }
  const repeated = Math.max(...runs.map((run) => run.repeatedSubmits));
  if (repeated > 0) lines.push(`${name}, ${one.system}: up to ${repeated} submits more than messages`);
  const reconnects = Math.max(...runs.map((run) => run.reconnects));
  if (reconnects > 0) lines.push(`${name}, ${one.system}: closed up to ${reconnects} connections in a run`);
  return lines;
}

function stepTable(name: CaseName, runs: readonly CaseRun[]): string[] {
  const steps = medianByKey(runs.flatMap((run) => run.stepUsPerMessage ?? []));
  if (steps.length === 0) return [];
  const rows = steps.map(([step, us]) => [step, '', us.toFixed(1)]);
  return ['', `${name}: time in each step, us a message`, formatTable(rows)];
}

/** The whole report for people. */
export function formatReport(cases: readonly CaseRuns[]): string {
  const rows = cases.flatMap((entry) => {
    const ratio = summarise(entry).vsKannel;
    const peer = entry.kannel.length > 0 ? [tableRow(entry.name, entry.kannel, '1')] : [];
    return [...peer, tableRow(entry.name, entry.signet, ratio === null ? '-' : ratio.toFixed(2))];
  });
  const durable = new Map(
    cases.flatMap((entry) => [...entry.kannel, ...entry.signet]).map((run) => [run.system, run.durability]),
  );
  return [
    formatTable([HEADINGS, ...rows]),
    '',
    ...cases.flatMap((entry) => [
      ...detailLines(entry.name, entry.kannel),
      ...detailLines(entry.name, entry.signet),
    ]),
    ...[...durable].map(([system, text]) => `${system}: ${text}`),
    ...cases.flatMap((entry) => stepTable(entry.name, entry.signet)),
  ].join('\n');
}

/** The JSON line; a case that was not run is null. */
export function formatJson(cases: readonly CaseRuns[]): string {
  const of = (name: CaseName) => {
    const entry = cases.find((one) => one.name === name);
    return entry ? summarise(entry) : null;
  };
  return JSON.stringify({
    sendSms: of('sendSms'),
    sendBatchSms: of('sendBatchSms'),
    receipts: of('receipts'),
  });
}
