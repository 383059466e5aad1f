import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { databaseForTests } from '../../../../tests/world/database.ts';
import { openDatabase } from './db.ts';

const database = databaseForTests();

describe('a database that ends a session at work', () => {
  it('fails that transaction and nothing else, and the next one has a new session', async () => {
    const { host, port, user, database: name } = database().app;
    const db = openDatabase(
      { kind: 'embedded', socketDir: host, port, user, database: name },
      1,
      () => undefined,
    );
    const owner = new pg.Client(database().owner);
    await owner.connect();
    try {
      const work = db.sweep(async (tx) => {
        const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        await owner.query('select pg_terminate_backend($1, 5000)', [rows[0]!.pid]);
        // The client is between two statements when it learns of the end: an event, not an answer.
        await new Promise((resolve) => setImmediate(resolve));
        await tx.query('select 1');
      });
      await expect(work).rejects.toThrow();
      expect(await db.sweep(async (tx) => (await tx.query('select 1 as one')).rows)).toEqual([{ one: 1 }]);
    } finally {
      await db.close();
      await owner.end();
    }
  });
});
