import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline as connect, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { BackupFailure } from './failure.ts';
import { END_OF_ROWS, MAX_LINE_OCTETS } from './model.ts';

/** Level 3: sealed octets do not shrink, and a backup shares its processor with the sending server. */
const GZIP_LEVEL = 3;

// RFC 1952 §2.3: method deflate, no flags, no time, no extra flags, system unknown. gzip checks nothing of these ten
// octets, so they are written alike everywhere and compared when read.
const GZIP_HEAD = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

/**
 * Writes `blocks` into a new file of mode 0600: under another name first, on the disk before it gets its own. An
 * existing file stays as it is.
 *
 * @throws BackupFailure `file_exists`, `file_unwritable`; whatever `blocks` throws. No file is left then.
 */
export async function writeNewFile(
  file: string,
  blocks: AsyncIterable<Buffer>,
  signal: AbortSignal,
  through: readonly Transform[] = [],
): Promise<void> {
  if (existsSync(file)) throw new BackupFailure('file_exists', { file });
  const draft = `${file}.unfinished-${process.pid}`;
  try {
    // `flush` has the file on the disk before the stream is closed, which the pipeline waits for.
    const sink = createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline([Readable.from(blocks, { objectMode: true }), ...through, sink], { signal });
    await link(draft, file);
    await syncFolder(dirname(file));
  } catch (error) {
    throw writeFailure(error, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** `writeNewFile` as gzip. */
export function writeArchive(
  file: string,
  blocks: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  return writeNewFile(file, blocks, signal, [createGzip({ level: GZIP_LEVEL }), sameHead()]);
}

function writeFailure(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EEXIST') return new BackupFailure('file_exists', { file });
  const ofFile = [
    'ENOENT',
    'ENOTDIR',
    'EACCES',
    'EPERM',
    'EROFS',
    'ENOSPC',
    'EDQUOT',
    'EFBIG',
    'EIO',
    'EISDIR',
  ].includes(code);
  return ofFile ? new BackupFailure('file_unwritable', { file, code }) : error;
}

function sameHead(): Transform {
  let seen = 0;
  return new Transform({
    transform(block: Buffer, _encoding, done) {
      if (seen < GZIP_HEAD.length)
        GZIP_HEAD.copy(block, 0, seen, Math.min(GZIP_HEAD.length, seen + block.length));
      seen += block.length;
      done(null, block);
    },
  });
}

async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export type ArchiveReader = {
  /** The next JSON line without its end. Every line but the last one read goes into `linesDigest`. */
  line(): Promise<string>;
  /** The octets of rows up to their end mark, each block counted into `digest`. */
  rows(digest: Hash): AsyncGenerator<Buffer>;
  /** SHA-256 in hex over all lines read before the newest. */
  linesDigest(): string;
  /** Throws when anything follows. */
  end(): Promise<void>;
  close(): void;
};

/** Opens a backup for reading in order; every method throws BackupFailure for a file that is cut, altered or none. */
export function openArchive(file: string): ArchiveReader {
  const source = createReadStream(file);
  const gunzip = createGunzip({ rejectGarbageAfterEnd: true });
  // An error of any of them reaches the reader of the last one.
  connect(source, headChecked(), gunzip, () => undefined);
  const blocks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const hash = createHash('sha256');
  let newest: string | undefined;
  let pending: Buffer = Buffer.alloc(0);

  const more = async (): Promise<boolean> => {
    const next = await blocks.next().catch((error: unknown) => {
      throw readFailure(error, file);
    });
    if (next.done === true) return false;
    pending = pending.length === 0 ? next.value : Buffer.concat([pending, next.value]);
    return true;
  };
  const needMore = async (): Promise<void> => {
    if (!(await more())) throw new BackupFailure('backup_altered', { part: 'end' });
  };

  return {
    async line() {
      let end = pending.indexOf(10);
      while (end === -1) {
        if (pending.length > MAX_LINE_OCTETS)
          throw new BackupFailure(newest === undefined ? 'no_backup' : 'backup_altered', { part: 'line' });
        await needMore();
        end = pending.indexOf(10);
      }
      if (newest !== undefined) hash.update(newest);
      newest = `${pending.toString('utf8', 0, end)}\n`;
      pending = pending.subarray(end + 1);
      return newest.slice(0, -1);
    },
    async *rows(digest) {
      const take = (octets: number): Buffer => {
        const taken = pending.subarray(0, octets);
        pending = pending.subarray(octets);
        digest.update(taken);
        return taken;
      };
      while (pending.length < END_OF_ROWS.length) await needMore();
      let ended = pending.subarray(0, END_OF_ROWS.length).equals(Buffer.from(END_OF_ROWS));
      while (!ended) {
        const at = pending.indexOf(`\n${END_OF_ROWS}`);
        ended = at !== -1;
        // The mark may be split over blocks: as much as its length waits for the next one.
        const passed = ended ? at + 1 : pending.length - END_OF_ROWS.length;
        if (passed > 0) yield take(passed);
        if (!ended) await needMore();
      }
      pending = pending.subarray(END_OF_ROWS.length);
    },
    linesDigest: () => hash.copy().digest('hex'),
    async end() {
      while (pending.length === 0 && (await more()));
      if (pending.length > 0) throw new BackupFailure('backup_altered', { part: 'end' });
    },
    close() {
      source.destroy();
      gunzip.destroy();
    },
  };
}

/** Passes a file on whose first octets are those that we write. */
function headChecked(): Transform {
  let head: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(block: Buffer, _encoding, done) {
      const missing = GZIP_HEAD.length - head.length;
      if (missing > 0) head = Buffer.concat([head, block.subarray(0, missing)]);
      const sound = head.equals(GZIP_HEAD.subarray(0, head.length));
      done(sound ? null : new BackupFailure('no_backup'), block);
    },
  });
}

function readFailure(error: unknown, file: string): unknown {
  if (error instanceof BackupFailure)
    return error.refusal === 'no_backup' ? new BackupFailure('no_backup', { file }) : error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.startsWith('Z_') || code === 'ERR_TRAILING_JUNK_AFTER_STREAM_END')
    return new BackupFailure('backup_altered', { part: 'gzip' });
  if (/^E[A-Z]+$/.test(code)) return new BackupFailure('file_unreadable', { file, code });
  return error;
}
