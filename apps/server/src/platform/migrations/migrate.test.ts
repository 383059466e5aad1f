import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cloneDatabase, type TestDatabase } from '../../../../../tests/world/database.ts';
import { migrate } from './migrate.ts';

let dir: string;
let database: TestDatabase;
let sessions: pg.Client[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'signet-migrations-'));
  mkdirSync(join(dir, 'migrations'));
  database = await cloneDatabase('empty');
  sessions = [];
  await session();
});

afterEach(async () => {
  for (const client of sessions) await client.end();
  await database.drop();
  rmSync(dir, { recursive: true });
});

async function session(): Promise<pg.Client> {
  const client = new pg.Client(database.owner);
  await client.connect();
  sessions.push(client);
  return client;
}

function file(name: string, sql: string): void {
  writeFileSync(join(dir, name.includes('/') ? name : `migrations/${name}`), sql);
}

async function value(sql: string): Promise<unknown> {
  return Object.values((await sessions[0]!.query(sql)).rows[0] ?? {})[0];
}

describe('migrating', () => {
  it('runs each file once and in order, then the tenant rules, again only when something changed', async () => {
    file(
      '0002_add_sound.sql',
      `alter table probe_cats add sound text; insert into probe_cats values (2, 'mew');`,
    );
    file('0001_create_cats.sql', 'create table probe_cats (n int); insert into probe_cats values (1);');
    file(
      './tenant-rules.sql',
      'create table if not exists probe_rules (n int); insert into probe_rules values (1);',
    );
    const client = await session();
    expect(await migrate(client, dir)).toEqual(['0001_create_cats', '0002_add_sound']);
    expect(await migrate(client, dir)).toEqual([]);
    expect(await value('select count(*)::int from probe_cats')).toBe(2);
    expect(await value('select count(*)::int from probe_rules')).toBe(1);
    file('0003_drop_sound.sql', 'alter table probe_cats drop sound;');
    expect(await migrate(client, dir)).toEqual(['0003_drop_sound']);
    expect(await value('select count(*)::int from probe_rules')).toBe(2);
    file('./tenant-rules.sql', 'insert into probe_rules values (2);');
    await migrate(client, dir);
    expect(await value('select count(*)::int from probe_rules')).toBe(3);
  });

  it('runs each file once when several start together', async () => {
    file('0001_create_cats.sql', 'create table probe_cats (n int); select pg_sleep(0.1);');
    file('0002_insert_cat.sql', 'insert into probe_cats values (1);');
    const clients = await Promise.all([session(), session(), session(), session()]);
    const ran = await Promise.all(clients.map((client) => migrate(client, dir)));
    expect(ran.flat().sort()).toEqual(['0001_create_cats', '0002_insert_cat']);
    expect(await value('select count(*)::int from probe_cats')).toBe(1);
  });

  it('keeps nothing of a file that fails, and all before it', async () => {
    file('0001_create_cats.sql', 'create table probe_cats (n int);');
    file('0002_break_cats.sql', 'create table probe_dogs (n int);\nselect no_such_column;');
    await expect(migrate(sessions[0]!, dir)).rejects.toThrow(
      'migration 0002_break_cats line 2 failed, nothing of it was kept: column "no_such_column" does not exist',
    );
    expect(
      await value(`select to_regclass('probe_cats') is not null and to_regclass('probe_dogs') is null`),
    ).toBe(true);
    file('0002_break_cats.sql', 'create table probe_dogs (n int);');
    expect(await migrate(sessions[0]!, dir)).toEqual(['0002_break_cats']);
  });

  it('refuses a newer schema and a file changed after it ran, but not other line ends', async () => {
    file('0001_create_cats.sql', 'create table probe_cats\n(n int);\n');
    file('0002_create_dogs.sql', 'create table probe_dogs (n int);');
    await migrate(sessions[0]!, dir);
    file('0001_create_cats.sql', 'create table probe_cats\r\n(n int);\r\n');
    expect(await migrate(sessions[0]!, dir)).toEqual([]);
    rmSync(join(dir, 'migrations', '0002_create_dogs.sql'));
    await expect(migrate(sessions[0]!, dir)).rejects.toThrow(
      'the database has a newer schema than this Signet (0002_create_dogs): start the newer version',
    );
    file('0002_create_dogs.sql', 'create table probe_dogs (n bigint);');
    await expect(migrate(sessions[0]!, dir)).rejects.toThrow(
      'migration 0002_create_dogs was changed after it ran',
    );
  });

  it.each([
    ['0002_create_cats.sql', 'select 1', 'number 0001 is due'],
    ['0001-create-cats.sql', 'select 1', 'must be named NNNN_verb_noun.sql'],
    ['0001_create_cats.sql', 'select 1;\ncommit;', 'must not begin or end transactions'],
  ])('refuses the file %s', async (name, sql, reason) => {
    file(name, sql);
    await expect(migrate(sessions[0]!, dir)).rejects.toThrow(reason);
  });
});
