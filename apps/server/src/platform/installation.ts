import type { Tx } from './db.ts';

/** Facts about this installation, by name: what the first start made. */
export async function readFacts(tx: Tx): Promise<ReadonlyMap<string, string>> {
  const { rows } = await tx.query<{ name: string; value: string }>('select name, value from installation');
  return new Map(rows.map((row) => [row.name, row.value]));
}

export async function storeFact(tx: Tx, name: string, value: string): Promise<void> {
  await tx.query(
    'insert into installation (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value',
    [name, value],
  );
}

export async function forgetFacts(tx: Tx, names: readonly string[]): Promise<void> {
  await tx.query('delete from installation where name = any($1::text[])', [names]);
}
