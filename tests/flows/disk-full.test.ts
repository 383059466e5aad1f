import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notProven } from '../world/not-proven.ts';
import { eventually, makeDataDir, type Ready, removeDataDir } from '../world/server.ts';
import { naming, running } from './processes.ts';
import { details, send } from './sending.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

const MAIN = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));
/** The empty database takes 80 MB, its log up to three files of 16. */
const MEGABYTES = 180;

let dir: string;
let disk: SmallDisk | null;
let starts = 0;
/** The first start tells the secrets. */
let first: Ready;
let acknowledged: string[];

beforeAll(async () => {
  dir = makeDataDir('signet-small-');
  disk = await mountSmallDisk(join(dir, 'disk'), MEGABYTES);
  acknowledged = [];
});
afterAll(async () => {
  await disk?.close();
  removeDataDir(dir);
});

function launch(on: SmallDisk) {
  const readyFile = join(dir, `ready-${++starts}.json`);
  const args = [
    '--data',
    join(on.dir, 'data'),
    '--port',
    '0',
    '--ready-file',
    readyFile,
    '--log-level',
    'warn',
  ];
  const [program = '', ...words] = [...on.words, process.execPath, MAIN, ...args];
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, exited, readyFile, out: () => out, err: () => err };
}

async function start(on: SmallDisk) {
  const one = launch(on);
  let ended = false;
  void one.exited.then(() => {
    ended = true;
  });
  const ready = await eventually('the ready file', async () => {
    if (ended) throw new Error(one.err());
    return existsSync(one.readyFile) ? (JSON.parse(readFileSync(one.readyFile, 'utf8')) as Ready) : undefined;
  });
  first ??= ready;
  const sender = { ...first, url: ready.url };
  return {
    ...one,
    url: ready.url,
    sender,
    async send() {
      const answer = await send(sender, first.phone);
      if (answer.Code === 'OK') acknowledged.push(String(answer.BizId));
      return answer;
    },
    async stop() {
      one.child.kill('SIGINT');
      return one.exited;
    },
  };
}

const readyz = async (url: string) => (await fetch(`${url}/readyz`)).json();

/** Every message that was acknowledged is there and came to its end. */
async function allDelivered(sender: Parameters<typeof details>[0]): Promise<void> {
  for (const bizId of acknowledged) {
    await eventually(`the end of ${bizId}`, async () => {
      const rows = await details(sender, first.phone, bizId);
      expect(rows.length).toBeGreaterThan(0);
      return rows[0]!.SendStatus === 3 ? true : undefined;
    });
  }
}

/** Starts new files of PostgreSQL's log until there is room for none. */
async function exhaustLog(on: SmallDisk): Promise<void> {
  const client = new pg.Client({ host: join(on.reached, 'data', 'run'), user: 'signet', database: 'signet' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (;;) await client.query(`select pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()`);
  } catch {
    // Its server has ended itself.
  } finally {
    await client.end().catch(() => undefined);
  }
}

describe('a disk that is full', { timeout: 120_000 }, () => {
  it('while it sends: says so, loses nothing, and goes on once there is room', async () => {
    if (disk === null) return notProven('mount namespaces', 'the server on a full disk');
    const server = await start(disk);
    expect(await server.send()).toMatchObject({ Code: 'OK' });
    expect(await readyz(server.url)).toEqual({ ready: true, reasons: [] });

    disk.fill();
    const refused = await eventually('a refusal', async () => {
      const answer = await server.send();
      return answer.Code === 'OK' ? undefined : answer;
    });
    expect(refused).toMatchObject({ Code: 'ServiceUnavailable' });
    expect(await readyz(server.url)).toEqual({ ready: false, reasons: ['disk'] });
    const known = acknowledged.length;

    disk.free();
    await eventually('an acknowledgement', async () =>
      (await server.send()).Code === 'OK' ? true : undefined,
    );
    expect(await readyz(server.url)).toEqual({ ready: true, reasons: [] });
    await allDelivered(server.sender);
    expect((await details(server.sender, first.phone)).length).toBe(acknowledged.length);
    expect(acknowledged.length).toBeGreaterThan(known);
    expect(await server.stop()).toBe(0);
    // One line for the many failures.
    expect(server.out().match(/"store\.full"/g)).toHaveLength(1);
  });

  it('to the last file of the log: ends with one line, and starts again once there is room', async () => {
    if (disk === null)
      return notProven('mount namespaces', 'the server whose database ended for want of disk');
    const server = await start(disk);
    expect(await server.send()).toMatchObject({ Code: 'OK' });
    // What is on its way when the sandbox carrier ends with us would stay in doubt, rightly.
    await allDelivered(server.sender);
    disk.fill();
    await exhaustLog(disk);
    expect(await server.exited).toBe(1);
    expect(server.err()).toMatch(
      /^signet: the embedded database ended \(the disk is full: [^\n]*--data[^\n]*\n$/,
    );
    expect(running(naming(dir))).toEqual([]);

    const again = launch(disk);
    expect(await again.exited).toBe(1);
    expect(again.err()).toMatch(/^signet: data folder \S+: the disk is full: [^\n]*--data[^\n]*\n$/);
    expect(existsSync(again.readyFile)).toBe(false);

    disk.free();
    const next = await start(disk);
    await next.send();
    await allDelivered(next.sender);
    expect(await next.stop()).toBe(0);
  });
});
