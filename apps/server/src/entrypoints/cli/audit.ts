import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type LogVerdict, verifyLog } from '@signet/merkle-log';
import { exportLog, readLogExport } from '../../modules/trust/backup/public.ts';
import { systemClock } from '../../platform/clock.ts';
import type { Settings } from '../../platform/settings/public.ts';
import { CommandFailure } from './failure.ts';
import { refuseUnstarted, withKeys, withOwner, withStore } from './opening.ts';
import type { Terminal } from './terminal.ts';

/** `audit verify`: the stored log against its own checkpoints and those of `files`. Throws CommandFailure `log_altered`. */
export async function verifyStored(
  settings: Settings,
  files: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const notes = files.map(readNote);
  const verdict = await withStore(settings, async (address) => {
    await withOwner(address, terminal.signal, (owner) => refuseUnstarted(owner, settings));
    return withKeys(settings, address, ({ db, auditOf }) => auditOf(db).verify(notes));
  });
  report(verdict, terminal);
}

/** `audit export FILE`. */
export async function exportStored(
  settings: Settings,
  file: string,
  { words, say, signal }: Terminal,
): Promise<void> {
  const path = resolve(file);
  const count = await withStore(settings, (address) =>
    withOwner(address, signal, async (owner) => {
      await refuseUnstarted(owner, settings);
      return withKeys(settings, address, ({ auditOf }) =>
        exportLog(owner, path, {
          now: () => systemClock.now(),
          checkpoint: (db) => auditOf(db).checkpoint(),
          signal,
        }),
      );
    }),
  );
  say(words.exported({ file: path, count: String(count) }));
}

/** `audit verify --file`: needs no store and no key of ours. */
export async function verifyExport(
  call: { file: string; verifierKey: string | null; checkpoints: readonly string[] },
  terminal: Terminal,
): Promise<void> {
  const notes = call.checkpoints.map(readNote);
  const { verifierKey, checkpoints, chunks } = await readLogExport(resolve(call.file));
  const verdict = await verifyLog({
    chunks,
    checkpoints: [...checkpoints, ...notes],
    verifierKeys: [call.verifierKey ?? verifierKey],
  });
  report(verdict, terminal);
  if (call.verifierKey === null) terminal.say(terminal.words.ownKey({ key: verifierKey }));
}

function report(verdict: LogVerdict, { words, say }: Terminal): void {
  if (!verdict.ok) {
    const { firstBadIndex, check, reason } = verdict;
    throw new CommandFailure('log_altered', { index: String(firstBadIndex), check, reason });
  }
  const { size, provenSize, root } = verdict;
  say(
    words.logSound({
      size: String(size),
      provenSize: String(provenSize),
      root: Buffer.from(root).toString('base64'),
    }),
  );
  if (provenSize === 0 && size > 0) say(words.logUnproven);
}

function readNote(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandFailure('unreadable', {
      file,
      code: error instanceof Error && 'code' in error ? String(error.code) : 'error',
    });
  }
}
