import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccounts } from '../../apps/server/src/modules/trust/accounts/public.ts';
import {
  changeLane,
  createAudit,
  type MakeChange,
} from '../../apps/server/src/modules/trust/audit/public.ts';
import { connectionSettings, type StoreAddress } from '../../apps/server/src/platform/db.ts';
import { startPostgres } from '../../apps/server/src/platform/postgres/public.ts';
import { BEAT_MS } from '../../apps/server/src/platform/process-lease.ts';
import { readSettings, type Settings } from '../../apps/server/src/platform/settings/public.ts';
import type { Foundation } from '../../apps/server/src/roles/foundation.ts';
import { cloneDatabase } from '../world/database.ts';
import { openWithStore } from './store.ts';

const CLI = fileURLToPath(new URL('../../apps/server/src/entrypoints/cli/main.ts', import.meta.url));
const PHONE = '13900000001';
const NAME = 'operator@example';

// A path with blanks, as a user's may have.
const home = mkdtempSync(join(tmpdir(), 'signet backup '));
const dataDir = join(home, 'data');
const keyFile = join(dataDir, 'keys', 'kek.json');
const keyCopy = join(home, 'kek elsewhere.json');
const earlier = join(home, 'earlier.checkpoint');
const backupFile = join(home, 'signet.backup');

type Ended = { code: number | null; out: string; err: string };

function signet(words: string[], env: Record<string, string> = {}): Promise<Ended> {
  return start(words, env).ended;
}

function start(words: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH ?? '', LANG: 'C', ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => {
    said.out += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    said.err += text.toString();
  });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...said })));
  return { child, ended };
}

const restore = (file: string, dir: string, key = keyCopy, env: Record<string, string> = {}) =>
  signet(['restore', file, '--data', dir, '--key-file', key], env);
const backUp = (file: string) => signet(['backup', file, '--data', dataDir]);
const passes = { code: 0, err: '' };
const fails = (reason: string) => ({ code: 1, err: expect.stringContaining(reason) });

function settingsOf(dir: string, ...more: string[]): Settings {
  const read = readSettings(['--data', dir, '--log-level', 'error', ...more], {});
  if (!read.ok) throw new Error(read.line);
  return read.settings;
}

async function asOwner<T>(address: StoreAddress, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionSettings(address, 'owner'));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Every row of every table as text; what a restore may change is left out: the time at which the rules ran. */
function contents(address: StoreAddress): Promise<Record<string, string[]>> {
  return asOwner(address, async (client) => {
    const tables = await client.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
    );
    const all: Record<string, string[]> = {};
    for (const { name } of tables.rows) {
      const filter = name === 'schema_migrations' ? `where name <> 'tenant-rules'` : '';
      const { rows } = await client.query<{ row: string }>(
        `select t::text as row from ${name} t ${filter} order by 1`,
      );
      all[name] = rows.map(({ row }) => row);
    }
    return all;
  });
}

/** A restored folder, its database running until `work` is over. */
async function onStore<T>(dir: string, work: (address: StoreAddress) => Promise<T>): Promise<T> {
  const store = await startPostgres({ dataDir: dir, log: () => undefined });
  try {
    return await work(store);
  } finally {
    await store.stop();
  }
}

let running: Foundation;
let makeChange: MakeChange;
let tenantId: string;
let heart: NodeJS.Timeout;
const place = (id: string) => ({ table: 'opt_outs', column: 'sealed_number', row: id });

/** One change with a sealed number and its audit entry, as the server's modules make them. */
async function optOut(): Promise<string> {
  const sealer = await running.vault.sealer(tenantId);
  const id = running.lease.ids.next();
  return makeChange({
    tenants: [tenantId],
    async run(tx, log, now) {
      // Blanks, tabs, line ends and backslashes are what COPY writes differently.
      await tx.query(
        `insert into opt_outs (id, tenant_id, number_key, sealed_number, source, created_at, lifted_at, lifted_reason)
         values ($1, $2, $3, $4, 'console', $5, $5, $6)`,
        [
          id,
          tenantId,
          running.vault.numberKey(`+86${id}`),
          sealer.seal(place(id), PHONE),
          new Date(now),
          'tab\t, \\., \n\\.\nend \\N 短信',
        ],
      );
      log.append({
        action: 'opt_out.recorded',
        actor: 'system:test',
        tenantId,
        subject: `opt_${id}`,
        facts: {},
      });
      return id;
    },
  });
}

