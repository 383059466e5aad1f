import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newest } from '../compat/clients.ts';
import { eventually, makeDataDir, type Ready, removeDataDir, startServer } from '../world/server.ts';
import { signIn } from './console.ts';
import { type Launched, launch } from './launching.ts';
import { send } from './sending.ts';
import { asOwner, ownerOfStarting } from './store.ts';

const CLI = fileURLToPath(new URL('../../apps/server/src/entrypoints/cli/main.ts', import.meta.url));

let dir: string;
let launched: Launched[];
beforeEach(() => {
  dir = makeDataDir('signet-first-run-');
  launched = [];
});
afterEach(async () => {
  for (const one of launched) await one.end('SIGKILL');
  removeDataDir(dir);
});

/** kill -9 at the statement that `obstacle`, an open transaction of ours, makes the start wait for. */
async function killAt(obstacle: string): Promise<void> {
  const one = launch(dir);
  launched.push(one);
  const owner = await ownerOfStarting(dir);
  await owner.query(`begin; ${obstacle}`);
  await eventually(`the start waits for: ${obstacle}`, async () => {
    const { rows } = await owner.query('select from pg_locks where not granted');
    return rows.length > 0 ? true : undefined;
  });
  await one.end('SIGKILL');
  await owner.end().catch(() => undefined);
  expect(one.out() + one.err()).toBe('');
  expect(existsSync(one.readyFile)).toBe(false);
}

/** The start noted what it made under `name`: another session that notes the same lets it wait. */
const noting = (name: string): string => `insert into installation (name, value) values ('${name}', 'x')`;
/** The gateway looks for work after everything is made, before anything is printed. */
const GREETING = 'lock table dispatch_chunks in access exclusive mode';

/** A start that tells everything, and everything that it tells works; the next tells no secret. */
async function greetsWhole(): Promise<Ready> {
  const server = await startServer({ dataDir: dir });
  const { ready } = server;
  for (const secret of [ready.accessKeySecret, ready.consolePassword]) {
    expect(secret).toMatch(/^\w{16,30}$/);
    expect(server.output()).toContain(secret);
  }
  expect(await send(ready, ready.phone)).toMatchObject({ Code: 'OK' });
  await signIn(server);
  await asOwner(dir, async (client) => {
    const rowsOf = async (text: string) => (await client.query(text)).rows;
    expect(await rowsOf(`select id from access_keys`)).toEqual([{ id: ready.accessKeyId }]);
    expect(await rowsOf('select from tenants')).toHaveLength(1);
    for (const table of ['qualifications', 'signatures', 'templates'])
      expect(await rowsOf(`select state from ${table}`), table).toEqual([{ state: 'approved' }]);
  });
  expect(await server.stop()).toBe(0);
  await tellsNothing(ready);
  return ready;
}

async function tellsNothing(ready: Ready): Promise<void> {
  const later = await startServer({ dataDir: dir });
  expect(later.ready).toMatchObject({ accessKeySecret: null, consolePassword: null });
  for (const secret of [ready.accessKeySecret, ready.consolePassword])
    expect(later.output()).not.toContain(secret);
  expect(await send({ ...ready, url: later.ready.url }, ready.phone)).toMatchObject({ Code: 'OK' });
  expect(await later.stop()).toBe(0);
}

/** Actions in the audit log, as an auditor reads them. */
function audited(): string[] {
  const file = join(dir, 'audit.jsonl');
  const { status, stderr } = spawnSync(
    process.execPath,
    [CLI, 'audit', 'export', file, '--data', join(dir, 'data')],
    { encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return readFileSync(file, 'utf8').match(/(?:key|user)\.[a-z_]+/g) ?? [];
}

describe('a first start that is killed', { timeout: 120_000 }, () => {
  it('before it could tell its secrets is followed by one that makes and tells new ones', async () => {
    await killAt(GREETING);
    await greetsWhole();
    const actions = audited();
    expect(actions).toContain('key.rotated');
    expect(actions).toContain('user.password_reset');
  });

  it('between any thing and the note of it goes on with that thing', async () => {
    const things = ['operator', 'tenant', 'qualification', 'signature', 'template', 'key'];
    for (const thing of things) await killAt(noting(thing === 'operator' ? thing : `sandbox.${thing}`));
    await greetsWhole();
  });
});

describe('an installation whose operator removed the sandbox template', { timeout: 120_000 }, () => {
  it('starts all the same', async () => {
    const server = await startServer({ dataDir: dir });
    const { url, accessKeyId: keyId, accessKeySecret: secret, templateCode } = server.ready;
    const removed = await newest.call({ url, keyId, secret }, 'DeleteSmsTemplate', {
      TemplateCode: templateCode,
    });
    expect(removed).toMatchObject({ Code: 'OK' });
    expect(await server.stop()).toBe(0);
    const later = await startServer({ dataDir: dir });
    expect(later.ready.templateCode).toBe(templateCode);
    expect(await later.stop()).toBe(0);
  });
});
