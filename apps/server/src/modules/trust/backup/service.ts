import { createHash } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '../../../platform/db.ts';
import { migrate } from '../../../platform/migrations/public.ts';
import { type ArchiveReader, openArchive, writeArchive } from './archive.ts';
import { copyIn, copyOut } from './copy.ts';
import { BackupFailure } from './failure.ts';
import {
  BACKUP_FORMAT,
  BACKUP_VERSION,
  type BackupHeader,
  END_OF_ROWS,
  inReferenceOrder,
  macText,
  parseHeader,
  parseTableEnd,
  parseTableLine,
  parseTrailer,
  type TableEnd,
  type TableLine,
  type Trailer,
} from './model.ts';
import {
  beginRestore,
  beginSnapshot,
  clearTables,
  copyInStatement,
  copyOutStatement,
  forgetTenantRules,
  isEmptyStore,
  type Owner,
  readKeyIds,
  readLogSize,
  readMigrations,
  readReferences,
  readTables,
  type StoredTable,
} from './store.ts';
import { databaseInTransaction, migrationsInTransaction } from './transaction.ts';

export type BackupSummary = { tables: number; rows: number; auditSize: string };

export type BackupDeps = {
  now(): number;
  /** Signs the audit log as `db` sees it. What it stores is undone. */
  checkpoint(db: Database): Promise<{ note: string; verifierKey: string; size: string }>;
  /** The vault's keyed digest: who lacks the key-encryption key cannot make a backup that restores. */
  digest(text: string): Buffer;
  /** Ends the backup; nothing of it is left then. */
  signal: AbortSignal;
};

const SERIALIZATION_FAILURE = '40001';
const SNAPSHOT_TRIES = 5;

/**
 * Writes all tables as one transaction sees them into the new `file` (model.ts tells the format) while others go on
 * writing. `owner` is a session of its own, closed by the caller.
 *
 * @throws BackupFailure `file_exists`, `file_unwritable`
 */
export async function writeBackup(owner: Owner, file: string, deps: BackupDeps): Promise<BackupSummary> {
  const header = await openSnapshot(owner, deps);
  const tables = await readTables(owner);
  const summary = { tables: tables.length, rows: 0, auditSize: header.audit.size };
  const inOrder = header.tables.map((name) => tables.find((table) => table.name === name)!);
  const hash = createHash('sha256');
  const line = (value: BackupHeader | TableLine | TableEnd): Buffer => {
    const octets = Buffer.from(`${JSON.stringify(value)}\n`);
    hash.update(octets);
    return octets;
  };

  async function* blocks(): AsyncGenerator<Buffer> {
    yield line(header);
    for (const table of inOrder) {
      yield line({ table: table.name, columns: table.columns });
      const digest = createHash('sha256');
      const copied = copyOut(owner, copyOutStatement(table));
      for await (const block of copied.blocks) {
        digest.update(block);
        yield block;
      }
      yield Buffer.from(END_OF_ROWS);
      summary.rows += copied.rows();
      yield line({ rows: copied.rows(), sha256: digest.digest('hex') });
    }
    const sha256 = hash.digest('hex');
    const mac = deps.digest(macText(sha256)).toString('hex');
    const trailer: Trailer = { end: true, tables: summary.tables, rows: summary.rows, sha256, mac };
    yield Buffer.from(`${JSON.stringify(trailer)}\n`);
  }
  await writeArchive(file, blocks(), deps.signal);
  await owner.query('rollback');
  return summary;
}

/** Begins the snapshot and describes it. */
async function openSnapshot(owner: Owner, deps: BackupDeps): Promise<BackupHeader> {
  for (let tried = 1; ; tried++) {
    await beginSnapshot(owner);
    try {
      await owner.query('savepoint checkpoint');
      const { note, verifierKey, size } = await deps.checkpoint(databaseInTransaction(owner));
      await owner.query('rollback to savepoint checkpoint; release savepoint checkpoint');
      const names = (await readTables(owner)).map((table) => table.name);
      return {
        format: BACKUP_FORMAT,
        version: BACKUP_VERSION,
        createdAt: new Date(deps.now()).toISOString(),
        migrations: await readMigrations(owner),
        keyIds: await readKeyIds(owner),
        audit: { size, checkpoint: note, verifierKey },
        tables: inReferenceOrder(names, await readReferences(owner)),
      };
    } catch (error) {
      await owner.query('rollback');
      // The server stored its own checkpoint of this size after the snapshot was taken: a newer snapshot sees it.
      const again = error instanceof Error && 'code' in error && error.code === SERIALIZATION_FAILURE;
      if (!again || tried === SNAPSHOT_TRIES) throw error;
    }
  }
}

/** The header of a backup, for what can be judged before anything is made. */
export async function readBackupHeader(file: string): Promise<BackupHeader> {
  const archive = openArchive(file);
  try {
    return parseHeader(await archive.line());
  } finally {
    archive.close();
  }
}

/** The log's proof as the audit module gives it. */
export type LogProof =
  | { ok: true; size: number }
  | { ok: false; firstBadIndex: number; check: string; reason: string };

export type RestoreDeps = {
  /** Folder of `migrations/` and `tenant-rules.sql`. */
  schemaDir: string;
  /** Opens the restored keys, and proves the restored log against its own checkpoints and `notes`. */
  openKeys(
    db: Database,
  ): Promise<{ digest(text: string): Buffer; verifyLog(notes: readonly string[]): Promise<LogProof> }>;
  /**
   * Decides, within the restore's transaction and on a proven log, what becomes of the messages that the backup holds
   * unsent. `takenAt` in ms: what the old server did from then on is not in the backup.
   */
  settleQueue(db: Database, takenAt: number): Promise<QueueFate>;
  /** Ends the restore; nothing of it is left then. */
  signal: AbortSignal;
};

