import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseForTests } from '../../../../../../tests/world/database.ts';
import { migrate } from '../../../platform/migrations/public.ts';
import { type RestoreDeps, restoreBackup, writeBackup } from './service.ts';

const SCHEMA_DIR = fileURLToPath(new URL('../../../db', import.meta.url));
const OLDER = 3;

const [source, target] = [databaseForTests('empty'), databaseForTests('empty')];
const dir = mkdtempSync(join(tmpdir(), 'signet-older-'));
const file = join(dir, 'older.backup');
const signal = new AbortController().signal;
const digest = (text: string) => Buffer.from(text.slice(-8));

/** The keys and the log are proven by the flow test; here it is the schema that differs. */
const deps = (schemaDir: string): RestoreDeps => ({
  schemaDir,
  openKeys: async () => ({ digest, verifyLog: async () => ({ ok: true, size: 0 }) }),
  settleQueue: async () => ({ inDoubt: 0, toSend: 0, held: 0 }),
  signal,
});

/** A schema folder with the first `count` migrations. */
function schemaOf(count: number): string {
  const made = mkdtempSync(join(dir, 'schema-'));
  mkdirSync(join(made, 'migrations'));
  for (const name of readdirSync(join(SCHEMA_DIR, 'migrations')).sort().slice(0, count)) {
    copyFileSync(join(SCHEMA_DIR, 'migrations', name), join(made, 'migrations', name));
  }
  return made;
}

async function on<T>(connection: pg.ClientConfig, work: (owner: pg.Client) => Promise<T>): Promise<T> {
  const owner = new pg.Client(connection);
  await owner.connect();
  try {
    return await work(owner);
  } finally {
    await owner.end();
  }
}

beforeAll(() =>
  on(source().owner, async (owner) => {
    await migrate(owner, schemaOf(OLDER));
    await owner.query(
      `insert into tenants values (7, 'older', 'active', false, '2025-01-31T00:00:00.123456Z')`,
    );
    const checkpoint = async () => ({ note: 'note', verifierKey: 'key', size: '0' });
    await writeBackup(owner, file, { now: () => 0, checkpoint, digest, signal });
  }),
);
afterAll(() => rmSync(dir, { recursive: true }));

describe('a backup of an older schema', () => {
  const restoreInto = (schemaDir: string) =>
    on(target().owner, (owner) => restoreBackup(owner, file, deps(schemaDir)));

  it('is refused where its migrations are others or unknown, with nothing left', async () => {
    await expect(restoreInto(schemaOf(OLDER - 1))).rejects.toMatchObject({ refusal: 'migration_unknown' });
    const changed = schemaOf(OLDER);
    const last = readdirSync(join(changed, 'migrations')).at(-1)!;
    appendFileSync(join(changed, 'migrations', last), '-- changed\n');
    const facts = { name: last.slice(0, -'.sql'.length) };
    await expect(restoreInto(changed)).rejects.toMatchObject({ refusal: 'migration_differs', facts });
    const left = await on(target().owner, (owner) =>
      owner.query(`select relname from pg_class where relnamespace = 'public'::regnamespace`),
    );
    expect(left.rows).toEqual([]);
  });

  it('refuses a backup that was altered together with its digests', async () => {
    const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex');
    const text = gunzipSync(readFileSync(file)).toString('latin1').replace('active', 'frozen');
    const lines = text.split('\n').slice(0, -1);
    const jsonLines: string[] = [];
    let rows: string[] | undefined;
    for (const [at, line] of lines.entries()) {
      if (line === '\\.' || rows === undefined) {
        // The line after the end mark holds the digest, the one after that names the next table.
        if (line === '\\.')
          lines[at + 1] = lines[at + 1]!.replace(/"sha256":"\w+"/, `"sha256":"${sha256(rows!.join(''))}"`);
        else jsonLines.push(`${line}\n`);
        rows = line.startsWith('{"table"') ? [] : undefined;
      } else rows.push(`${line}\n`);
    }
    const trailer = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
    lines[lines.length - 1] = JSON.stringify({ ...trailer, sha256: sha256(jsonLines.slice(0, -1).join('')) });
    const forged = gzipSync(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
    Buffer.from([0, 0xff]).copy(forged, 8);
    const forgery = join(dir, 'forged.backup');
    writeFileSync(forgery, forged);
    const restored = on(target().owner, (owner) => restoreBackup(owner, forgery, deps(SCHEMA_DIR)));
    await expect(restored).rejects.toMatchObject({ refusal: 'backup_altered', facts: { part: 'mac' } });
  });

  it('is restored and brought up to date, tenant rules included', async () => {
    expect(await restoreInto(SCHEMA_DIR)).toMatchObject({ auditSize: '0' });
    await on(target().owner, async (owner) => {
      const tenants = await owner.query('select t::text as row from tenants t');
      expect(tenants.rows).toEqual([{ row: '(7,older,active,f,"2025-01-31 00:00:00.123456+00")' }]);
      const { rows } = await owner.query<{ name: string }>(
        'select name from schema_migrations order by name',
      );
      const files = readdirSync(join(SCHEMA_DIR, 'migrations')).sort();
      expect(rows.map(({ name }) => name)).toEqual([
        ...files.map((name) => name.slice(0, -'.sql'.length)),
        'tenant-rules',
      ]);
      const policies = await owner.query(`select from pg_policies where tablename = 'messages'`);
      expect(policies.rowCount).toBe(2);
    });
  });
});
