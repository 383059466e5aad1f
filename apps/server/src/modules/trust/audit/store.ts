import type { Statement, Tx } from '../../../platform/db.ts';

/** Locks the head: whoever holds the row is the sequencer until commit. */
export const LOCK_HEAD: Statement = {
  name: 'audit_lock_head',
  text: 'select size, frontier, registry_version from audit_head for update',
};
export type HeadRow = { size: string; frontier: Buffer; registry_version: string };

export async function storeChunk(
  tx: Tx,
  chunk: {
    firstIndex: number;
    count: number;
    entries: Buffer;
    leafHashes: Buffer;
    at: Date;
    frontier: Buffer;
    registryStep: number;
  },
): Promise<void> {
  await tx.query(
    {
      name: 'audit_store_chunk',
      text: `with chunk as (
               insert into audit_chunks (first_index, entry_count, entries, leaf_hashes, at)
               values ($1::bigint, $2::integer, $3, $4, $5))
             update audit_head set size = $1::bigint + $2::integer, frontier = $6, registry_version = registry_version + $7`,
    },
    [
      chunk.firstIndex,
      chunk.count,
      chunk.entries,
      chunk.leafHashes,
      chunk.at,
      chunk.frontier,
      chunk.registryStep,
    ],
  );
}

export async function readHead(tx: Tx): Promise<HeadRow> {
  const { rows } = await tx.query<HeadRow>('select size, frontier, registry_version from audit_head');
  return rows[0]!;
}

/** The registry version as it is stored now; see audit_head. */
export const readRegistryVersion = async (tx: Tx): Promise<string> => (await readHead(tx)).registry_version;

export type ChunkRow = {
  first_index: string;
  entry_count: number;
  entries: Buffer;
  leaf_hashes: Buffer;
  at: Date;
};

/** Chunks from the one that holds `fromIndex`, in order. */
export async function readChunks(tx: Tx, fromIndex: string, limit: number): Promise<ChunkRow[]> {
  const { rows } = await tx.query<ChunkRow>(
    `select first_index, entry_count, entries, leaf_hashes, at from audit_chunks
     where first_index + entry_count > $1::bigint order by first_index limit $2`,
    [fromIndex, limit],
  );
  return rows;
}

/** The newest chunks whose first index is below `beforeIndex`, newest first. */
export async function readNewestChunks(
  tx: Tx,
  beforeIndex: string | null,
  limit: number,
): Promise<ChunkRow[]> {
  const { rows } = await tx.query<ChunkRow>(
    `select first_index, entry_count, entries, leaf_hashes, at from audit_chunks
     where ($1::bigint is null or first_index < $1::bigint) order by first_index desc limit $2`,
    [beforeIndex, limit],
  );
  return rows;
}

export async function storeCheckpoint(tx: Tx, size: number, note: string, at: Date): Promise<void> {
  await tx.query(
    'insert into audit_checkpoints (size, note, at) values ($1, $2, $3) on conflict do nothing',
    [size, note, at],
  );
}

export async function readCheckpoints(tx: Tx): Promise<string[]> {
  const { rows } = await tx.query<{ note: string }>('select note from audit_checkpoints order by size');
  return rows.map((row) => row.note);
}
