import pg from 'pg';
import type { Reference } from './model.ts';

/** What of the owner's session this room uses: whole tables, over all tenants. */
export type Owner = pg.Client;

export type StoredTable = { name: string; columns: string[] };

const quoted = (name: string): string => pg.escapeIdentifier(name);

/** One consistent view of everything, with values written the same whatever the server's settings are. */
export async function beginSnapshot(owner: Owner): Promise<void> {
  await owner.query(
    `begin isolation level repeatable read; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
     set local timezone = 'UTC'; set local extra_float_digits = 3; set local search_path = public`,
  );
}

/** The transaction of a restore; values are read as `beginSnapshot` has them written. */
export async function beginRestore(owner: Owner): Promise<void> {
  await owner.query(
    `begin; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
     set local search_path = public`,
  );
}

/** Tables of schema public with their columns, generated ones left out: they compute themselves again. */
export async function readTables(owner: Owner): Promise<StoredTable[]> {
  const { rows } = await owner.query<StoredTable>(
    `select c.relname::text as name, array_agg(a.attname::text order by a.attnum) as columns
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     group by c.relname order by c.relname`,
  );
  return rows;
}

/** Which table references which. */
export async function readReferences(owner: Owner): Promise<Reference[]> {
  const { rows } = await owner.query<Reference>(
    `select distinct f.relname::text as "from", t.relname::text as "to"
     from pg_constraint r join pg_class f on f.oid = r.conrelid join pg_class t on t.oid = r.confrelid
     where r.contype = 'f' and f.relnamespace = 'public'::regnamespace`,
  );
  return rows;
}

/** True when schema public holds no table, view or sequence. */
export async function isEmptyStore(owner: Owner): Promise<boolean> {
  const { rows } = await owner.query<{ empty: boolean }>(
    `select not exists (select from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S')) as empty`,
  );
  return rows[0]!.empty;
}

export const copyOutStatement = ({ name, columns }: StoredTable): string =>
  `copy public.${quoted(name)} (${columns.map(quoted).join(', ')}) to stdout`;

export const copyInStatement = ({ name, columns }: StoredTable): string =>
  `copy public.${quoted(name)} (${columns.map(quoted).join(', ')}) from stdin`;

/** Removes the rows that migrations put there, referencing tables first. */
export async function clearTables(owner: Owner, inOrder: readonly string[]): Promise<void> {
  for (const table of inOrder.toReversed()) await owner.query(`delete from public.${quoted(table)}`);
}

export type AppliedMigration = { name: string; sha256: string };

/** Whether this database was ever migrated. */
export async function isMigrated(owner: Owner): Promise<boolean> {
  const { rows } = await owner.query<{ present: boolean }>(
    `select to_regclass('public.schema_migrations') is not null as present`,
  );
  return rows[0]!.present;
}

/** Applied migrations in order; the record of the tenant rules is none. */
export async function readMigrations(owner: Owner): Promise<AppliedMigration[]> {
  const { rows } = await owner.query<AppliedMigration>(
    `select name, sha256 from public.schema_migrations where name ~ '^[0-9]{4}_' order by name`,
  );
  return rows;
}

/** Lets the next migration run apply the tenant rules to the restored schema. */
export async function forgetTenantRules(owner: Owner): Promise<void> {
  await owner.query(`delete from public.schema_migrations where name !~ '^[0-9]{4}_'`);
}

/** Ids of the key-encryption keys that the data keys are wrapped with. */
export async function readKeyIds(owner: Owner): Promise<string[]> {
  const { rows } = await owner.query<{ id: string }>(
    'select distinct kek_id as id from public.data_keys order by 1',
  );
  return rows.map((row) => row.id);
}

export async function readLogSize(owner: Owner): Promise<string> {
  const { rows } = await owner.query<{ size: string }>('select size from public.audit_head');
  return rows[0]!.size;
}

export async function countCarriers(owner: Owner): Promise<{ enabled: number; all: number }> {
  const { rows } = await owner.query<{ enabled: number; all: number }>(
    'select (count(*) filter (where enabled))::int as enabled, count(*)::int as "all" from public.carriers',
  );
  return rows[0]!;
}

/** Stored parts of the audit log from the one that holds `from` on, octets as they are. */
export async function readLogParts(
  owner: Owner,
  from: string,
  limit: number,
): Promise<{ firstIndex: string; count: number; entries: Buffer; leafHashes: Buffer }[]> {
  const { rows } = await owner.query<{
    firstIndex: string;
    count: number;
    entries: Buffer;
    leafHashes: Buffer;
  }>(
    `select first_index as "firstIndex", entry_count as count, entries, leaf_hashes as "leafHashes"
     from public.audit_chunks where first_index + entry_count > $1::bigint order by first_index limit $2`,
    [from, limit],
  );
  return rows;
}

export async function readKeptCheckpoints(owner: Owner): Promise<string[]> {
  const { rows } = await owner.query<{ note: string }>(
    'select note from public.audit_checkpoints order by size',
  );
  return rows.map((row) => row.note);
}

/** Version of the database server. */
export async function readRelease(owner: Owner): Promise<string> {
  const { rows } = await owner.query<{ release: string }>(
    `select current_setting('server_version') as release`,
  );
  return rows[0]!.release;
}

/** The server's settings that make a commit survive a power cut. */
export async function readDurability(owner: Owner): Promise<{ name: string; setting: string }[]> {
  const { rows } = await owner.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes') order by name`,
  );
  return rows;
}
