import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../../apps/server/src/platform/migrations/public.ts';
import {
  CLUSTER_OWNER,
  chooseRunAs,
  embeddedBinaries,
  isRunning,
  launchCluster,
  makeCluster,
  type PostgresBinaries,
  volatileParameters,
} from '../../apps/server/src/platform/postgres/public.ts';

/** Settings for a `pg` client or pool. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** `-c role=signet_app` for the application's role. */
  readonly options?: string;
}

/** What a new database holds: the schema of all migrations, or nothing. */
export type Contents = 'migrated' | 'empty';

export interface TestCluster {
  /** Copies the migrated template (30 ms), or makes an empty database, and returns its name. */
  clone(contents: Contents): Promise<string>;
  /** Drops a copy. Returns what is still connected to it (empty when the test closed everything). */
  drop(database: string): Promise<string[]>;
  /** Connection of the owner of everything. */
  owner(database: string): Connection;
  /** Connection that acts as the application's role, which row-level security binds. */
  app(database: string): Connection;
  /** Stops the server and removes its files. Returns the copies that nobody dropped. */
  stop(): Promise<string[]>;
}

const sqlDir = fileURLToPath(new URL('../../apps/server/src/db', import.meta.url));
const TEMPLATE = 'signet';
const FOLDER_PREFIX = 'signet-test-';

/** Sessions that their client has ended take a moment to leave the list. */
const LEAVE_MS = 2000;
const POLL_MS = 10;

/** The PostgreSQL that tests run on: npm's, or with SIGNET_TEST_POSTGRES=15 the system's of that version. */
export function testBinaries(): PostgresBinaries {
  const major = process.env.SIGNET_TEST_POSTGRES;
  if (major === undefined || major === '') return embeddedBinaries();
  const binDir = `/usr/lib/postgresql/${major}/bin`;
  if (!existsSync(binDir)) throw new Error(`SIGNET_TEST_POSTGRES=${major}: ${binDir} is not there`);
  return { binDir, major: Number(major) };
}

/** Starts a throw-away cluster in memory (/dev/shm, else the temporary folder) with a migrated template database. */
export async function startTestCluster(): Promise<TestCluster> {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  removeOldClusters(parent);
  const dir = mkdtempSync(join(parent, `${FOLDER_PREFIX}${process.pid}-`));
  const binaries = testBinaries();
  const runAs = chooseRunAs(binaries, dir);
  const place = { binaries, runAs, clusterDir: join(dir, 'postgres') };
  await makeCluster(place);
  const server = await launchCluster(place, dir, volatileParameters, () => undefined);
  const owner = (database: string): Connection => ({ host: dir, port: 5432, user: CLUSTER_OWNER, database });

  const admin = new pg.Client(owner('postgres'));
  await admin.connect();
  const clones = new Set<string>();
  let made = 0;
  let migrated = false;
  return {
    owner,
    app: (database) => ({ ...owner(database), options: '-c role=signet_app' }),
    clone: async (contents) => {
      if (contents === 'migrated' && !migrated) {
        await migrateTemplate(owner(TEMPLATE));
        migrated = true;
      }
      const name = `test_${++made}`;
      // One statement at a time: two copies of one template at once are refused.
      await admin.query(
        `create database ${name} template ${contents === 'migrated' ? TEMPLATE : 'template0'}`,
      );
      clones.add(name);
      return name;
    },
    drop: async (database) => {
      const leaked = await connectionsTo(admin, database);
      await admin.query(`drop database ${database} with (force)`);
      clones.delete(database);
      return leaked;
    },
    stop: async () => {
      await admin.end();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
      return [...clones];
    },
  };
}

async function migrateTemplate(connection: Connection): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await migrate(client, sqlDir);
  } finally {
    await client.end();
  }
}

async function connectionsTo(admin: pg.Client, database: string): Promise<string[]> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const { rows } = await admin.query<{ session: string }>(
      `select coalesce(nullif(application_name, ''), 'session') || ' ' || coalesce(state, '') || ': ' || query as session
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [database],
    );
    if (rows.length === 0 || waitedMs >= LEAVE_MS) return rows.map((row) => row.session);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

/** Removes what killed runs left: their servers ended with them, their files did not. */
function removeOldClusters(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(FOLDER_PREFIX)
      ? Number(name.slice(FOLDER_PREFIX.length).split('-')[0])
      : Number.NaN;
    if (Number.isInteger(pid) && !isRunning(pid))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}
