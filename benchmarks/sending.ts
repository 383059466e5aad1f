/**
 * npm run bench: SendSms, SendBatchSms and the way of receipts to a webhook, on the real server, over loopback, with
 * load source and sinks on the same machine. With --vs kannel both systems run in turn, so that a slow moment of the
 * machine meets both.
 */

import { existsSync } from 'node:fs';
import { startKannel } from './kannel.ts';
import { type CasePlan, type CaseRun, runCase } from './measure.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { type CaseRuns, formatJson, formatReport, ratePerSec } from './report.ts';
import { startSignet } from './signet.ts';
import type { CaseName, StartOptions } from './system-under-test.ts';

/**
 * Enough for Node to have compiled what runs often; the same for both systems. Measured by SendSms call: the server's CPU is
 * 810 µs a call after 3,000, 510 after 14,000, 390 after 26,000, 370 from then on; what is saved is the compiler's.
 */
const WARM_UP_MESSAGES: Readonly<Record<CaseName, number>> = {
  sendSms: 25_000,
  sendBatchSms: 30_000,
  receipts: 20_000,
};
/** Kannel's default receipts loop does some 450 a second; more messages only take longer. */
const KANNEL_RECEIPTS = 5_000;
const HALF_RATE_SECONDS = 8;

/** Everything about one run; Kannel's receipts are fewer, and only SendSms is also looked at with half the rate. */
function planOf(name: CaseName, options: Options, start: CasePlan['start'], kannel: boolean): CasePlan {
  const messages =
    kannel && name === 'receipts' ? Math.min(options.messages, KANNEL_RECEIPTS) : options.messages;
  return {
    name,
    messages,
    warmUpMessages: Math.min(2 * messages, WARM_UP_MESSAGES[name]),
    halfRateSeconds: name === 'sendSms' && !kannel ? HALF_RATE_SECONDS : undefined,
    patienceMs: options.patienceMs,
    start,
  };
}

async function measure(round: number, plan: CasePlan): Promise<CaseRun> {
  const run = await runCase(plan);
  const rate = ratePerSec(plan.name, run).toFixed(0);
  console.error(
    `run ${round}: ${plan.name} ${run.system}: ${rate} messages/s, ` +
      `p99 ${run.accept.p99Ms.toFixed(1)} ms, other load ${run.cpu.foreignCores.toFixed(2)} cores`,
  );
  return run;
}

/** Kannel takes one message a call, so its one way of sending is the peer of both sending cases. */
async function runRound(
  round: number,
  options: Options,
): Promise<Map<CaseName, { signet: CaseRun; kannel?: CaseRun }>> {
  const signet = (start: StartOptions) => startSignet(options.serverMain, start);
  const results = new Map<CaseName, { signet: CaseRun; kannel?: CaseRun }>();
  let kannelSends: CaseRun | undefined;
  for (const name of options.cases) {
    let kannel: CaseRun | undefined;
    if (options.vsKannel && name === 'receipts') {
      kannel = await measure(round, planOf(name, options, startKannel, true));
    } else if (options.vsKannel) {
      kannelSends ??= await measure(round, planOf('sendSms', options, startKannel, true));
      kannel = kannelSends;
    }
    const own = await measure(round, planOf(name, options, signet, false));
    results.set(name, kannel ? { signet: own, kannel } : { signet: own });
  }
  return results;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (!options) {
    console.log(HELP);
    return;
  }
  if (process.platform !== 'linux') throw new Error('the benchmark reads /proc and runs on Linux only');
  if (!existsSync(options.serverMain)) throw new Error(`--server: no file ${options.serverMain}`);
  const rounds: Awaited<ReturnType<typeof runRound>>[] = [];
  for (let round = 1; round <= options.runs; round++) rounds.push(await runRound(round, options));
  const cases: CaseRuns[] = options.cases.map((name) => ({
    name,
    signet: rounds.flatMap((results) => results.get(name)?.signet ?? []),
    kannel: rounds.flatMap((results) => results.get(name)?.kannel ?? []),
  }));
  console.log(formatReport(cases));
  if (options.json) console.log(formatJson(cases));
}

if (import.meta.main) {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