beforeAll(async () => {
  running = await openWithStore(settingsOf(dataDir));
  const { db, vault, lease, random, clock, commit, sequencer, registryVersion } = running;
  heart = setInterval(() => void lease.beat(), BEAT_MS);
  makeChange = changeLane(commit, sequencer);
  const now = () => clock.now();
  const accounts = createAccounts({ db, vault, ids: lease.ids, random, makeChange, now, registryVersion });
  await accounts.createOperator({ name: NAME, role: 'operator', actor: 'system:test' });
  const made = await accounts.createTenant({
    name: 'Backup',
    userName: 'tenant@example',
    sandbox: false,
    actor: 'system:test',
  });
  tenantId = made.tenant.id;
  copyFileSync(keyFile, keyCopy);
  for (let at = 0; at < 20; at++) await optOut();
  const audit = createAudit({ db, signingKey: vault.checkpointKey(), now });
  writeFileSync(earlier, (await audit.checkpoint()).note);
}, 120_000);

afterAll(async () => {
  clearInterval(heart);
  await running?.close();
  rmSync(home, { recursive: true, force: true });
});

describe('a backup of a running store', () => {
  it('is one consistent moment among changes that go on, in a file of mode 0600 without the key', async () => {
    const written: string[] = [];
    let over = false;
    const writer = (async () => {
      while (!over) written.push(await optOut());
    })();
    const { code, out, err } = await backUp(backupFile);
    over = true;
    await writer;
    expect({ code, err }).toEqual(passes);
    expect(out).toContain(`cp '${keyFile}' /path/on/another/disk/`);
    expect(statSync(backupFile).mode & 0o777).toBe(0o600);
    expect(written.length).toBeGreaterThan(0);

    const text = gunzipSync(readFileSync(backupFile)).toString('latin1');
    const { key } = JSON.parse(readFileSync(keyFile, 'utf8')) as { key: string };
    for (const secret of [key, Buffer.from(key, 'base64').toString('hex'), PHONE])
      expect(text).not.toContain(secret);
    expect(readdirSync(home).filter((name) => name.includes('unfinished'))).toEqual([]);
  });

  it('never replaces a file', async () => {
    const { code, err } = await backUp(keyCopy);
    expect(code).toBe(1);
    expect(err).toBe(`signet: ${keyCopy} exists and is left as it is: choose another name\n`);
    expect(readFileSync(keyCopy)).toEqual(readFileSync(keyFile));
  });

  it('restores on a fresh folder with the key file alone: rows, sealed values, proof of the log', async () => {
    // Nothing changes between the second backup and the comparison.
    const still = join(home, 'still.backup');
    expect((await backUp(still)).code).toBe(0);
    const before = await contents(running.address);
    const fresh = join(home, 'fresh');
    // With the old server known to be gone all is as it was (restored-queue.test.ts has the rest).
    const whole = ['restore', still, '--data', fresh, '--key-file', keyCopy, '--resend-queued'];
    const { code, out, err } = await signet(whole);
    expect({ code, err }).toEqual(passes);
    expect(out).toContain('the keys open');
    expect(readdirSync(fresh)).toEqual(['postgres']);
    expect(await onStore(fresh, contents)).toEqual(before);

    const words = ['audit', 'verify', '--checkpoint', earlier, '--data', fresh, '--key-file', keyCopy];
    expect(await signet(words)).toMatchObject(passes);

    const restored = await openWithStore(settingsOf(fresh, '--key-file', keyCopy));
    try {
      const sealer = await restored.vault.sealer(tenantId);
      const { rows } = await restored.db.withTenants([tenantId], (tx) =>
        tx.query<{ id: string; sealed_number: Buffer }>(
          'select id, sealed_number from opt_outs order by id limit 1',
        ),
      );
      expect(sealer.open(place(rows[0]!.id), rows[0]!.sealed_number).toString()).toBe(PHONE);
    } finally {
      await restored.close();
    }
    // A store that holds data is left as it is.
    expect(await restore(still, fresh)).toMatchObject(fails('already holds data'));
  });

  it('restored from amid the changes, has no row without its audit entry and no entry without its row', async () => {
    const dir = join(home, 'amid');
    expect(await restore(backupFile, dir)).toMatchObject(passes);
    await onStore(dir, (address) =>
      asOwner(address, async (client) => {
        const { rows } = await client.query<{ rows: number; size: number; chunks: number }>(
          `select (select count(*)::int from opt_outs) as rows, (select size::int from audit_head) as size,
                  (select sum(entry_count)::int from audit_chunks) as chunks`,
        );
        const others = (await contents(running.address)).opt_outs!.length;
        const [found] = rows;
        expect(found!.chunks).toBe(found!.size);
        expect(found!.rows).toBeGreaterThanOrEqual(20);
        expect(found!.rows).toBeLessThan(others);
        const { rows: logged } = await client.query<{ entries: Buffer }>('select entries from audit_chunks');
        const noted = logged.map(
          ({ entries }) => entries.toString('latin1').split('opt_out.recorded').length - 1,
        );
        expect(noted.reduce((sum, count) => sum + count, 0)).toBe(found!.rows);
      }),
    );
  });
});

