import { BackupFailure } from './failure.ts';

/**
 * A backup is gzip over text: a header line, then per table a line that names it, its rows in PostgreSQL's COPY text
 * form, the end mark `\.` and a line with count and digest; a trailer line. JSON lines and rows end with LF.
 */
export const BACKUP_FORMAT = 'signet-backup';
export const BACKUP_VERSION = 1;

/** End of a table's rows; COPY escapes every backslash, so that no row is this line. */
export const END_OF_ROWS = '\\.\n';

/** A JSON line is read whole: this bounds what a hostile file can make us hold. */
export const MAX_LINE_OCTETS = 1024 * 1024;

export type BackupHeader = {
  format: typeof BACKUP_FORMAT;
  version: typeof BACKUP_VERSION;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** Applied migrations in order, with the SHA-256 of their text. */
  migrations: { name: string; sha256: string }[];
  /** Ids of the key-encryption keys that wrap the data keys inside; the keys themselves are nowhere in the backup. */
  keyIds: string[];
  /** Entries of the audit log and a checkpoint signed over exactly them. */
  audit: { size: string; checkpoint: string; verifierKey: string };
  /** Tables in the order in which they follow: referenced before referencing. */
  tables: string[];
};

export type TableLine = { table: string; columns: string[] };
export type TableEnd = { rows: number; sha256: string };
/** `sha256` over all JSON lines before it, which hold the tables' digests; `mac` is keyed by the vault's index key. */
export type Trailer = { end: true; tables: number; rows: number; sha256: string; mac: string };

/** What the vault's keyed digest is taken of. */
export const macText = (sha256: string): string => `backup|${sha256}`;

export type Reference = { from: string; to: string };

/** Tables so that each comes after those it references, names in order otherwise. Throws when references form a circle. */
export function inReferenceOrder(tables: readonly string[], references: readonly Reference[]): string[] {
  const placed = new Set<string>();
  const waiting = [...tables].sort();
  while (waiting.length > 0) {
    const at = waiting.findIndex((table) =>
      references.every(({ from, to }) => from !== table || to === table || placed.has(to)),
    );
    if (at === -1) throw new Error(`the tables ${waiting.join(', ')} reference each other in a circle`);
    placed.add(waiting[at]!);
    waiting.splice(at, 1);
  }
  return [...placed];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function parseLine(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (isObject(value)) return value;
  } catch {
    // Judged below: a line that is no JSON is no line of ours.
  }
  throw new BackupFailure('backup_altered', { part: 'line' });
}

/** Reads the first line of a backup. Throws BackupFailure `no_backup` or `backup_newer`. */
export function parseHeader(line: string): BackupHeader {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BackupFailure('no_backup');
  }
  if (!isObject(value) || value.format !== BACKUP_FORMAT) throw new BackupFailure('no_backup');
  if (value.version !== BACKUP_VERSION)
    throw new BackupFailure('backup_newer', { version: String(value.version) });
  const { audit, migrations } = value;
  const whole =
    isText(value.createdAt) &&
    isTexts(value.keyIds) &&
    isTexts(value.tables) &&
    Array.isArray(migrations) &&
    migrations.every((one: unknown) => isObject(one) && isText(one.name) && isText(one.sha256)) &&
    isObject(audit) &&
    [audit.size, audit.checkpoint, audit.verifierKey].every(isText);
  if (!whole) throw new BackupFailure('backup_altered', { part: 'header' });
  return value as BackupHeader;
}

export function parseTableLine(line: string): TableLine {
  const value = parseLine(line);
  if (!isText(value.table) || !isTexts(value.columns))
    throw new BackupFailure('backup_altered', { part: 'line' });
  return { table: value.table, columns: value.columns };
}

export function parseTableEnd(line: string, table: string): TableEnd {
  const value = parseLine(line);
  if (!isCount(value.rows) || !isText(value.sha256))
    throw new BackupFailure('backup_altered', { part: table });
  return { rows: value.rows, sha256: value.sha256 };
}

export function parseTrailer(line: string): Trailer {
  const { end, tables, rows, sha256, mac } = parseLine(line);
  if (end !== true || !isCount(tables) || !isCount(rows) || !isText(sha256) || !isText(mac)) {
    throw new BackupFailure('backup_altered', { part: 'trailer' });
  }
  return { end, tables, rows, sha256, mac };
}