/** Messages of a restored queue: put in doubt, to be sent when the server starts, held for a review. */
export type QueueFate = { inDoubt: number; toSend: number; held: number };

export type RestoreSummary = BackupSummary & { createdAt: string; queue: QueueFate };

/**
 * Fills the empty store of `owner` from `file` in one transaction: schema as it was, rows, digests, newer
 * migrations, keys, audit proof. Anything wrong leaves the store as empty as it was.
 *
 * @throws BackupFailure; KmsFailure when the key opens nothing; StartFailure of a migration
 */
export async function restoreBackup(owner: Owner, file: string, deps: RestoreDeps): Promise<RestoreSummary> {
  const archive = openArchive(file);
  const stop = (): void => archive.close();
  deps.signal.addEventListener('abort', stop, { once: true });
  try {
    const header = parseHeader(await archive.line());
    await beginRestore(owner);
    if (!(await isEmptyStore(owner))) throw new BackupFailure('store_not_empty');
    await makeSchema(owner, header, deps.schemaDir);
    const trailer = await restoreTables(owner, archive, header);
    await forgetTenantRules(owner);
    // What follows is written for the newest schema.
    await migrate(migrationsInTransaction(owner), deps.schemaDir);
    const keys = await deps.openKeys(databaseInTransaction(owner));
    if (keys.digest(macText(trailer.sha256)).toString('hex') !== trailer.mac) {
      throw new BackupFailure('backup_altered', { part: 'mac' });
    }
    const proof = await keys.verifyLog([header.audit.checkpoint]);
    if (!proof.ok) {
      const { firstBadIndex, check, reason } = proof;
      throw new BackupFailure('audit_differs', { index: String(firstBadIndex), check, reason });
    }
    if ((await readLogSize(owner)) !== header.audit.size)
      throw new BackupFailure('backup_altered', { part: 'audit' });
    const { createdAt, audit } = header;
    const queue = await deps.settleQueue(databaseInTransaction(owner), Date.parse(createdAt));
    deps.signal.throwIfAborted();
    await owner.query('commit');
    return { tables: trailer.tables, rows: trailer.rows, auditSize: audit.size, createdAt, queue };
  } catch (error) {
    await owner.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    deps.signal.removeEventListener('abort', stop);
    archive.close();
  }
}

/** Makes the schema of the backup with the same files that made it there. */
async function makeSchema(owner: Owner, header: BackupHeader, schemaDir: string): Promise<void> {
  const known = new Set(await readdir(join(schemaDir, 'migrations')));
  const newer = header.migrations.find(({ name }) => !known.has(`${name}.sql`));
  if (newer !== undefined) throw new BackupFailure('migration_unknown', { name: newer.name });
  const dir = await mkdtemp(join(tmpdir(), 'signet-schema-'));
  try {
    await mkdir(join(dir, 'migrations'));
    for (const { name } of header.migrations) {
      await copyFile(join(schemaDir, 'migrations', `${name}.sql`), join(dir, 'migrations', `${name}.sql`));
    }
    await migrate(migrationsInTransaction(owner), dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  const made = await readMigrations(owner);
  const differing = header.migrations.find(
    ({ name, sha256 }, at) => made[at]?.name !== name || made[at].sha256 !== sha256,
  );
  if (differing !== undefined) throw new BackupFailure('migration_differs', { name: differing.name });
}

async function restoreTables(owner: Owner, archive: ArchiveReader, header: BackupHeader): Promise<Trailer> {
  const tables = await readTables(owner);
  const same =
    [...header.tables].sort().join() ===
    tables
      .map(({ name }) => name)
      .sort()
      .join();
  if (!same) throw new BackupFailure('backup_altered', { part: 'header' });
  await clearTables(owner, header.tables);
  let rows = 0;
  for (const name of header.tables)
    rows += await restoreTable(owner, archive, tables.find((table) => table.name === name)!);
  const trailer = parseTrailer(await archive.line());
  await archive.end();
  const whole =
    trailer.sha256 === archive.linesDigest() &&
    trailer.tables === header.tables.length &&
    trailer.rows === rows;
  if (!whole) throw new BackupFailure('backup_altered', { part: 'trailer' });
  return trailer;
}

/** One table; returns its rows. Column names come from the catalogue, never from the file. */
async function restoreTable(owner: Owner, archive: ArchiveReader, table: StoredTable): Promise<number> {
  const line = parseTableLine(await archive.line());
  if (line.table !== table.name || line.columns.join() !== table.columns.join()) {
    throw new BackupFailure('backup_altered', { part: table.name });
  }
  const digest = createHash('sha256');
  const copied = await copyIn(owner, copyInStatement(table), archive.rows(digest)).catch((error: unknown) => {
    throw isDataError(error) ? new BackupFailure('backup_altered', { part: table.name }) : error;
  });
  const end = parseTableEnd(await archive.line(), table.name);
  if (end.rows !== copied || end.sha256 !== digest.digest('hex')) {
    throw new BackupFailure('backup_altered', { part: table.name });
  }
  return copied;
}

/** SQLSTATE classes 22 and 23: rows that their columns or constraints do not take. */
function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^2[23]/.test(String(error.code));
}
