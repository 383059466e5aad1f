import { Socket } from 'node:net';
import pg from 'pg';

/** Where the store is. `socketDir` for the embedded one, `url` for any PostgreSQL ≥ 15. */
export type StoreAddress =
  | { kind: 'embedded'; socketDir: string; port: number; user: string; database: string }
  | { kind: 'url'; url: string };

export type Statement = { name?: string; text: string };
export type Rows<Row> = { rows: Row[]; rowCount: number };

/** One open transaction. Prepared when the statement is named; values as `pg` takes them. */
export type Tx = {
  query<Row = Record<string, unknown>>(statement: string | Statement, values?: unknown[]): Promise<Rows<Row>>;
};

export type Database = {
  /** A transaction that sees the rows of these tenants only (row-level security, DESIGN.md). */
  withTenants<T>(tenantIds: readonly string[], work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A transaction of the named role that may look over all tenants: claims, sweeps, sign-in. */
  sweep<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A connection of its own, for the group commit; the caller closes it. */
  connect(): Promise<Connection>;
  close(): Promise<void>;
};

/**
 * A connection that sends statements without waiting for the answers of those before (protocol pipelining). After a
 * failed statement the caller waits for all others before it rolls back.
 */
export type Connection = Tx & { readonly broken: boolean; close(): Promise<void> };

const DECIMAL = /^\d{1,19}$/;

/** Names the tenants of a transaction for row-level security; prepared, as text it costs the store three times as much. */
export const tenantsStatement = (ids: readonly string[]): [Statement, unknown[]] => {
  // They come from our own columns, and still are checked.
  for (const id of ids) if (!DECIMAL.test(id)) throw new Error('an id that is no decimal number');
  return [
    { name: 'transaction_tenants', text: `select set_config('signet.tenants', $1, true)` },
    [`{${ids.join(',')}}`],
  ];
};

/** `pg` connection settings for a role; the session works as that role from its first statement on. */
export function connectionSettings(address: StoreAddress, role: 'signet_app' | 'owner'): pg.ClientConfig {
  const options = role === 'owner' ? '' : `-c role=${role}`;
  const place =
    address.kind === 'url'
      ? { connectionString: address.url }
      : { host: address.socketDir, port: address.port, user: address.user, database: address.database };
  return { ...place, options, application_name: 'signet', keepAlive: true };
}

/**
 * The group commit reaches rows by key only. Its prepared statements are planned while tables are new and small, where
 * the planner prefers whole-table joins and keeps that plan (measured: 25 ms a flush instead of 3 at 20 000 messages).
 */
const BY_KEY_ONLY =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c plan_cache_mode=force_generic_plan';

export function openDatabase(
  address: StoreAddress,
  poolSize: number,
  onIdleError: (error: Error) => void,
): Database {
  const settings = connectionSettings(address, 'signet_app');
  const pool = new pg.Pool({
    ...settings,
    max: poolSize,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
  });
  pool.on('error', onIdleError);
  // A client at work has no listener of the pool's, and an error without a listener ends the process. Its query rejects too.
  pool.on('connect', (client) => client.on('error', () => undefined));

  const transaction = async <T>(opening: string, work: (tx: Tx) => Promise<T>): Promise<T> => {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query(opening);
      const done = await work(asTx(client));
      await client.query('commit');
      return done;
    } catch (error) {
      await client.query('rollback').catch((failed: Error) => {
        broken = failed;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  };

  return {
    withTenants: (ids, work) =>
      transaction('begin', async (tx) => {
        await tx.query(...tenantsStatement(ids));
        return work(tx);
      }),
    sweep: (work) => transaction('begin; set local role signet_sweep', work),
    async connect() {
      const socket = new Socket();
      const options = `${settings.options} ${BY_KEY_ONLY}`;
      const client = new pg.Client({ ...settings, options, stream: () => socket, pipeline: true });
      let broken = false;
      client.on('error', () => {
        broken = true;
      });
      client.on('end', () => {
        broken = true;
      });
      await client.connect();
      return {
        query: gathered(socket, asTx(client).query),
        get broken() {
          return broken;
        },
        close: () => client.end(),
      };
    },
    close: () => pool.end(),
  };
}

/**
 * What is asked in one turn of the event loop goes out in one write: a write and the wake-up of the other process cost
 * more than most statements.
 */
function gathered(socket: Socket, query: Tx['query']): Tx['query'] {
  let corked = false;
  return (statement, values) => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(() => {
        corked = false;
        socket.uncork();
      });
    }
    return query(statement, values);
  };
}

function asTx(client: pg.ClientBase): Tx {
  return {
    async query<Row>(statement: string | Statement, values: unknown[] = []) {
      const { text, name } = typeof statement === 'string' ? { text: statement, name: undefined } : statement;
      const answered = await client.query(name === undefined ? { text, values } : { name, text, values });
      // Several statements in one round trip answer with a list; the caller means the last.
      const result = (Array.isArray(answered) ? answered.at(-1) : answered) as pg.QueryResult;
      return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
    },
  };
}

/**
 * A bytea[] parameter as one array literal: `pg` escapes element by element (about 4 µs each), native hex of a Buffer is
 * ten times faster. Null elements stay null.
 */
export function byteaArray(items: readonly (Buffer | null)[]): string {
  let literal = '{';
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    literal += `${i === 0 ? '' : ','}${item ? `"\\\\x${item.toString('hex')}"` : 'NULL'}`;
  }
  return `${literal}}`;
}
