import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import {
  type Audit,
  auditSequencer,
  changeLane,
  createAudit,
  type LogState,
  type MakeChange,
} from '../../apps/server/src/modules/trust/audit/public.ts';
import { openVault, type Vault } from '../../apps/server/src/modules/trust/vault/public.ts';
import { type Database, openDatabase } from '../../apps/server/src/platform/db.ts';
import { createGroupCommit, type GroupCommit } from '../../apps/server/src/platform/group-commit.ts';
import { createIds, type Ids } from '../../apps/server/src/platform/ids.ts';
import { openLocalKms } from '../../apps/server/src/platform/kms/public.ts';
import { type Random, systemRandom } from '../../apps/server/src/platform/random.ts';
import { databaseForTests, type TestDatabase } from './database.ts';

/** What a module stands on, real, with a clock that stands until the test turns it; its fields serve as `deps`. */
export interface ChangeWorld {
  readonly db: Database;
  readonly vault: Vault;
  readonly ids: Ids;
  readonly random: Random;
  readonly commit: GroupCommit<LogState>;
  readonly makeChange: MakeChange;
  readonly audit: Audit;
  registryVersion(): string;
  readonly clock: { ms: number };
  now(): number;
  addTenant(): Promise<string>;
  /** As the owner of the tables, who sees all. */
  sql<Row>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** 2026-01-05 10:00:00 in UTC+8, a Monday. */
const WORLD_START = Date.UTC(2026, 0, 5, 2);

/**
 * A world for a test file (or a `describe`): made before its tests, closed after them.
 * @returns gives the world, inside hooks that are registered later and in tests
 */
export function changeWorldForTests(startMs = WORLD_START): () => ChangeWorld {
  const database = databaseForTests();
  let opened: { world: ChangeWorld; close(): Promise<void> } | null = null;
  beforeAll(async () => {
    opened = await openWorld(database(), startMs);
  });
  // Registered after the database's hook, so it runs before the database is dropped.
  afterAll(async () => {
    await opened?.close();
  });
  return () => {
    if (opened === null)
      throw new Error('the world is made in beforeAll: ask for it in a test or a later hook');
    return opened.world;
  };
}

async function openWorld(
  database: TestDatabase,
  startMs: number,
): Promise<{ world: ChangeWorld; close(): Promise<void> }> {
  const clock = { ms: startMs };
  const now = (): number => clock.ms;
  const { host: socketDir, port, user } = database.app;
  const failed: Error[] = [];
  const db = openDatabase(
    { kind: 'embedded', socketDir, port, user, database: database.database },
    6,
    (error) => failed.push(error),
  );
  const owner = new pg.Client(database.owner);
  await owner.connect();
  const folder = mkdtempSync(join(tmpdir(), 'signet-changes-'));
  const random = systemRandom();
  const vault = await openVault({ db, kms: openLocalKms(join(folder, 'kek.json'), true), random, now });
  let registryVersion = '0';
  const sequencer = auditSequencer((version) => {
    registryVersion = version;
  });
  const seconds = (): number => clock.ms / 1_000;
  const commit = createGroupCommit<LogState>({ connect: db.connect, sequencer, now, seconds, maxItems: 500 });
  const ids = createIds(1, { now });
  const world: ChangeWorld = {
    db,
    vault,
    ids,
    random,
    commit,
    makeChange: changeLane(commit, sequencer),
    audit: createAudit({ db, signingKey: vault.checkpointKey(), now }),
    registryVersion: () => registryVersion,
    clock,
    now,
    async addTenant() {
      const id = ids.next();
      await owner.query(
        `insert into tenants (id, name, state, sandbox, created_at) values ($1, $2, 'active', false, $3)`,
        [id, `tenant ${id}`, new Date(now())],
      );
      return id;
    },
    sql: async <Row>(text: string, values: unknown[] = []) => (await owner.query(text, values)).rows as Row[],
  };
  return {
    world,
    async close() {
      await commit.close();
      await db.close();
      await owner.end();
      rmSync(folder, { recursive: true });
      if (failed.length > 0) throw failed[0];
    },
  };
}
