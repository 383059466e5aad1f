import type { StoreAddress } from '../platform/db.ts';
import { startPostgres } from '../platform/postgres/public.ts';
import type { Settings } from '../platform/settings/public.ts';
import type { Log } from '../platform/telemetry.ts';

/** Where the database is, and for the embedded one how it ends. */
export type Store = {
  readonly address: StoreAddress;
  /** Settles with the reason when the embedded database ends by itself; null after `stop`. */
  readonly ended: Promise<string | null>;
  stop(): Promise<void>;
};

const MAX_LINE_CHARACTERS = 200;

/** PostgreSQL's own messages hold no statement and no value (platform/postgres); its everyday ones are for the curious. */
function noteStoreLine(log: Log, line: string): void {
  const everyday = / (LOG|HINT|DETAIL|NOTICE): /.test(line);
  log[everyday ? 'info' : 'warn']('store.says', { line: line.slice(0, MAX_LINE_CHARACTERS) });
}

/** The embedded database, started, or the address of DATABASE_URL. Throws StartFailure, or the reason of `asked`. */
export async function openStore(settings: Settings, log: Log, asked: AbortSignal): Promise<Store> {
  if (settings.databaseUrl !== null) {
    return {
      address: { kind: 'url', url: settings.databaseUrl },
      ended: new Promise(() => undefined),
      stop: async () => undefined,
    };
  }
  const embedded = await startPostgres({
    dataDir: settings.dataDir,
    log: (line) => noteStoreLine(log, line),
    asked,
  });
  const { socketDir, port, user, database } = embedded;
  return {
    address: { kind: 'embedded', socketDir, port, user, database },
    ended: embedded.ended,
    stop: () => embedded.stop(),
  };
}
