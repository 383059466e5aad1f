import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countQueued, doubtQueue } from '../../modules/sms/dispatch/public.ts';
import { countHeldMessages, RECEIPT_WAIT_MS } from '../../modules/sms/messages/public.ts';
import { distrustNumbers } from '../../modules/sms/receipts/public.ts';
import { changesWithin } from '../../modules/trust/audit/public.ts';
import {
  BackupFailure,
  makeEmbeddedStore,
  type QueueFate,
  readBackupHeader,
  restoreBackup,
  writeBackup,
} from '../../modules/trust/backup/public.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Database, StoreAddress } from '../../platform/db.ts';
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

/**
 * `restore FILE`: into an empty folder or database. The key file is judged before anything is made. What was queued is
 * put in doubt unless `resendQueued`: the old server may have sent it after the backup.
 */
export async function restore(
  settings: Settings,
  { file, resendQueued }: { file: string; resendQueued: boolean },
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
        settleQueue: resendQueued ? keepQueue : doubtQueued,
        signal,
      }),
    );
  const { databaseUrl, dataDir, keyFile } = settings;
  const summary =
    databaseUrl === null
      ? await makeEmbeddedStore(dataDir, fill)
      : await fill({ kind: 'url', url: databaseUrl });
  const { createdAt, tables, rows, auditSize, queue } = summary;
  say(words.restored({ createdAt, tables: String(tables), rows: String(rows), auditSize }));
  if (queue.inDoubt > 0) say(words.doubted({ count: String(queue.inDoubt) }));
  if (queue.toSend > 0) say(words.waiting({ count: String(queue.toSend) }));
  if (queue.held > 0) say(words.held({ count: String(queue.held) }));
  say(
    words.startAgain({
      command: `npm start -- --data ${shellWord(dataDir)} --key-file ${shellWord(keyFile)}`,
    }),
  );
}

/** The old server sent nothing after the backup: all is as it was. */
const keepQueue = (db: Database): Promise<QueueFate> =>
  db.sweep(async (tx) => ({
    inDoubt: 0,
    toSend: await countQueued(tx),
    held: await countHeldMessages(tx),
  }));

/**
 * The old server may have gone on: what it had queued is not sent again, and until everything it may have sent is given
 * up, a receipt's number does not tell which message it is of.
 */
async function doubtQueued(db: Database, takenAt: number): Promise<QueueFate> {
  const now = (): number => systemClock.now();
  const held = await db.sweep(async (tx) => {
    await distrustNumbers(tx, now() + RECEIPT_WAIT_MS);
    return countHeldMessages(tx);
  });
  const inDoubt = await doubtQueue({ db, makeChange: changesWithin(db, now) }, takenAt);
  return { inDoubt, toSend: 0, held };
}
