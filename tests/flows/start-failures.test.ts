import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startTestCluster } from '../world/cluster.ts';
import { notProven } from '../world/not-proven.ts';
import {
  makeDataDir,
  type Ready,
  type RunningServer,
  removeDataDir,
  runServer,
  startServer,
} from '../world/server.ts';
import { descendants, naming, running } from './processes.ts';
import { send, settled } from './sending.ts';
import { asOwner } from './store.ts';

let home: string;
let data: string;
let first: Ready;
const started: RunningServer[] = [];

/** A file that is there and is no key. */
const MAIN_SOURCE = fileURLToPath(import.meta.url);

/** The next test finds the folder free, also when an expectation failed while a server ran. */
async function start(options: Parameters<typeof startServer>[0]): Promise<RunningServer> {
  const server = await startServer(options);
  started.push(server);
  return server;
}

beforeAll(async () => {
  home = makeDataDir('signet-failures-');
  data = join(home, 'data');
  const server = await start({ dataDir: home });
  first = server.ready;
  expect(await server.stop()).toBe(0);
});
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
});
afterAll(() => removeDataDir(home));

/** A start that must fail: its one line, and that nothing of it runs on, whoever would be its parent by then. */
async function failure(args: string[], env: Record<string, string> = {}) {
  const before = naming(home);
  const mark = randomUUID();
  const { code, err } = await runServer(args, { ...env, SIGNET_TEST_RUN: mark });
  expect(running([...naming(home), ...naming(mark)].filter((pid) => !before.includes(pid)))).toEqual([]);
  expect(err).toMatch(/^signet: [^\n]+\n$/);
  return { code, line: err.trimEnd() };
}

/** The folder is as good as before: the server starts on it and sends with the key of the first start. */
async function startsAgain(): Promise<void> {
  const server = await start({ dataDir: home });
  expect(await send({ ...first, url: server.ready.url }, first.phone)).toMatchObject({ Code: 'OK' });
  expect(await server.stop()).toBe(0);
}

describe('a start that cannot be', { timeout: 120_000 }, () => {
  it('names a setting with a wrong value, flag or variable, and makes no folder', async () => {
    const fresh = join(home, 'fresh');
    expect(await failure(['--data', fresh, '--port', 'eighty'])).toEqual({
      code: 2,
      line: expect.stringMatching(/--port must be .*"eighty"/),
    });
    expect(await failure(['--data', fresh], { SIGNET_RETENTION_DAYS: '0' })).toEqual({
      code: 2,
      line: expect.stringContaining('SIGNET_RETENTION_DAYS must be'),
    });
    expect(existsSync(fresh)).toBe(false);
  });

  it('names an unknown setting and the one that is near', async () => {
    expect(await failure(['--prot', '80'])).toEqual({
      code: 2,
      line: 'signet: unknown setting "--prot": did you mean --port?',
    });
    expect(await failure([], { SIGNET_PROT: '80' })).toEqual({
      code: 2,
      line: 'signet: unknown setting "SIGNET_PROT": did you mean SIGNET_PORT?',
    });
  });

  it('names the port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const ready = join(home, 'taken.json');
    const fresh = join(home, 'never made');
    expect((await failure(['--data', fresh, '--port', String(port)])).code).toBe(1);
    expect(existsSync(fresh)).toBe(false);
    const args = ['--data', data, '--port', String(port), '--ready-file', ready];
    expect(await failure(args)).toEqual({
      code: 1,
      line: expect.stringMatching(new RegExp(`^signet: SIGNET_PORT: port ${port} is taken`)),
    });
    expect(existsSync(ready)).toBe(false);
    await new Promise((resolve) => other.close(resolve));
    await startsAgain();
  });

  it('names the ready file or the TLS files that cannot be used, before anything is made', async () => {
    const fresh = join(home, 'unused');
    const ready = join(home, 'absent', 'ready.json');
    expect(await failure(['--data', fresh, '--port', '0', '--ready-file', ready])).toEqual({
      code: 1,
      line: expect.stringContaining(`--ready-file (SIGNET_READY_FILE): ${ready} cannot be written`),
    });
    const notPem = ['--tls-cert', MAIN_SOURCE, '--tls-key', MAIN_SOURCE];
    expect(await failure(['--data', fresh, '--port', '0', ...notPem])).toEqual({
      code: 1,
      line: expect.stringContaining('SIGNET_TLS_CERT, SIGNET_TLS_KEY: cannot be used'),
    });
    expect(existsSync(fresh)).toBe(false);
  });

  it('names DATABASE_URL when the database is away, and never shows its password', async () => {
    const fresh = join(home, 'remote');
    const { code, line } = await failure(['--data', fresh, '--port', '0'], {
      DATABASE_URL: 'postgres://signet:hunter2hunter2@127.0.0.1:1/signet',
    });
    expect({ code, line }).toEqual({
      code: 1,
      line: expect.stringMatching(/^signet: DATABASE_URL: .*reached/),
    });
    expect(line).not.toContain('hunter2');
    expect(existsSync(fresh) ? readdirSync(fresh) : []).toEqual([]);
  });

  it('refuses a schema that is newer, and leaves it as it is', async () => {
    const server = await start({ dataDir: home });
    const withMigrations = (text: string) => asOwner(home, (client) => client.query(text));
    await withMigrations(
      `insert into schema_migrations (name, sha256) values ('9999_of_a_later_version', repeat('0', 64))`,
    );
    expect(await server.stop()).toBe(0);
    expect(await failure(['--data', data, '--port', '0'])).toEqual({
      code: 1,
      line: expect.stringMatching(
        /newer schema than this Signet \(9999_of_a_later_version\): start the newer/,
      ),
    });
    await repair(`delete from schema_migrations where name like '9999%'`);
    await startsAgain();
  });

  it('names the key file that is missing while there is data, and makes no other', async () => {
    const keyFile = join(data, 'keys', 'kek.json');
    renameSync(keyFile, join(home, 'kek.json'));
    expect(await failure(['--data', data, '--port', '0'])).toEqual({
      code: 1,
      line: expect.stringContaining(keyFile),
    });
    expect(existsSync(keyFile)).toBe(false);
    renameSync(join(home, 'kek.json'), keyFile);
    await startsAgain();
  });

  it('names the folder that another Signet uses, and does not disturb it', async () => {
    const server = await start({ dataDir: home });
    const own = descendants(server.process.pid!);
    expect(await failure(['--data', data, '--port', '0'])).toEqual({
      code: 1,
      line: expect.stringMatching(/in use|uses|--data/),
    });
    expect(running(own)).toEqual(own);
    expect(await send({ ...first, url: server.ready.url }, first.phone)).toMatchObject({ Code: 'OK' });
    expect(await server.stop()).toBe(0);
  });
});

