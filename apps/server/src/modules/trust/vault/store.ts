import type { Tx } from '../../../platform/db.ts';

export type Purpose = 'seal' | 'index' | 'sign';
export type WrappedKey = { version: number; kekId: string; wrapped: Buffer };

export async function readKeys(tx: Tx, ownerId: string, purpose: Purpose): Promise<WrappedKey[]> {
  const { rows } = await tx.query<WrappedKey>(
    `select version, kek_id as "kekId", wrapped from data_keys where owner_id = $1 and purpose = $2 order by version`,
    [ownerId, purpose],
  );
  return rows;
}

/** False when another process stored this version first. */
export async function addKey(
  tx: Tx,
  key: WrappedKey & { ownerId: string; purpose: Purpose; createdAt: Date },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into data_keys (owner_id, purpose, version, kek_id, wrapped, created_at)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [key.ownerId, key.purpose, key.version, key.kekId, key.wrapped, key.createdAt],
  );
  return rowCount === 1;
}

/** Whether anything was ever sealed in this store: then its key-encryption key must be found, not made. */
export async function holdsKeys(tx: {
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
}): Promise<boolean> {
  const { rows } = await tx.query('select exists (select from data_keys) as present');
  return rows[0]!['present'] === true;
}
