import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseForTests } from '../world/database.ts';

const GRADES = new Set(['open', 'internal', 'tenant', 'personal', 'secret']);

/** Tables of the whole platform, with the reason why none of their rows belongs to one tenant. */
const OF_THE_PLATFORM: Readonly<Record<string, string>> = {
  schema_migrations: 'which migrations ran',
  installation: 'facts of this installation, such as which sandbox tenant was made',
  processes: 'the processes that share the store',
  tenants: 'the tenants themselves; its id is the tenant',
  sessions: 'looked up by the digest of a token, before anybody knows whose it is',
  nonces: 'digests of signed requests, of no use to anybody who reads them',
  audit_head: 'one row: size and frontier of the log',
  audit_chunks: 'the log holds ids and keyed digests of all tenants in one order; the API cuts it by tenant',
  audit_checkpoints: 'signed checkpoints are meant to be handed out',
  carriers: 'the operator’s carriers serve all tenants',
  orphan_receipts: 'a receipt whose message is not known yet has no tenant',
};

type Table = { name: string; owned: boolean; secured: boolean; note: string; policies: string[] };

describe('the isolation of tenants in the database', () => {
  const world = databaseForTests();
  let owner: pg.Client;
  let tables: Table[];

  beforeAll(async () => {
    owner = new pg.Client(world().owner);
    await owner.connect();
    const { rows } = await owner.query<Table>(
      `select c.relname as name, c.relrowsecurity as secured, coalesce(obj_description(c.oid, 'pg_class'), '') as note,
         exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as owned,
         array(select policyname || ' to ' || array_to_string(roles, ',') || ' using ' || coalesce(qual, '') || ' check ' || coalesce(with_check, '')
               from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname order by 1) as policies
       from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
    );
    tables = rows;
  });
  afterAll(() => owner?.end());

  it('every table with a tenant shows the application only the tenants of its transaction', () => {
    const owned = tables.filter((table) => table.owned);
    expect(owned.length).toBeGreaterThan(10);
    for (const { name, secured, policies } of owned) {
      expect({ name, secured }).toEqual({ name, secured: true });
      const rule = /current_setting\('signet\.tenants'::text, true\)/g;
      const own = policies.filter((policy) => policy.includes(' to signet_app '));
      expect({ name, own }).toEqual({
        name,
        own: [expect.stringMatching(/^tenants_of_transaction to signet_app /)],
      });
      // Both in what may be read and in what may be written.
      expect({ name, rules: own[0]!.match(rule)?.length }).toEqual({ name, rules: 2 });
      // Nobody else is let in beside the sweep of our own jobs.
      expect(policies.map((policy) => policy.split(' using ')[0])).toEqual([
        'sweep_over_tenants to signet_sweep',
        'tenants_of_transaction to signet_app',
      ]);
    }
  });

  it('every table without a tenant says why', () => {
    const silent = tables.filter(
      ({ name, owned, note }) =>
        !owned && !/^(no tenant_id|tenantless): \S/.test(note) && !(name in OF_THE_PLATFORM),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
    const known = new Set(tables.filter(({ owned }) => !owned).map(({ name }) => name));
    expect(Object.keys(OF_THE_PLATFORM).filter((name) => !known.has(name))).toEqual([]);
  });

  it('every column has its grade', async () => {
    const { rows } = await owner.query<{ place: string; grade: string | null }>(
      `select c.relname || '.' || a.attname as place, col_description(c.oid, a.attnum) as grade
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'schema_migrations' order by 1`,
    );
    expect(rows.length).toBeGreaterThan(100);
    const ungraded = rows.filter(
      ({ grade }) => !GRADES.has((grade ?? '').split(/[ :,]/)[0]!.replace('grade:', '')),
    );
    expect(ungraded).toEqual([]);
  });

  it('the application owns nothing, and no role of its own goes round the rules', async () => {
    const { rows: roles } = await owner.query(
      `select rolname, rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb from pg_roles
       where rolname in ('signet_app', 'signet_sweep') order by 1`,
    );
    const bound = {
      rolsuper: false,
      rolbypassrls: false,
      rolcanlogin: false,
      rolcreaterole: false,
      rolcreatedb: false,
    };
    expect(roles).toEqual([
      { rolname: 'signet_app', ...bound },
      { rolname: 'signet_sweep', ...bound },
    ]);
    const { rows: owned } = await owner.query(
      `select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname in ('signet_app', 'signet_sweep')
       union all
       select p.proname from pg_proc p join pg_roles r on r.oid = p.proowner where r.rolname in ('signet_app', 'signet_sweep')`,
    );
    expect(owned).toEqual([]);
  });

  it('the application can neither become the sweep, nor change the schema, nor read without a tenant', async () => {
    const app = new pg.Client(world().app);
    await app.connect();
    try {
      await owner.query(`insert into tenants (id, name, state, sandbox, created_at) values
        (11, 'one', 'active', false, now()), (12, 'two', 'active', false, now())`);
      await owner.query(`insert into refusals (tenant_id, id, request_id, step, code, reason, at) values
        (11, 1, 'r', 5, 'c', 'x', now()), (12, 2, 'r', 5, 'c', 'x', now())`);
      const seen = async (): Promise<string[]> =>
        (await app.query<{ id: string }>('select id from refusals order by id')).rows.map(({ id }) => id);
      expect(await seen()).toEqual([]);
      await app.query('begin');
      await app.query(`select set_config('signet.tenants', '{11}', true)`);
      expect(await seen()).toEqual(['1']);
      await app.query('savepoint before');
      for (const forbidden of [
        `insert into refusals (tenant_id, id, request_id, step, code, reason, at) values (12, 3, 'r', 5, 'c', 'x', now())`,
        'update refusals set tenant_id = 12 where id = 1',
        'create table public.mine (id int)',
        'alter table refusals disable row level security',
      ]) {
        await expect(app.query(forbidden), forbidden).rejects.toThrow(
          /row-level security|permission denied|must be owner/,
        );
        await app.query('rollback to savepoint before');
      }
      await app.query('rollback');
      expect(await seen()).toEqual([]);
    } finally {
      await app.end();
    }
  });
});

describe('the row types', () => {
  it('are what the migrations make', () => {
    const script = fileURLToPath(new URL('../../scripts/generate-rows.ts', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