/** Changes the embedded database while no Signet runs on it. */
async function repair(text: string): Promise<void> {
  const { startPostgres } = await import('../../apps/server/src/platform/postgres/public.ts');
  const store = await startPostgres({ dataDir: data, log: () => undefined });
  try {
    await asOwner(home, (client) => client.query(text));
  } finally {
    await store.stop();
  }
}

const SYSTEM_POSTGRES = 15;

describe('DATABASE_URL', { timeout: 120_000 }, () => {
  it(`moves everything to a PostgreSQL ${SYSTEM_POSTGRES}, and a message goes through it`, async () => {
    if (!existsSync(`/usr/lib/postgresql/${SYSTEM_POSTGRES}/bin`)) {
      notProven(`PostgreSQL ${SYSTEM_POSTGRES}`, 'a message through DATABASE_URL');
      return;
    }
    const chosen = process.env.SIGNET_TEST_POSTGRES;
    process.env.SIGNET_TEST_POSTGRES = String(SYSTEM_POSTGRES);
    const cluster = await startTestCluster();
    if (chosen === undefined) delete process.env.SIGNET_TEST_POSTGRES;
    else process.env.SIGNET_TEST_POSTGRES = chosen;
    const dir = makeDataDir('signet-remote-');
    try {
      const { host, port, user, database } = cluster.owner(await cluster.clone('empty'));
      // Two forms that libpq knows for a socket: the user before no host, the folder as the host.
      const form = {
        DATABASE_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
      };
      const otherForm = {
        DATABASE_URL: `postgresql://${user}@${encodeURIComponent(host)}:${port}/${database}`,
      };
      const server = await start({ dataDir: dir, env: form });
      expect(readdirSync(join(dir, 'data'))).toEqual(['keys']);
      const { BizId, Code } = await send(server.ready, first.phone);
      expect(Code).toBe('OK');
      expect(await settled(server.ready, first.phone, BizId)).toMatchObject({ SendStatus: 3 });
      expect(await server.stop()).toBe(0);

      const again = await start({ dataDir: dir, env: otherForm });
      const sender = { ...server.ready, url: again.ready.url };
      expect(await settled(sender, first.phone, BizId)).toMatchObject({ SendStatus: 3 });
      expect(await again.stop()).toBe(0);
      expect(await cluster.drop(database)).toEqual([]);
    } finally {
      await cluster.stop();
      removeDataDir(dir);
    }
  });
});