describe('a restore that cannot be', () => {
  const leavesNothing = (dir: string) => expect(existsSync(dir)).toBe(false);

  it('names a wrong, an absent and an altered key file', async () => {
    const dir = join(home, 'wrong-key');
    const wrong = join(home, 'wrong.json');
    const right = JSON.parse(readFileSync(keyCopy, 'utf8')) as { keyId: string; key: string };
    const tried = () => restore(backupFile, dir, wrong);
    expect(await tried()).toMatchObject(fails(`key file ${wrong} is missing`));
    writeFileSync(wrong, JSON.stringify({ ...right, keyId: 'ffffffffffff' }), { mode: 0o600 });
    expect(await tried()).toMatchObject(
      fails(`${wrong} is the wrong one: it holds key ffffffffffff, the backup needs ${right.keyId}`),
    );
    writeFileSync(wrong, JSON.stringify({ ...right, key: Buffer.alloc(32, 1).toString('base64') }), {
      mode: 0o600,
    });
    expect(await tried()).toMatchObject(fails(`does not open with ${wrong}`));
    leavesNothing(dir);
  });

  it('refuses a backup that was altered, cut or is none', async () => {
    const whole = readFileSync(backupFile);
    const altered = join(home, 'altered.backup');
    const dir = join(home, 'altered');
    const spoilt = Buffer.from(whole);
    spoilt[whole.length >> 1]! ^= 0x10;
    for (const octets of [spoilt, whole.subarray(0, whole.length - 9)]) {
      writeFileSync(altered, octets);
      expect(await restore(altered, dir)).toMatchObject(fails('the backup is cut or was altered'));
    }
    writeFileSync(altered, 'no gzip');
    expect(await restore(altered, dir)).toMatchObject(fails(`${altered} is not a Signet backup`));
    leavesNothing(dir);
  });

  it('leaves nothing when it is interrupted', async () => {
    const dir = join(home, 'interrupted');
    const { child, ended } = start(['restore', backupFile, '--data', dir, '--key-file', keyCopy]);
    await expect
      .poll(() => existsSync(dir) && readdirSync(dir).length > 0, { interval: 5, timeout: 20_000 })
      .toBe(true);
    child.kill('SIGINT');
    expect(await ended).toEqual({
      code: 130,
      out: '',
      err: 'signet: interrupted: nothing was left half-done\n',
    });
    leavesNothing(dir);
  });

  it('refuses a database that holds anything, and fills an empty one on a server', async () => {
    const [full, empty] = [await cloneDatabase(), await cloneDatabase('empty')];
    const url = ({ owner }: typeof full) =>
      `postgres://${owner.user}@localhost/${owner.database}?host=${encodeURIComponent(owner.host)}&port=${owner.port}`;
    try {
      const onServer = (server: typeof full) =>
        restore(backupFile, join(home, 'unused'), keyCopy, { DATABASE_URL: url(server) });
      expect(await onServer(full)).toMatchObject(fails('already holds data'));
      expect(await onServer(empty)).toMatchObject(passes);
    } finally {
      await full.drop();
      await empty.drop();
    }
  });
});

