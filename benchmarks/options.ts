/** The command line of the sending benchmark. */

import path from 'node:path';
import { parseArgs } from 'node:util';
import type { CaseName } from './system-under-test.ts';

export const CASES: readonly CaseName[] = ['sendSms', 'sendBatchSms', 'receipts'];

export interface Options {
  readonly vsKannel: boolean;
  readonly json: boolean;
  readonly messages: number;
  readonly runs: number;
  readonly patienceMs: number;
  readonly cases: readonly CaseName[];
  readonly serverMain: string;
}

export const HELP = `npm run bench -- [--vs kannel] [--json] [--messages N] [--runs N] [--patience N] [--only CASE] [--server FILE]

  --vs kannel    run Debian's Kannel over the same sink, in turn with Signet, and print the ratio
  --json         print one JSON line last
  --messages N   messages measured in a run, after the warm-up (20000; Kannel's receipts: at most 5000)
  --runs N       runs of each case; the table shows medians (3)
  --patience N   seconds to wait for a quiet machine before a run (15)
  --only CASE    ${CASES.join(', ')}
  --server FILE  the server's main file, for another version of it`;

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new Error(`--${name}: '${text}' is not a whole number of at least ${least}`);
  return value;
}

/** Throws an Error with one clear line for anything it does not know; undefined when help is asked for. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      vs: { type: 'string' },
      json: { type: 'boolean', default: false },
      messages: { type: 'string', default: '20000' },
      runs: { type: 'string', default: '3' },
      patience: { type: 'string', default: '15' },
      only: { type: 'string' },
      server: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.vs !== undefined && values.vs !== 'kannel') throw new Error(`--vs: only kannel is known`);
  const cases = values.only === undefined ? CASES : CASES.filter((name) => name === values.only);
  if (cases.length === 0) throw new Error(`--only: one of ${CASES.join(', ')}`);
  return {
    vsKannel: values.vs === 'kannel',
    json: values.json,
    messages: wholeNumber('messages', values.messages, 1),
    runs: wholeNumber('runs', values.runs, 1),
    patienceMs: wholeNumber('patience', values.patience, 0) * 1000,
    cases,
    serverMain: values.server
      ? path.resolve(values.server)
      : path.join(import.meta.dirname, '..', 'apps', 'server', 'src', 'main.ts'),
  };
}
