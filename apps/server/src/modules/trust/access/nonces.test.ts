import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseForTests } from '../../../../../../tests/world/database.ts';
import { type Connection, type Database, openDatabase } from '../../../platform/db.ts';
import { createNonceMemory, type NonceMemory } from './public.ts';

const START = Date.UTC(2026, 0, 5, 2);

describe('nonce memory', () => {
  const database = databaseForTests();
  let db: Database;
  let memory: NonceMemory;
  let statements: string[];
  let opened: Connection[];
  let now = START;

  beforeEach(() => {
    const { host, port, user, database: name } = database().app;
    const real = openDatabase(
      { kind: 'embedded', socketDir: host, port, user, database: name },
      2,
      () => undefined,
    );
    statements = [];
    opened = [];
    now = START;
    db = {
      ...real,
      async connect() {
        const connection = await real.connect();
        opened.push(connection);
        return {
          query: (statement, values) => {
            statements.push(typeof statement === 'string' ? statement : statement.text);
            return connection.query(statement, values);
          },
          get broken() {
            return connection.broken;
          },
          close: () => connection.close(),
        };
      },
    };
    memory = createNonceMemory({ db, now: () => now });
  });
  afterEach(async () => {
    await memory.close();
    await db.close();
  });

  it('takes a nonce once for each key', async () => {
    expect(await memory.remember('LTAIa', 'n1')).toBe(true);
    expect(await memory.remember('LTAIa', 'n1')).toBe(false);
    expect(await memory.remember('LTAIb', 'n1')).toBe(true);
    // The boundary between key and nonce counts.
    expect(await memory.remember('LTAIan', '1')).toBe(true);
  });

  it('stores what arrives together in one statement, and of twins exactly one wins', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => memory.remember('LTAIc', `together ${i % 100}`)),
    );
    expect(answers.filter(Boolean)).toHaveLength(100);
    expect(statements.filter((text) => text.includes('insert into'))).toHaveLength(1);
  });

  it('tells the new from the seen within one batch', async () => {
    await memory.remember('LTAId', 'seen');
    const names = ['new 1', 'seen', 'new 2'];
    expect(await Promise.all(names.map((name) => memory.remember('LTAId', name)))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('lets exactly one of two processes have a nonce', async () => {
    const other = createNonceMemory({ db, now: () => now });
    const names = Array.from({ length: 2_500 }, (_, i) => `contested ${i}`);
    const answers = await Promise.all(
      [memory, other].flatMap((one) => names.map((name) => one.remember('LTAIe', name))),
    );
    expect(answers.filter(Boolean)).toHaveLength(names.length);
    await other.close();
  });

  it('forgets after 30 minutes, not before', async () => {
    await memory.remember('LTAIf', 'old');
    now = START + 30 * 60_000;
    expect(await memory.forget()).toBe(0);
    expect(await memory.remember('LTAIf', 'old')).toBe(false);
    now += 1;
    expect(await memory.forget()).toBeGreaterThan(0);
    expect(await memory.remember('LTAIf', 'old')).toBe(true);
  });

  it('refuses what cannot be stored, and works again with a new connection', async () => {
    await memory.remember('LTAIg', 'before');
    await opened[0]!.close();
    const lost = await memory.remember('LTAIg', 'after').then(
      () => 'stored',
      () => 'refused',
    );
    expect(opened).toHaveLength(lost === 'stored' ? 2 : 1);
    expect(await memory.remember('LTAIg', 'later')).toBe(true);
    expect(await memory.remember('LTAIg', 'before')).toBe(false);
  });

  it('waits for no disk', async () => {
    await memory.remember('LTAIh', 'x');
    const { rows } = await opened[0]!.query<{ synchronous_commit: string }>('show synchronous_commit');
    expect(rows[0]!.synchronous_commit).toBe('off');
  });

  it('refuses once it is closed', async () => {
    await memory.close();
    await expect(memory.remember('LTAIi', 'x')).rejects.toThrow('closed');
  });
});
