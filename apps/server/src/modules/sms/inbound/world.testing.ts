import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestDatabase } from '../../../../../../tests/world/database.ts';
import { type Database, openDatabase } from '../../../platform/db.ts';
import { createGroupCommit, type GroupCommit } from '../../../platform/group-commit.ts';
import { createIds, type Ids } from '../../../platform/ids.ts';
import { openLocalKms } from '../../../platform/kms/public.ts';
import { type Random, systemRandom } from '../../../platform/random.ts';
import {
  type Audit,
  auditSequencer,
  changeLane,
  createAudit,
  type LogState,
  type MakeChange,
} from '../../trust/audit/public.ts';
import { openVault, type Vault } from '../../trust/vault/public.ts';

/** Floors 1 and 2 on a real database, with a clock that the test turns. */
export type World = {
  db: Database;
  vault: Vault;
  ids: Ids;
  random: Random;
  commit: GroupCommit<LogState>;
  makeChange: MakeChange;
  audit: Audit;
  clock: { ms: number };
  now(): number;
  addTenant(): Promise<string>;
  /** As the owner of the tables, who sees all. */
  sql<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
};

export async function openWorld(database: TestDatabase, startMs: number): Promise<World> {
  const clock = { ms: startMs };
  const now = (): number => clock.ms;
  const { host: socketDir, port, user } = database.app;
  const db = openDatabase(
    { kind: 'embedded', socketDir, port, user, database: database.database },
    6,
    () => undefined,
  );
  const keys = mkdtempSync(join(tmpdir(), 'signet-keys-'));
  const random = systemRandom();
  const vault = await openVault({ db, kms: openLocalKms(join(keys, 'kek.json'), true), random, now });
  const sequencer = auditSequencer(() => undefined);
  const seconds = (): number => performance.now() / 1000;
  const commit = createGroupCommit({ connect: () => db.connect(), sequencer, now, seconds, maxItems: 512 });
  const owner = new pg.Client(database.owner);
  await owner.connect();
  const ids = createIds(1, { now });
  return {
    db,
    vault,
    ids,
    random,
    commit,
    makeChange: changeLane(commit, sequencer),
    audit: createAudit({ db, signingKey: vault.checkpointKey(), now }),
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
    async close() {
      await commit.close();
      await db.close();
      await owner.end();
      rmSync(keys, { recursive: true });
    },
  };
}
