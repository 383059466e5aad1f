import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
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
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { notProven } from '../../../../../tests/world/not-proven.ts';
import { type EmbeddedPostgres, findPostgres, type PostgresAddress, startPostgres } from './postgres.ts';
import { isRunning } from './processes.ts';

const holder = fileURLToPath(new URL('fixtures/hold-postgres.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;
const deadline = { timeout: 20_000, interval: 20 };

/** A store that was made, started and stopped once: making one takes longer than most of what is asked of it. */
let made: string;
let base: string;
let opened: { stop(): Promise<void> }[];
let held: ChildProcess[];

beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'signet-store-made-'));
  await (await startPostgres({ dataDir: made, log: () => undefined })).stop();
});

afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'signet-store-'));
  opened = [];
  held = [];
});

afterEach(async () => {
  for (const postgres of opened) await postgres.stop();
  for (const child of held) await kill(child, 'SIGKILL');
  rmSync(base, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

async function open(
  dataDir: string,
  log: (line: string) => void = () => undefined,
): Promise<EmbeddedPostgres> {
  const postgres = await startPostgres({ dataDir, log });
  opened.push(postgres);
  return postgres;
}

/** A folder with a copy of the store that was made before. */
function madeIn(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const copied = spawnSync('cp', ['-a', join(made, 'postgres'), dataDir], { encoding: 'utf8' });
  if (copied.status !== 0) throw new Error(copied.stderr);
  return dataDir;
}

async function query(address: PostgresAddress, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ ...address, host: address.socketDir });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Runs the holder process; answers its address, or the line it failed with. */
async function hold(
  words: string[],
  ids: { uid?: number; gid?: number } = {},
  launcher: string[] = [],
): Promise<{ child: ChildProcess; address: PostgresAddress | null; line: string }> {
  const [program = '', ...args] = [...launcher, process.execPath, holder, ...words];
  const child = spawn(program, args, { ...ids, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  held.push(child);
  let out = '';
  let line = '';
  child.stderr!.on('data', (chunk) => {
    line += chunk;
  });
  await new Promise<void>((resolve) => {
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      if (out.includes('\n')) resolve();
    });
    child.once('close', () => resolve());
  });
  return { child, address: out === '' ? null : (JSON.parse(out) as PostgresAddress), line: line.trim() };
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

function serverPid(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

describe('the embedded store', () => {
  it('starts private and durable in a path with blanks and quotes, and keeps everything', async () => {
    const dataDir = join(base, `my "data", 数据 folder`);
    const first = await open(dataDir);
    for (const dir of [dataDir, join(dataDir, 'postgres'), first.socketDir]) {
      expect(statSync(dir).mode & 0o777).toBe(0o700);
    }
    const [settings] = await query(
      first,
      `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
              current_setting('full_page_writes') as pages, current_setting('listen_addresses') as addresses,
              current_setting('server_version_num')::int / 10000 as major, current_setting('server_encoding') as encoding,
              current_setting('data_checksums') as checksums`,
    );
    expect(settings).toEqual({
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      addresses: '',
      major: 18,
      encoding: 'UTF8',
      checksums: 'on',
    });
    await query(first, 'create table kept as select 7 as n');
    await first.stop();
    expect(await first.ended).toBeNull();
    expect(findPostgres(dataDir)).toBeNull();

    // It goes on where it was closed: nothing is made anew or recovered, which is what takes time.
    const lines: string[] = [];
    const second = await open(dataDir, (line) => lines.push(line));
    expect(lines.filter((line) => /\b(?:shut down|recovery|interrupted)\b/.test(line))).toEqual([
      expect.stringContaining('database system was shut down at'),
    ]);
    expect(await query(second, 'select n from kept')).toEqual([{ n: 7 }]);
  });

  it('ends with its process, even by kill -9, and the next start has every commit', async () => {
    const { child, address } = await hold([madeIn(base)]);
    await query(address!, 'create table kept as select 1 as n');
    const pid = serverPid(base);
    await kill(child, 'SIGKILL');
    // At once: the old server may still be ending.
    const again = await open(base);
    expect(await query(again, 'select n from kept')).toEqual([{ n: 1 }]);
    expect(isRunning(pid)).toBe(false);
  });

  it('ends by itself when nobody starts it again', async () => {
    const { child } = await hold([madeIn(base)]);
    const pid = serverPid(base);
    await kill(child, 'SIGKILL');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), deadline);
  });

  it('recovers when server and process are killed together', async () => {
    const { child, address } = await hold([madeIn(base)]);
    await query(address!, 'create table kept as select 2 as n');
    process.kill(serverPid(base), 'SIGKILL');
    await kill(child, 'SIGKILL');
    expect(await query(await open(base), 'select n from kept')).toEqual([{ n: 2 }]);
  });

  it('tells when the server ends by itself', async () => {
    const postgres = await open(madeIn(base));
    process.kill(serverPid(base), 'SIGKILL');
    expect(await postgres.ended).toBe('signal SIGKILL');
    expect(await query(await open(base), 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('runs beside others, each in a folder of its own; a folder belongs to one process', async () => {
    const [one, two] = await Promise.all([open(madeIn(join(base, 'one'))), open(join(base, 'two'))]);
    await query(one, 'create table only_here (n int)');
    expect(await query(two, `select to_regclass('only_here') as found`)).toEqual([{ found: null }]);
    const { line } = await hold([join(base, 'one')]);
    expect(line).toBe(
      `StartFailure: data folder ${join(base, 'one')} is in use by another Signet (process ${process.pid}): stop it, or set --data to another folder`,
    );
    expect(findPostgres(join(base, 'one'))).toMatchObject({ socketDir: one.socketDir, user: 'signet' });
  });

  it('moves its socket to a short folder when the path is too long for one, and finds it again', async () => {
    const dataDir = join(base, 'd'.repeat(60), 'e'.repeat(60));
    const first = await open(madeIn(dataDir));
    expect(first.socketDir.length).toBeLessThan(80);
    expect(statSync(first.socketDir).mode & 0o777).toBe(0o700);
    expect(findPostgres(dataDir)?.socketDir).toBe(first.socketDir);
    await first.stop();
    const second = await open(dataDir);
    expect(second.socketDir).toBe(first.socketDir);
    expect(await query(second, 'select 1 as n')).toEqual([{ n: 1 }]);
    await second.stop();
    rmSync(first.socketDir, { recursive: true });
    const third = await open(dataDir);
    expect(await query(third, 'select 1 as n')).toEqual([{ n: 1 }]);
    await third.stop();
    rmSync(third.socketDir, { recursive: true });
  });

  it('makes the database anew when its making was interrupted', async () => {
    const spawned = spawn(process.execPath, [holder, base], { stdio: 'ignore' });
    held.push(spawned);
    const unfinished = () =>
      readdirSync(base).find((name) => name.startsWith('postgres.unfinished')) ?? 'none';
    await vi.waitFor(() => expect(existsSync(join(base, unfinished(), 'base'))).toBe(true), deadline);
    await kill(spawned, 'SIGKILL');
    expect(existsSync(join(base, 'postgres'))).toBe(false);
    expect(await query(await open(base), 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('is not stopped by a stale process id that belongs to someone else now', async () => {
    await (await open(madeIn(base))).stop();
    const stale = `${process.ppid}\n${join(base, 'postgres')}\n1700000000\n5432\n${join(base, 'run')}\n\n  1 1\nready   \n`;
    writeFileSync(join(base, 'postgres', 'postmaster.pid'), stale, { mode: 0o600 });
    writeFileSync(join(base, 'lock'), `${process.ppid} 12345`);
    expect(await query(await open(base), 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('logs no statement and no content', async () => {
    const lines: string[] = [];
    const postgres = await open(madeIn(base), (line) => lines.push(line));
    await query(postgres, 'create table phones (phone text unique)');
    await query(postgres, `insert into phones values ('13800138000')`);
    await expect(query(postgres, `insert into phones values ('13800138000')`)).rejects.toThrow('unique');
    await expect(query(postgres, `select '13800138000x'::bigint`)).rejects.toThrow('invalid input');
    await postgres.stop();
    expect(lines.length).toBeGreaterThan(3);
    expect(lines.join('\n')).not.toMatch(/13800138000|phones/);
  });
});

describe('as root and as others', () => {
  it.runIf(isRoot)('runs in every way it knows, one after the other on the same files', async () => {
    chmodSync(base, 0o755);
    const dataDir = join(base, 'data');
    const n: unknown[] = [];
    for (const way of ['namespace', 'capability', 'other-user', 'capability']) {
      const { child, address, line } = await hold([dataDir, way]);
      if (address === null && way === 'namespace' && line.includes('does not run as root')) {
        notProven('user namespaces', 'the embedded database as root in a namespace');
        continue;
      }
      expect(line).toBe('');
      await query(address!, 'create table if not exists starts (at timestamptz default now())');
      await query(address!, 'insert into starts default values');
      n.push((await query(address!, 'select count(*)::int as n from starts'))[0]?.n);
      const pid = serverPid(dataDir);
      await kill(child, way === 'other-user' ? 'SIGKILL' : 'SIGTERM');
      await vi.waitFor(() => expect(isRunning(pid)).toBe(false), deadline);
    }
    expect(n.at(-1)).toBe(n.length);
  });

  it.runIf(isRoot)('says in one line when no other user can reach the folder', async () => {
    const { line } = await hold([join(base, 'data'), 'other-user']);
    expect(line).toMatch(/^StartFailure: data folder .* set --data to a folder outside private homes[^\n]*$/);
  });

  it.runIf(isRoot)('runs as an ordinary user, with and without parent-death signals', async () => {
    chmodSync(base, 0o777);
    for (const way of ['plain', 'plain-watched']) {
      const dataDir = join(base, way);
      const { child, address } = await hold([dataDir, way], { uid: 65_534, gid: 65_534 });
      expect(await query(address!, 'select 1 as n')).toEqual([{ n: 1 }]);
      const pid = serverPid(dataDir);
      await kill(child, 'SIGKILL');
      await vi.waitFor(() => expect(isRunning(pid)).toBe(false), deadline);
    }
  });
});

describe('a data folder that cannot be used', () => {
  async function failure(dataDir: string): Promise<string> {
    const caught: unknown = await startPostgres({ dataDir, log: () => undefined }).then(
      (postgres) => postgres.stop().then(() => 'started'),
      (error: unknown) => error,
    );
    return caught instanceof Error ? `${caught.name}: ${caught.message}` : String(caught);
  }

  it('names the setting in one line', async () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    expect(await failure(file)).toBe(
      `StartFailure: data folder ${file}: it is not a folder: set --data to a folder`,
    );
    expect(await failure(join(file, 'below'))).toContain('it is not a folder');
    expect(await failure('/proc/signet')).toMatch(
      /^StartFailure: data folder \/proc\/signet: it cannot be [^\n]*--data/,
    );
  });

  it.runIf(isRoot)('is refused to a user who may not write it', async () => {
    const dataDir = join(base, 'data');
    chmodSync(base, 0o755);
    const { line } = await hold([dataDir], { uid: 65_534, gid: 65_534 });
    expect(line).toBe(
      `StartFailure: data folder ${dataDir}: it cannot be written: change its owner, or set --data to another folder`,
    );
  });

  it('leaves a folder of other things alone', async () => {
    chmodSync(base, 0o755);
    writeFileSync(join(base, 'letter.txt'), 'dear');
    expect(await failure(base)).toContain(
      'holds other things and is open to other users: set --data to a new folder',
    );
    expect(statSync(base).mode & 0o777).toBe(0o755);
  });

  it('does not open a database of another version or half of one', async () => {
    mkdirSync(join(base, 'postgres'));
    expect(await failure(base)).toContain('is not a database');
    writeFileSync(join(base, 'postgres', 'PG_VERSION'), '17\n');
    expect(await failure(base)).toContain('is of PostgreSQL 17, this Signet brings 18');
  });

  it('says when the disk is full and leaves nothing half-made', async () => {
    const inside = [
      'sh',
      '-c',
      'mount -t tmpfs -o size=8m none "$1" && shift && "$@"; code=$?; ls "$0"; exit $code',
      base,
    ];
    const launcher = ['unshare', '-Urm', ...inside, base];
    if (spawnSync('unshare', ['-Urm', 'mount', '-t', 'tmpfs', 'none', base]).status !== 0) {
      notProven('mount namespaces', 'the embedded database on a full disk');
      return;
    }
    const [program = '', ...args] = [...launcher, process.execPath, holder, join(base, 'data')];
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    expect(stderr.trim()).toMatch(/^StartFailure: data folder \S+: the disk is full: [^\n]*--data[^\n]*$/);
    expect(status).toBe(1);
    expect(stdout.trim()).toBe('data');
  });
});
