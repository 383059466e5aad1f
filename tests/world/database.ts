import { request } from 'node:http';
import { afterAll, beforeAll, inject } from 'vitest';
import type { Connection, Contents } from './cluster.ts';
import './global-setup.ts';

export interface TestDatabase {
  readonly database: string;
  /** Owner of everything: arranges what a test needs, sees all tenants. */
  readonly owner: Connection;
  /** The application's role, as the server connects: row-level security binds it. */
  readonly app: Connection;
  /** Drops the database. Rejects, naming the sessions, when a connection to it was left open. */
  drop(): Promise<void>;
}

/** A fresh copy of the migrated database (30 ms), or an empty one; the caller drops it. Real PostgreSQL, one cluster. */
export async function cloneDatabase(contents: Contents = 'migrated'): Promise<TestDatabase> {
  const made = (await ask(`/clone/${contents}`)) as Omit<TestDatabase, 'drop'>;
  const drop = async (): Promise<void> => {
    const { leaked } = (await ask(`/drop/${made.database}`)) as { leaked: string[] };
    if (leaked.length > 0) throw new Error(`connections left open: ${leaked.join(' | ')}`);
  };
  return { ...made, drop };
}

/**
 * One database for a test file (or a `describe`): made before its tests, dropped after them.
 * @returns gives the database, inside hooks that are registered later and in tests
 */
export function databaseForTests(contents: Contents = 'migrated'): () => TestDatabase {
  let database: TestDatabase | null = null;
  beforeAll(async () => {
    database = await cloneDatabase(contents);
  });
  afterAll(async () => {
    await database?.drop();
  });
  return () => {
    if (database === null)
      throw new Error('the database is made in beforeAll: ask for it in a test or a later hook');
    return database;
  };
}

function ask(path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: inject('testWorldSocket'), path, method: 'POST', agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
          if (response.statusCode === 200) resolve(body);
          else reject(new Error(JSON.stringify(body)));
        });
      },
    );
    call.on('error', reject);
    call.end();
  });
}
