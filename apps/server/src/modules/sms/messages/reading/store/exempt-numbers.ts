import type { Tx } from '../../../../../platform/db.ts';

export async function readExemptKeys(tx: Tx, tenantId: string): Promise<Buffer[]> {
  const { rows } = await tx.query<{ number_key: Buffer }>(
    'select number_key from exempt_numbers where tenant_id = $1',
    [tenantId],
  );
  return rows.map((row) => row.number_key);
}

/** False when the number is exempt already. */
export async function storeExempt(
  tx: Tx,
  row: { tenantId: string; numberKey: Buffer; sealedNumber: Buffer; createdAt: Date },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into exempt_numbers (tenant_id, number_key, sealed_number, created_at) values ($1, $2, $3, $4) on conflict do nothing`,
    [row.tenantId, row.numberKey, row.sealedNumber, row.createdAt],
  );
  return rowCount === 1;
}
