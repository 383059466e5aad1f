import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Database } from '../../../platform/db.ts';
import { writeNewFile } from './archive.ts';
import { BackupFailure } from './failure.ts';
import { beginSnapshot, type Owner, readKeptCheckpoints, readLogParts } from './store.ts';
import { databaseInTransaction } from './transaction.ts';

/** First line of an export of the audit log; a line an entry follows, in order. */
type ExportHeader = {
  format: typeof EXPORT_FORMAT;
  version: 1;
  createdAt: string;
  verifierKey: string;
  size: string;
  checkpoints: string[];
};

const EXPORT_FORMAT = 'signet-audit-log';
const PARTS_A_READ = 200;
const ENTRIES_A_CHUNK = 500;
const LENGTH_OCTETS = 4;
const HASH_OCTETS = 32;

/**
 * Writes the audit log as JSON lines into the new `file`: entries word for word, leaf hashes, all kept checkpoints and one
 * over exactly this log. Whoever has the file and the verifier key proves it without a Signet.
 *
 * @returns entries written
 * @throws BackupFailure `file_exists`, `file_unwritable`
 */
export async function exportLog(
  owner: Owner,
  file: string,
  deps: {
    now(): number;
    checkpoint(db: Database): Promise<{ note: string; verifierKey: string; size: string }>;
    signal: AbortSignal;
  },
): Promise<number> {
  await beginSnapshot(owner);
  await owner.query('savepoint checkpoint');
  const { note, verifierKey, size } = await deps.checkpoint(databaseInTransaction(owner));
  await owner.query('rollback to savepoint checkpoint');
  const kept = await readKeptCheckpoints(owner);
  let written = 0;
  async function* blocks(): AsyncGenerator<Buffer> {
    const createdAt = new Date(deps.now()).toISOString();
    const checkpoints = kept.includes(note) ? kept : [...kept, note];
    const header: ExportHeader = {
      format: EXPORT_FORMAT,
      version: 1,
      createdAt,
      verifierKey,
      size,
      checkpoints,
    };
    yield Buffer.from(`${JSON.stringify(header)}\n`);
    for (let from = '0'; ; ) {
      const parts = await readLogParts(owner, from, PARTS_A_READ);
      if (parts.length === 0) return;
      for (const { firstIndex, count, entries, leafHashes } of parts) {
        const lines = exportLines(firstIndex, entries, leafHashes);
        written += lines.length;
        from = (BigInt(firstIndex) + BigInt(count)).toString();
        yield Buffer.from(lines.join(''));
      }
    }
  }
  await writeNewFile(file, blocks(), deps.signal);
  await owner.query('rollback');
  return written;
}

/** An entry is UTF-8 JSON; octets that are not, because they were altered, are kept as base64. */
function exportLines(firstIndex: string, entries: Buffer, leafHashes: Buffer): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset + LENGTH_OCTETS <= entries.length; ) {
    const length = entries.readUInt32BE(offset);
    const octets = entries.subarray(offset + LENGTH_OCTETS, offset + LENGTH_OCTETS + length);
    const text = octets.toString('utf8');
    const entry = Buffer.from(text).equals(octets)
      ? { entry: text }
      : { entryBase64: octets.toString('base64') };
    const leafHash = leafHashes
      .subarray(lines.length * HASH_OCTETS, (lines.length + 1) * HASH_OCTETS)
      .toString('hex');
    const index = (BigInt(firstIndex) + BigInt(lines.length)).toString();
    lines.push(`${JSON.stringify({ index, leafHash, ...entry })}\n`);
    offset += LENGTH_OCTETS + length;
  }
  return lines;
}

/** An export as the verifier of packages/merkle-log takes it; `chunks` can be read once. */
export type ReadExport = {
  verifierKey: string;
  checkpoints: string[];
  chunks: AsyncGenerator<{ firstIndex: number; entries: Buffer[]; leafHashes: Buffer[] }>;
};

/** Opens an export. @throws BackupFailure `file_unreadable`, `no_export`, also while the chunks are read */
export async function readLogExport(file: string): Promise<ReadExport> {
  const lines = exportedLines(file);
  const first = await lines.next();
  const header = first.done === true ? undefined : first.value;
  const { format, verifierKey, checkpoints } = header ?? {};
  const whole = format === EXPORT_FORMAT && typeof verifierKey === 'string' && Array.isArray(checkpoints);
  if (!whole || !checkpoints.every((note) => typeof note === 'string'))
    throw new BackupFailure('no_export', { file });
  return { verifierKey, checkpoints, chunks: chunksOf(lines, file) };
}

async function* chunksOf(lines: AsyncGenerator<Record<string, unknown>>, file: string): ReadExport['chunks'] {
  let chunk = { firstIndex: 0, entries: [] as Buffer[], leafHashes: [] as Buffer[] };
  for await (const { index, leafHash, entry, entryBase64 } of lines) {
    const octets =
      typeof entry === 'string'
        ? Buffer.from(entry)
        : typeof entryBase64 === 'string'
          ? Buffer.from(entryBase64, 'base64')
          : undefined;
    if (octets === undefined || typeof leafHash !== 'string' || !/^\d{1,15}$/.test(String(index)))
      throw new BackupFailure('no_export', { file });
    const follows = chunk.entries.length > 0 && Number(index) === chunk.firstIndex + chunk.entries.length;
    if (!follows || chunk.entries.length === ENTRIES_A_CHUNK) {
      if (chunk.entries.length > 0) yield chunk;
      chunk = { firstIndex: Number(index), entries: [], leafHashes: [] };
    }
    chunk.entries.push(octets);
    chunk.leafHashes.push(Buffer.from(leafHash, 'hex'));
  }
  if (chunk.entries.length > 0) yield chunk;
}

async function* exportedLines(file: string): AsyncGenerator<Record<string, unknown>> {
  const source = createReadStream(file);
  try {
    await new Promise((resolve, reject) => source.once('open', resolve).once('error', reject));
    for await (const line of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null) throw new BackupFailure('no_export', { file });
      yield value as Record<string, unknown>;
    }
  } catch (error) {
    if (error instanceof SyntaxError) throw new BackupFailure('no_export', { file });
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw /^E[A-Z]+$/.test(code) ? new BackupFailure('file_unreadable', { file, code }) : error;
  } finally {
    source.destroy();
  }
}
