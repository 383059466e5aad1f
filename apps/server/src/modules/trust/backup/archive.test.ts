import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { openArchive, writeArchive } from './archive.ts';
import { BackupFailure } from './failure.ts';
import { END_OF_ROWS } from './model.ts';

const dir = mkdtempSync(join(tmpdir(), 'signet-archive-'));
const going = new AbortController().signal;
let made = 0;
const newFile = () => join(dir, `archive-${++made}`);
afterAll(() => rmSync(dir, { recursive: true }));

async function* inBlocks(octets: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
}

/** Rows as COPY writes them: no bare backslash, so no row is the end mark. */
const row = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((text) => `${text.replaceAll(/[\n\\]/gu, '\\\\')}\n`);
const tables = fc.array(fc.array(row, { maxLength: 8 }), { maxLength: 4 });

async function readAll(
  file: string,
  count: number,
): Promise<{ rows: string[]; digests: string[]; lines: string[] }> {
  const archive = openArchive(file);
  try {
    const read = { rows: [] as string[], digests: [] as string[], lines: [] as string[] };
    for (let at = 0; at < count; at++) {
      read.lines.push(await archive.line());
      const digest = createHash('sha256');
      const blocks: Buffer[] = [];
      for await (const block of archive.rows(digest)) blocks.push(block);
      read.rows.push(Buffer.concat(blocks).toString());
      read.digests.push(digest.digest('hex'));
    }
    read.lines.push(await archive.line());
    await archive.end();
    return read;
  } finally {
    archive.close();
  }
}

describe('an archive', () => {
  it('is read as it was written, however its blocks are cut', async () => {
    await fc.assert(
      fc.asyncProperty(tables, fc.integer({ min: 1, max: 50 }), async (written, size) => {
        const file = newFile();
        const text = `${written.map((rows, at) => `line ${at}\n${rows.join('')}${END_OF_ROWS}`).join('')}last\n`;
        await writeArchive(file, inBlocks(Buffer.from(text), size), going);
        const read = await readAll(file, written.length);
        expect(read.rows).toEqual(written.map((rows) => rows.join('')));
        expect(read.lines).toEqual([...written.map((_, at) => `line ${at}`), 'last']);
        expect(read.digests).toEqual(
          read.rows.map((rows) => createHash('sha256').update(rows).digest('hex')),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is refused, and nothing else happens, for arbitrary octets', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (octets, headed) => {
        const file = newFile();
        const head = Buffer.from(headed ? '1f8b08000000000000ff' : '', 'hex');
        writeFileSync(file, Buffer.concat([head, octets]));
        await expect(readAll(file, 1)).rejects.toBeInstanceOf(BackupFailure);
      }),
      { numRuns: 150 },
    );
  });

  it('does not read with any one octet altered', async () => {
    const file = newFile();
    await writeArchive(file, inBlocks(Buffer.from(`line\na\tb\nc\td\n${END_OF_ROWS}last\n`), 7), going);
    const whole = readFileSync(file);
    const spoilt = newFile();
    for (let at = 0; at < whole.length; at++) {
      const copy = Buffer.from(whole);
      copy[at]! ^= 0x41;
      writeFileSync(spoilt, copy);
      await expect(readAll(spoilt, 1), `octet ${at}`).rejects.toBeInstanceOf(BackupFailure);
    }
  });

  it('leaves no file when its source fails or it is ended', async () => {
    const before = readdirSync(dir).length;
    async function* failing(): AsyncGenerator<Buffer> {
      yield Buffer.from('line\n');
      throw new Error('the source failed');
    }
    await expect(writeArchive(newFile(), failing(), going)).rejects.toThrow('the source failed');
    const ending = new AbortController();
    async function* ended(): AsyncGenerator<Buffer> {
      yield Buffer.from('line\n');
      ending.abort();
      yield Buffer.from('line\n');
    }
    await expect(writeArchive(newFile(), ended(), ending.signal)).rejects.toThrow('aborted');
    await expect(
      writeArchive(join(dir, 'absent', 'file'), inBlocks(Buffer.from('line\n'), 9), going),
    ).rejects.toMatchObject({
      refusal: 'file_unwritable',
    });
    expect(readdirSync(dir)).toHaveLength(before);
  });

  it('bounds a line', async () => {
    const file = newFile();
    await writeArchive(file, inBlocks(Buffer.alloc(3 * 1024 * 1024, 'x'), 65_536), going);
    await expect(readAll(file, 0)).rejects.toMatchObject({ refusal: 'no_backup' });
  });
});