describe('the commands beside a running server', () => {
  it('give a new one-time password', async () => {
    const { code, out, err } = await signet(['reset-password', NAME, '--data', dataDir]);
    expect({ code, err }).toEqual(passes);
    const password = out.trim().split(' ').at(-1)!;
    const { db, vault, lease, random, clock, registryVersion } = running;
    const now = () => clock.now();
    const accounts = createAccounts({ db, vault, ids: lease.ids, random, makeChange, now, registryVersion });
    const { session } = await accounts.signIn({ name: NAME, password, address: '127.0.0.1' });
    expect(session.mustChangePassword).toBe(true);
    await running.lease.beat();

    const unknown = await signet(['reset-password', 'nobody', '--data', dataDir]);
    expect(unknown).toMatchObject(fails('no user of this name'));
  });

  it('find nothing wrong', async () => {
    const { code, out } = await signet(['doctor', '--data', dataDir, '--port', '0']);
    expect(out.split('\n').filter((line) => line.startsWith('problem'))).toEqual([]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok\taudit log: \d+ entries/m);
  });

  it('export the log, and prove the export without a store', async () => {
    const file = join(home, 'log.jsonl');
    expect(await signet(['audit', 'export', file, '--data', dataDir])).toMatchObject(passes);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const { verifierKey, size } = JSON.parse(lines[0]!) as { verifierKey: string; size: string };
    expect(lines).toHaveLength(Number(size) + 1);
    const verify = (...more: string[]) =>
      signet(['audit', 'verify', '--file', file, '--checkpoint', earlier, ...more]);
    expect(await verify('--verifier-key', verifierKey)).toMatchObject(passes);
    expect((await verify()).out).toContain(verifierKey);

    writeFileSync(
      file,
      `${lines.with(6, lines[6]!.replace('opt_out.recorded', 'opt_out.forgotten')).join('\n')}\n`,
    );
    expect(await verify()).toMatchObject(fails('entry 5 is the first bad one (check entry'));
    writeFileSync(file, `${lines.slice(0, -2).join('\n')}\n`);
    expect(await verify()).toMatchObject(fails('check truncation'));
  });

  it('name the first altered entry of the stored log, which no longer restores either', async () => {
    const alter = (from: string, to: string) =>
      asOwner(running.address, (client) =>
        client.query(
          `update audit_chunks set entries = decode(replace(encode(entries, 'hex'), encode($1, 'hex'), encode($2, 'hex')), 'hex') where first_index = 7`,
          [Buffer.from(from), Buffer.from(to)],
        ),
      );
    await alter('system:test', 'system:tost');
    const verified = await signet(['audit', 'verify', '--checkpoint', earlier, '--data', dataDir]);
    expect(verified).toMatchObject(fails('entry 7 is the first bad one (check entry'));
    expect(await signet(['doctor', '--data', dataDir, '--port', '0'])).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^problem\taudit log: entry 7 is/m),
    });

    const file = join(home, 'altered-log.backup');
    expect((await backUp(file)).code).toBe(0);
    expect(await restore(file, join(home, 'altered-log'))).toMatchObject(fails('entry 7 (check entry'));
    await alter('system:tost', 'system:test');
    expect((await signet(['audit', 'verify', '--data', dataDir])).code).toBe(0);
  });
});
