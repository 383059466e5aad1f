import type pg from 'pg';
import type { Database, Tx } from '../../../platform/db.ts';
import type { MigrationClient } from '../../../platform/migrations/public.ts';

/**
 * The owner's open transaction seen as the database: whoever reads or writes through it shares the transaction's
 * snapshot and its end. Work is undone for itself when it throws.
 */
export function databaseInTransaction(client: pg.Client): Database {
  const tx: Tx = {
    async query<Row>(statement: Parameters<Tx['query']>[0], values: unknown[] = []) {
      const { rows, rowCount } = await client.query(
        typeof statement === 'string' ? statement : statement.text,
        values,
      );
      return { rows: rows as Row[], rowCount: rowCount ?? 0 };
    },
  };
  const work = async <T>(run: (tx: Tx) => Promise<T>): Promise<T> => {
    await client.query('savepoint work');
    try {
      const done = await run(tx);
      await client.query('release savepoint work');
      return done;
    } catch (error) {
      await client.query('rollback to savepoint work');
      throw error;
    }
  };
  return {
    withTenants: (_, run) => work(run),
    sweep: work,
    connect: () => Promise.reject(new Error('one transaction has one connection')),
    close: () => Promise.resolve(),
  };
}

const IN_SAVEPOINTS: Readonly<Record<string, string>> = {
  begin: 'savepoint migration',
  commit: 'release savepoint migration',
  rollback: 'rollback to savepoint migration',
};

/** The migrations' session inside an open transaction: their own transactions become savepoints of it. */
export function migrationsInTransaction(client: pg.Client): MigrationClient {
  return { query: (text, values) => client.query(IN_SAVEPOINTS[text] ?? text, values) };
}
