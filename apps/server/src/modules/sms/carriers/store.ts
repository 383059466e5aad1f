import type { Tx } from '../../../platform/db.ts';
import type { Carrier } from './model.ts';

export type CarrierRow = Carrier & { sealedPassword: Buffer };

const COLUMNS = `id, name, host, port, tls, system_id as "systemId", sealed_password as "sealedPassword",
  source_address as "sourceAddress", window_size as "window", per_second as "perSecond", enabled, sandbox`;

export async function readCarriers(tx: Tx): Promise<CarrierRow[]> {
  return (await tx.query<CarrierRow>(`select ${COLUMNS} from carriers order by id`)).rows;
}

/** False when the name is taken. */
export async function addCarrier(tx: Tx, carrier: CarrierRow, createdAt: Date): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into carriers (id, name, host, port, tls, system_id, sealed_password, source_address, window_size, per_second,
       enabled, sandbox, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (name) do nothing`,
    [
      carrier.id,
      carrier.name,
      carrier.host,
      carrier.port,
      carrier.tls,
      carrier.systemId,
      carrier.sealedPassword,
      carrier.sourceAddress,
      carrier.window,
      carrier.perSecond,
      carrier.enabled,
      carrier.sandbox,
      createdAt,
    ],
  );
  return rowCount === 1;
}

export async function setEnabled(tx: Tx, id: string, enabled: boolean): Promise<boolean> {
  return (await tx.query('update carriers set enabled = $2 where id = $1', [id, enabled])).rowCount === 1;
}

/** The sandbox carrier listens on another port at each start. */
export async function moveSandbox(
  tx: Tx,
  id: string,
  place: { host: string; port: number; systemId: string; sealedPassword: Buffer },
): Promise<void> {
  await tx.query(
    'update carriers set host = $2, port = $3, system_id = $4, sealed_password = $5 where id = $1 and sandbox',
    [id, place.host, place.port, place.systemId, place.sealedPassword],
  );
}
