import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { databaseForTests } from '../../../../../../tests/world/database.ts';
import { type Database, openDatabase } from '../../../platform/db.ts';
import { createGroupCommit } from '../../../platform/group-commit.ts';
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

/** The real store, vault, audit log and group commit around a module, with a clock that the test turns. */
export type World = {
  db: Database;
  vault: Vault;
  ids: Ids;
  random: Random;
  audit: Audit;
  makeChange: MakeChange;
  registryVersion(): string;
  clock: { at: number; now(): number };
};

/** One world for a test file. */
export function worldForTests(): () => World {
  const database = databaseForTests();
  let world: World | undefined;
  let close = async (): Promise<void> => undefined;

  beforeAll(async () => {
    const { host, port, user, database: name } = database().app;
    const ignore = () => undefined;
    const db = openDatabase({ kind: 'embedded', socketDir: host, port, user, database: name }, 4, ignore);
    const clock = { at: Date.UTC(2026, 0, 5, 2), now: () => clock.at };
    const random = systemRandom();
    const keyDir = mkdtempSync(join(tmpdir(), 'signet-key-'));
    const kms = openLocalKms(join(keyDir, 'key'), true);
    const vault = await openVault({ db, kms, random, now: clock.now });
    let version = '0';
    const sequencer = auditSequencer((committed) => {
      version = committed;
    });
    const commit = createGroupCommit<LogState>({
      connect: db.connect,
      sequencer,
      now: clock.now,
      seconds: () => clock.at / 1_000,
      maxItems: 200,
    });
    world = {
      db,
      vault,
      ids: createIds(1, clock),
      random,
      audit: createAudit({ db, signingKey: vault.checkpointKey(), now: clock.now }),
      makeChange: changeLane(commit, sequencer),
      registryVersion: () => version,
      clock,
    };
    close = async () => {
      await commit.close();
      await db.close();
      rmSync(keyDir, { recursive: true });
    };
  });
  afterAll(() => close());

  return () => {
    if (world === undefined) throw new Error('the world is made in beforeAll');
    return world;
  };
}
