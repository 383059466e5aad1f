import { join } from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../apps/server/src/platform/postgres/public.ts';
import type { Settings } from '../../apps/server/src/platform/settings/public.ts';
import { createLog } from '../../apps/server/src/platform/telemetry.ts';
import { type Foundation, openFoundation } from '../../apps/server/src/roles/foundation.ts';
import { openStore } from '../../apps/server/src/roles/store.ts';
import { eventually } from '../world/server.ts';

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

/** A session of the owner in the database of a server that is coming up, as soon as its schema stands. */
export const ownerOfStarting = (dataDir: string): Promise<pg.Client> =>
  eventually('a schema', async () => {
    const address = findPostgres(join(dataDir, 'data'));
    if (address === null) return undefined;
    const { socketDir, port, user, database } = address;
    const client = new pg.Client({ host: socketDir, port, user, database });
    // Its server may be killed under it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query(`select from schema_migrations where name = 'tenant-rules'`);
      if (rows.length > 0) return client;
    } catch {
      // Not there yet.
    }
    await client.end().catch(() => undefined);
    return undefined;
  });

/** The foundation of a server on its store, in this process; closing it stops the store too. */
export async function openWithStore(settings: Settings): Promise<Foundation> {
  const nobodyAsks = new AbortController().signal;
  const log = createLog(settings.logLevel);
  const store = await openStore(settings, log, nobodyAsks);
  const foundation = await openFoundation(settings, log, store, nobodyAsks);
  return { ...foundation, close: () => foundation.close().then(() => store.stop()) };
}
