import { BackupFailure } from '../../modules/trust/backup/public.ts';
import { DomainError } from '../../platform/domain-error.ts';
import { KmsFailure } from '../../platform/kms/public.ts';
import { readSettings, reasonOf, type Settings, StartFailure } from '../../platform/settings/public.ts';
import { exportStored, verifyExport, verifyStored } from './audit.ts';
import { backUp, restore } from './backup.ts';
import { type Call, readCall } from './call.ts';
import { doctor } from './doctor.ts';
import { CommandFailure } from './failure.ts';
import { resetPassword } from './reset-password.ts';
import type { Terminal } from './terminal.ts';
import { type Words, wordsOf } from './words.ts';

const EXIT_FAILED = 1;
const EXIT_WRONG_CALL = 2;
const EXIT_INTERRUPTED = 130;

const words = wordsOf(process.env);
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());

try {
  await run(readCall(process.argv.slice(2)), {
    words,
    say: (text) => console.log(text),
    signal: interruption.signal,
  });
} catch (error) {
  if (interruption.signal.aborted) {
    console.error(`signet: ${words.interrupted}`);
    process.exitCode = EXIT_INTERRUPTED;
  } else {
    console.error(`signet: ${sentenceOf(error, words)}`);
    process.exitCode =
      error instanceof CommandFailure && error.refusal === 'usage' ? EXIT_WRONG_CALL : EXIT_FAILED;
  }
}

async function run(call: Call, terminal: Terminal): Promise<void> {
  switch (call.command) {
    case 'help':
      return terminal.say(terminal.words.help);
    case 'backup':
      return backUp(settingsOf(call), call.file, terminal);
    case 'restore':
      return restore(settingsOf(call), call.file, terminal);
    case 'doctor':
      return doctor(settingsOf(call), terminal);
    case 'reset-password':
      return resetPassword(settingsOf(call), call.name, terminal);
    case 'audit export':
      return exportStored(settingsOf(call), call.file, terminal);
    case 'audit verify':
      return verifyStored(settingsOf(call), call.checkpoints, terminal);
    case 'audit verify file':
      return verifyExport(call, terminal);
  }
}

function settingsOf(call: { settings: readonly string[] }): Settings {
  const read = readSettings(call.settings, process.env);
  if (!read.ok) throw new CommandFailure('setting', { line: read.line });
  return read.settings;
}

/** One line. What nobody foresaw is named by its class and code: its text may quote a row. */
function sentenceOf(error: unknown, spoken: Words): string {
  if (error instanceof CommandFailure || error instanceof BackupFailure)
    return spoken.refusals[error.refusal](error.facts);
  if (error instanceof StartFailure || error instanceof KmsFailure || error instanceof DomainError)
    return reasonOf(error);
  const code = error instanceof Error && 'code' in error ? ` ${String(error.code)}` : '';
  const place =
    error instanceof Error
      ? (error.stack
          ?.split('\n')
          .find((line) => line.includes('/src/'))
          ?.trim() ?? '')
      : '';
  return spoken.unexpected({
    reason: error instanceof Error ? `${error.name}${code} ${place}` : typeof error,
  });
}
