/** The real server, started as a newcomer starts it, on its embedded database; only the sandbox carrier is the sink. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { commandOf, pidsOf, type Tree } from './accounting.ts';
import { endChild, startLogged, waitFor } from './children.ts';
import type { StartOptions, StepTotals, SystemUnderTest } from './system-under-test.ts';
import { freePort } from './system-under-test.ts';

/** What the server writes into its --ready-file. */
export interface Ready {
  readonly url: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly qualificationId: string;
  readonly signName: string;
  readonly templateCode: string;
  readonly phone: string;
  readonly consoleUser: string;
  readonly consolePassword: string;
  readonly smscHost: string;
  readonly smscPort: number;
}

/** A first start creates the database and the keys. */
const START_MS = 120_000;
const STOP_MS = 60_000;

/** Of one run that is thrown away with its data. */
const OPERATOR_PASSWORD = 'a pass phrase for one benchmark run';

/** Signs in to the console's API, changes the one-time password and sets the sandbox tenant's webhook. */
export async function configureWebhook(ready: Ready, url: string): Promise<void> {
  let cookie = '';
  const call = async <T>(method: string, target: string, body?: unknown): Promise<T> => {
    const answer = await fetch(new URL(target, ready.url), {
      method,
      headers: {
        'x-signet-console': '1',
        ...(cookie === '' ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${target}: ${answer.status} ${await answer.text()}`);
    cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? cookie;
    return (await answer.json()) as T;
  };
  await call('POST', '/api/session', { name: ready.consoleUser, password: ready.consolePassword });
  await call('PUT', '/api/session/password', { current: ready.consolePassword, next: OPERATOR_PASSWORD });
  const { items } = await call<{ items: { id: string; sandbox: boolean }[] }>('GET', '/api/tenants');
  const sandbox = items.find((tenant) => tenant.sandbox);
  if (sandbox === undefined) throw new Error('GET /api/tenants: there is no sandbox tenant');
  await call('PUT', `/api/tenants/${sandbox.id}/webhook`, { reportUrl: url, inboundUrl: null });
}

/** Sums and counts of `signet_step_seconds` by step from a Prometheus text; undefined when there are none. */
export function parseStepTotals(metrics: string): StepTotals | undefined {
  const totals = new Map<string, { seconds: number; calls: number }>();
  for (const match of metrics.matchAll(/^signet_step_seconds_(sum|count)\{([^}]*)\}\s+(\S+)/gm)) {
    const step = /step="([^"]*)"/.exec(match[2] ?? '')?.[1];
    if (step === undefined) continue;
    const total = totals.get(step) ?? { seconds: 0, calls: 0 };
    if (match[1] === 'sum') total.seconds += Number(match[3]);
    else total.calls += Number(match[3]);
    totals.set(step, total);
  }
  return totals.size > 0 ? totals : undefined;
}

async function readSteps(url: string): Promise<StepTotals | undefined> {
  try {
    const answer = await fetch(new URL('/metrics', url));
    return answer.ok ? parseStepTotals(await answer.text()) : undefined;
  } catch {
    return undefined;
  }
}

function roleOf(command: string): string {
  if (/(^|\/)postgres(:| |$)/.test(command)) return 'PostgreSQL';
  return /simulators/.test(command) ? 'sandbox' : 'server';
}

/** Settings of the database's files and command that would make a commit less than durable. */
function weakenings(text: string): string[] {
  return [
    ...text.matchAll(
      /^[^#\n]*?\b((?:fsync|full_page_writes|synchronous_commit)\s*=\s*'?(?:off|local|false|no|0)\b)/gm,
    ),
  ].map((match) => match[1]!);
}

/** States the database's command and whether it or a configuration file of the database weakens durability. */
function describeDurability(tree: Tree): string {
  const postmaster = pidsOf(tree)
    .map(commandOf)
    .find((command) => roleOf(command) === 'PostgreSQL' && / -D /.test(command));
  if (postmaster === undefined) return 'no PostgreSQL process with a data folder seen: durability not shown';
  const folder = / -D\s*(.*?)(?= -|$)/.exec(postmaster)?.[1]?.trim() ?? '';
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.conf'))
        .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    : [];
  const weak = [postmaster, ...files].flatMap(weakenings);
  const verdict =
    weak.length > 0
      ? `NOT DURABLE: ${weak.join(', ')}`
      : 'neither it nor its configuration files turn off fsync, full_page_writes or synchronous_commit';
  return `${postmaster.replaceAll(folder, 'DATA')} (${verdict})`;
}

function lastLines(file: string, lines: number): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : '';
}

/** Starts `serverMain` with fresh data and waits for its ready file. */
export async function startSignet(serverMain: string, options: StartOptions): Promise<SystemUnderTest> {
  const dataFolder = path.join(options.folder, 'data');
  const readyFile = path.join(options.folder, 'ready.json');
  const output = path.join(options.folder, 'signet.log');
  const port = await freePort();
  const child = startLogged(
    process.execPath,
    [serverMain, '--data', dataFolder, '--port', String(port), '--ready-file', readyFile],
    output,
    {
      env: {
        ...process.env,
        SIGNET_SANDBOX_SMSC: `127.0.0.1:${options.sinkPort}`,
        SIGNET_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1',
      },
    },
  );
  const stop = async () => {
    await endChild(child, STOP_MS);
    if (child.exitCode !== 0)
      console.error(`the server ended with ${child.exitCode ?? child.signalCode}:\n${lastLines(output, 20)}`);
  };
  try {
    const ready = await waitFor('the server gets ready', child, START_MS, async () => {
      if (!existsSync(readyFile)) return undefined;
      const text = readFileSync(readyFile, 'utf8');
      return text.trimEnd().endsWith('}') ? (JSON.parse(text) as Ready) : undefined;
    });
    if (options.webhookUrl !== undefined) await configureWebhook(ready, options.webhookUrl);
    const { host, port: httpPort } = new URL(ready.url);
    const tree: Tree = { rootPid: child.pid ?? 0, roleOf, alsoNaming: dataFolder };
    return {
      name: 'signet',
      httpPort: Number(httpPort),
      trees: [tree],
      durability: describeDurability(tree),
      plan: (name, range) => ({
        kind: name === 'sendSms' ? 'sendSms' : 'sendBatchSms',
        host,
        accessKeyId: ready.accessKeyId,
        accessKeySecret: ready.accessKeySecret,
        signName: ready.signName,
        templateCode: ready.templateCode,
        ...range,
      }),
      steps: () => readSteps(ready.url),
      stop,
    };
  } catch (error) {
    await endChild(child, STOP_MS);
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${lastLines(output, 20)}`);
  }
}
