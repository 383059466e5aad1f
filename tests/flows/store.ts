import { join } from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../apps/server/src/platform/postgres/public.ts';

/** Asks the embedded database of a running server as its owner, who sees all tenants. */
export async function asOwner<T>(dataDir: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const address = findPostgres(join(dataDir, 'data'));
  if (address === null) throw new Error('no database runs in this folder');
  const { socketDir, port, user, database } = address;
  const client = new pg.Client({ host: socketDir, port, user, database });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export type MessageState = { id: string; state: string; errCode: string | null; lost: boolean };

/** All messages; `lost` is true for one whose outcome went with a process. */
export function readMessages(dataDir: string): Promise<MessageState[]> {
  return asOwner(dataDir, async (client) => {
    const { rows } = await client.query<MessageState>(
      `select m.id::text, m.state, m.err_code as "errCode",
         exists (select from segments s where s.tenant_id = m.tenant_id and s.message_id = m.id and s.status = 'process_lost') as lost
       from messages m order by m.id`,
    );
    return rows;
  });
}
