import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BackupFailure,
  makeEmbeddedStore,
  readBackupHeader,
  restoreBackup,
  writeBackup,
} from '../../modules/trust/backup/public.ts';
import { systemClock } from '../../platform/clock.ts';
import type { StoreAddress } from '../../platform/db.ts';
import type { Settings } from '../../platform/settings/public.ts';
import { openKeyFile, openKeysOn, refuseUnstarted, withKeys, withOwner, withStore } from './opening.ts';
import type { Terminal } from './terminal.ts';
import { shellWord } from './words.ts';

const SCHEMA_DIR = fileURLToPath(new URL('../../db', import.meta.url));
const MIB = 1024 * 1024;

/** `backup FILE`: beside a running server or on a store at rest. */
export async function backUp(
  settings: Settings,
  file: string,
  { words, say, signal }: Terminal,
): Promise<void> {
  const path = resolve(file);
  const summary = await withStore(settings, (address) =>
    withOwner(address, signal, async (owner) => {
      await refuseUnstarted(owner, settings);
      return withKeys(settings, address, ({ vault, auditOf }) =>
        writeBackup(owner, path, {
          now: () => systemClock.now(),
          checkpoint: (db) => auditOf(db).checkpoint(),
          digest: vault.digest,
          signal,
        }),
      );
    }),
  );
  const { tables, rows, auditSize } = summary;
  const size = `${(statSync(path).size / MIB).toFixed(1)} MiB`;
  say(words.backedUp({ file: path, tables: String(tables), rows: String(rows), auditSize, size }));
  say(words.keyApart({ command: `cp ${shellWord(settings.keyFile)} /path/on/another/disk/` }));
}

/** `restore FILE`: into an empty folder or database. The key file is judged before anything is made. */
export async function restore(
  settings: Settings,
  file: string,
  { words, say, signal }: Terminal,
): Promise<void> {
  const path = resolve(file);
  const header = await readBackupHeader(path);
  const kms = openKeyFile(settings);
  const needed = header.keyIds.find((id) => id !== kms.keyId);
  if (needed !== undefined)
    throw new BackupFailure('wrong_key', { file: settings.keyFile, holds: kms.keyId, needs: needed });

  const fill = (address: StoreAddress) =>
    withOwner(address, signal, (owner) =>
      restoreBackup(owner, path, {
        schemaDir: SCHEMA_DIR,
        async openKeys(db) {
          const { vault, auditOf } = await openKeysOn(db, kms);
          return { digest: vault.digest, verifyLog: (notes) => auditOf(db).verify(notes) };
        },
        signal,
      }),
    );
  const { databaseUrl, dataDir, keyFile } = settings;
  const summary =
    databaseUrl === null
      ? await makeEmbeddedStore(dataDir, fill)
      : await fill({ kind: 'url', url: databaseUrl });
  const { createdAt, tables, rows, auditSize, waitingMessages } = summary;
  say(words.restored({ createdAt, tables: String(tables), rows: String(rows), auditSize }));
  if (waitingMessages > 0) say(words.waiting({ count: String(waitingMessages) }));
  say(
    words.startAgain({
      command: `npm start -- --data ${shellWord(dataDir)} --key-file ${shellWord(keyFile)}`,
    }),
  );
}
