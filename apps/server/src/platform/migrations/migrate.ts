import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf, StartFailure } from '../settings/public.ts';
import { readMigrationFiles, readSqlFile, type SqlFile } from './migration-files.ts';

/** What a `pg` client or pooled client can do; one session, no pool, because transactions span queries. */
export interface MigrationClient {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

const LEAST_SERVER_VERSION = 150_000;

/** Name under which the row-level security rules are recorded. */
const TENANT_RULES = 'tenant-rules';

/**
 * Brings a database to the schema of `dir`: runs the files of `dir/migrations` that it has not seen, each in one
 * transaction with its record, then `dir/tenant-rules.sql` if it or the schema changed since it last ran. Two starters
 * at once take turns on a lock of the record table, so each file runs once; the lock ends with the transaction.
 *
 * @param client the owner's session
 * @returns names of the migrations that this call ran
 * @throws StartFailure when the server is older than PostgreSQL 15 or not UTF-8, the schema is newer than `dir`, a file
 *   changed after it ran, or a file fails; nothing of the failing file is kept
 */
export async function migrate(client: MigrationClient, dir: string): Promise<string[]> {
  const migrations = readMigrationFiles(join(dir, 'migrations'));
  const rulesPath = join(dir, 'tenant-rules.sql');
  const rules = existsSync(rulesPath) ? readSqlFile(rulesPath, TENANT_RULES) : null;

  await refuseUnfitServer(client);
  await makeRecordTable(client);
  const ran: string[] = [];
  for (;;) {
    const name = await inTurn(client, (applied) => runNext(client, migrations, applied));
    if (name === null) break;
    ran.push(name);
  }
  if (rules !== null) await inTurn(client, (applied) => runRules(client, rules, migrations, applied));
  return ran;
}

async function refuseUnfitServer(client: MigrationClient): Promise<void> {
  const { rows } = await client.query(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as release,
            current_setting('server_encoding') as encoding`,
  );
  const { version, release, encoding } = rows[0] as { version: number; release: string; encoding: string };
  if (version < LEAST_SERVER_VERSION) {
    throw new StartFailure(`DATABASE_URL: PostgreSQL 15 or newer is needed, the server is ${release}`);
  }
  if (encoding !== 'UTF8')
    throw new StartFailure(`DATABASE_URL: the database must be UTF8, it is ${encoding}`);
}

/** Starters at once take turns: `create table if not exists` of two sessions collides in the catalogue. */
async function makeRecordTable(client: MigrationClient): Promise<void> {
  const { rows } = await client.query(
    `select to_regclass('public.schema_migrations') is not null as present`,
  );
  if (rows[0]?.present === true) return;
  await client.query('begin');
  try {
    await client.query(`select pg_advisory_xact_lock(hashtext('signet.schema_migrations'))`);
    await client.query(
      `create table if not exists public.schema_migrations (
         name text primary key,
         sha256 text not null,
         applied_at timestamptz not null default now()
       )`,
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new StartFailure(`database: the schema cannot be made: ${reasonOf(error)}`);
  }
}

type Applied = ReadonlyMap<string, string>;

/** Runs `work` in a transaction that holds the record table against other starters; gives it what is applied. */
async function inTurn<T>(client: MigrationClient, work: (applied: Applied) => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    // Readers (readiness checks of running servers) go on; another migrating session waits.
    await client.query('lock table public.schema_migrations in share row exclusive mode');
    const { rows } = await client.query('select name, sha256 from public.schema_migrations');
    const result = await work(new Map(rows.map((row) => [String(row.name), String(row.sha256)])));
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function runNext(client: MigrationClient, known: SqlFile[], applied: Applied): Promise<string | null> {
  refuseNewer(known, applied);
  const changed = known.find((file) => applied.has(file.name) && applied.get(file.name) !== file.sha256);
  if (changed !== undefined) {
    throw new StartFailure(
      `migration ${changed.name} was changed after it ran: restore the file, add a new migration`,
    );
  }
  const next = known.find((file) => !applied.has(file.name));
  if (next === undefined) return null;
  await run(client, next);
  await record(client, next.name, next.sha256);
  return next.name;
}

function refuseNewer(known: SqlFile[], applied: Applied): void {
  const names = new Set(known.map((file) => file.name));
  const unknown = [...applied.keys()].filter((name) => name !== TENANT_RULES && !names.has(name)).sort();
  if (unknown.length === 0) return;
  throw new StartFailure(
    `the database has a newer schema than this Signet (${unknown.at(-1)}): start the newer version, or restore a backup`,
  );
}

/** The rules walk over all tables, so they run again after every migration, and else only when they changed. */
async function runRules(
  client: MigrationClient,
  rules: SqlFile,
  known: SqlFile[],
  applied: Applied,
): Promise<void> {
  const state = `${rules.sha256} ${known.at(-1)?.name ?? ''}`;
  if (applied.get(TENANT_RULES) === state) return;
  await run(client, rules);
  await record(client, TENANT_RULES, state);
}

async function run(client: MigrationClient, file: SqlFile): Promise<void> {
  try {
    await client.query(file.text);
  } catch (error) {
    const place = lineOf(error, file.text);
    throw new StartFailure(
      `migration ${file.name}${place} failed, nothing of it was kept: ${reasonOf(error)}`,
    );
  }
}

/** « line N» of a statement error; PostgreSQL counts its position in characters from 1. */
function lineOf(error: unknown, text: string): string {
  const position = error instanceof Error && 'position' in error ? Number(error.position) : Number.NaN;
  if (!Number.isInteger(position)) return '';
  return ` line ${[...text].slice(0, position).filter((character) => character === '\n').length + 1}`;
}

async function record(client: MigrationClient, name: string, sha256: string): Promise<void> {
  await client.query(
    `insert into public.schema_migrations (name, sha256) values ($1, $2)
     on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()`,
    [name, sha256],
  );
}
