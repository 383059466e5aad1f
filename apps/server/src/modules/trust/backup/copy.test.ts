import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseForTests } from '../../../../../../tests/world/database.ts';
import { copyIn, copyOut } from './copy.ts';

const database = databaseForTests();
let client: pg.Client;

beforeAll(async () => {
  client = new pg.Client(database().owner);
  client.on('error', () => undefined);
  await client.connect();
  await client.query('create table copied (id int primary key, text text, octets bytea)');
});
afterAll(() => client.end());

const OUT = 'copy copied to stdout';
const IN = 'copy copied from stdin';

async function take(blocks: AsyncIterable<Buffer>, eachMs = 0): Promise<Buffer> {
  const taken: Buffer[] = [];
  for await (const block of blocks) {
    taken.push(block);
    if (eachMs > 0 && taken.length % 20 === 0) await new Promise((wake) => setTimeout(wake, eachMs));
  }
  return Buffer.concat(taken);
}

async function* of(...blocks: (Buffer | string)[]): AsyncGenerator<Buffer> {
  for (const block of blocks) yield Buffer.from(block);
}

describe('COPY over pg', () => {
  it('carries many rows and large ones out and in again, to a slow reader too', async () => {
    await client.query(
      `insert into copied select i, repeat(md5(i::text), 1 + i % 40) || E'\\t\\n\\\\.\\n短信', null from generate_series(1, 20000) i;
       insert into copied select -i, null, decode(repeat(md5(i::text), 40000), 'hex') from generate_series(1, 5) i`,
    );
    const out = copyOut(client, OUT);
    const octets = await take(out.blocks, 1);
    expect(out.rows()).toBe(20_005);
    const { rows: before } = await client.query(
      `select md5(string_agg(md5(c::text), '' order by id)) as sum from copied c`,
    );
    await client.query('truncate copied');
    expect(await copyIn(client, IN, of(octets.subarray(0, 70_001), octets.subarray(70_001)))).toBe(20_005);
    const { rows: after } = await client.query(
      `select md5(string_agg(md5(c::text), '' order by id)) as sum from copied c`,
    );
    expect(after).toEqual(before);
  });

  it('throws what the server or the source says, and the session goes on', async () => {
    await client.query('truncate copied');
    await expect(take(copyOut(client, 'copy absent to stdout').blocks)).rejects.toMatchObject({
      code: '42P01',
    });
    await expect(copyIn(client, IN, of('no number\tx\t\\N\n'))).rejects.toMatchObject({ code: '22P02' });
    async function* failing(): AsyncGenerator<Buffer> {
      yield Buffer.from('1\tx\t\\N\n');
      throw new RangeError('the source failed');
    }
    await expect(copyIn(client, IN, failing())).rejects.toThrow(RangeError);
    expect((await client.query('select count(*)::int as rows from copied')).rows).toEqual([{ rows: 0 }]);
  });

  it('has all there is to copy: tables alone hold state, no sequence', async () => {
    const { rows } = await client.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind not in ('r', 'i')`,
    );
    expect(rows).toEqual([]);
  });
});
