import { describe, expect, it } from 'vitest';
import { cpuBetween } from '../../benchmarks/accounting.ts';
import { kannelConfiguration } from '../../benchmarks/kannel.ts';
import type { CaseRun } from '../../benchmarks/measure.ts';
import { readOptions } from '../../benchmarks/options.ts';
import { formatJson, formatReport, median } from '../../benchmarks/report.ts';
import { parseStepTotals } from '../../benchmarks/signet.ts';
import { reportedNumbers } from '../../benchmarks/webhook-sink.ts';

function runAt(system: CaseRun['system'], submittedPerSec: number, more: Partial<CaseRun> = {}): CaseRun {
  return {
    system,
    messages: 1000,
    acceptedPerSec: submittedPerSec + 1,
    submittedPerSec,
    reportedPerSec: undefined,
    accept: { p50Ms: 1, p99Ms: 2, maxMs: 3 },
    loop: undefined,
    atHalfRate: undefined,
    cpu: { usPerMessageByRole: new Map([['server', 100]]), foreignCores: 0.1 },
    systemUsPerMessage: 100,
    idleMiB: 50,
    peakMiB: 60,
    repeatedSubmits: 0,
    reconnects: 0,
    stepUsPerMessage: undefined,
    durability: 'said',
    ...more,
  };
}

describe('report', () => {
  it('takes the median of odd and even counts', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('prints medians and the median of the ratios of each round, null for what was not run', () => {
    const signet = [100, 300, 200].map((rate) => runAt('signet', rate));
    const kannel = [100, 100, 400].map((rate) => runAt('kannel', rate));
    const json = JSON.parse(formatJson([{ name: 'sendSms', signet, kannel }])) as unknown;
    expect(json).toEqual({
      sendSms: { perSec: 200, p50Ms: 1, p99Ms: 2, cpuUsPerMessage: 100, peakMiB: 60, vsKannel: 1 },
      sendBatchSms: null,
      receipts: null,
    });
  });

  it('counts receipts until the webhook, with the latency of the whole loop', () => {
    const loop = { p50Ms: 30, p99Ms: 40, maxMs: 50 };
    const signet = [runAt('signet', 900, { reportedPerSec: 700, loop })];
    const { receipts } = JSON.parse(formatJson([{ name: 'receipts', signet, kannel: [] }])) as {
      receipts: Record<string, unknown>;
    };
    expect(receipts).toMatchObject({ perSec: 700, p50Ms: 30, p99Ms: 40, vsKannel: null });
  });

  it('names what a reader must know of a run', () => {
    const run = runAt('signet', 100, {
      repeatedSubmits: 3,
      atHalfRate: { callsPerSec: 50, p50Ms: 1, p99Ms: 7.5, maxMs: 9 },
      stepUsPerMessage: new Map([['screen', 12.34]]),
    });
    const text = formatReport([{ name: 'sendSms', signet: [run], kannel: [] }]);
    for (const part of ['3 submits more', 'p99 7.5 ms', 'screen', '12.3', 'server 100', 'signet: said'])
      expect(text).toContain(part);
  });
});

describe('accounting', () => {
  it('charges each role its messages and the rest to others', () => {
    const before = { atMs: 0, machineBusyMs: 0, msByRole: new Map([['server', 50]]) };
    const after = {
      atMs: 1000,
      machineBusyMs: 900,
      msByRole: new Map([
        ['server', 350],
        ['load', 100],
      ]),
    };
    const use = cpuBetween(before, after, 1000);
    expect([...use.usPerMessageByRole]).toEqual([
      ['server', 300],
      ['load', 100],
    ]);
    expect(use.foreignCores).toBe(0.5);
  });
});

describe('what the parts read', () => {
  it('steps from a Prometheus text, other metrics ignored', () => {
    const text = [
      '# HELP signet_step_seconds time',
      'signet_step_seconds_sum{step="screen",role="api"} 1.5',
      'signet_step_seconds_count{step="screen",role="api"} 3',
      'signet_step_seconds_sum{role="worker",step="screen"} 0.5',
      'signet_other_sum{step="x"} 9',
    ].join('\n');
    expect([...(parseStepTotals(text) ?? [])]).toEqual([['screen', { seconds: 2, calls: 3 }]]);
    expect(parseStepTotals('up 1')).toBeUndefined();
  });

  it('numbers from an SmsReport push', () => {
    expect(
      reportedNumbers('[{"phone_number":"13000000042"},{"other":1},{"phone_number":"8613000000007"}]'),
    ).toEqual([42, 7]);
    expect(reportedNumbers('{}')).toEqual([]);
  });

  it('its command line, with one line for what is wrong', () => {
    expect(readOptions([])).toMatchObject({ vsKannel: false, json: false, messages: 20_000, runs: 3 });
    expect(readOptions(['--only', 'receipts', '--vs', 'kannel'])).toMatchObject({
      cases: ['receipts'],
      vsKannel: true,
    });
    expect(readOptions(['--help'])).toBeUndefined();
    expect(() => readOptions(['--messages', '-1'])).toThrow();
    expect(() => readOptions(['--runs', 'x'])).toThrow("--runs: 'x'");
    expect(() => readOptions(['--only', 'all'])).toThrow('--only: one of');
    expect(() => readOptions(['--vs', 'jasmin'])).toThrow('only kannel');
  });

  it('a Kannel with its file store and its default window', () => {
    const text = kannelConfiguration('/folder', { admin: 1, box: 2, sendsms: 3, smsc: 4 });
    expect(text).toContain('store-type = file');
    expect(text).not.toContain('max-pending-submits');
  });
});
