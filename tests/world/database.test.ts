import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { cloneDatabase, databaseForTests } from './database.ts';

describe('databases for tests', () => {
  const database = databaseForTests('empty');

  it('are copies that do not see each other, on the chosen version', async () => {
    const other = await cloneDatabase('empty');
    const [one, two] = [new pg.Client(database().owner), new pg.Client(other.owner)];
    await Promise.all([one.connect(), two.connect()]);
    await one.query('create table only_here (n int)');
    const { rows } = await two.query(
      `select to_regclass('only_here') as found, current_setting('server_version_num')::int / 10000 as major`,
    );
    expect(rows).toEqual([{ found: null, major: Number(process.env.SIGNET_TEST_POSTGRES ?? 18) }]);
    await Promise.all([one.end(), two.end()]);
    await other.drop();
  });

  it('name a connection that a test left open', async () => {
    const leaky = await cloneDatabase('empty');
    const client = new pg.Client({ ...leaky.owner, application_name: 'forgotten' });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('select 42');
    await expect(leaky.drop()).rejects.toThrow('connections left open: forgotten idle: select 42');
    await client.end();
  });
});
