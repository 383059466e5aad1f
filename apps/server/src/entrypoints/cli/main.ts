import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { DomainError } from '../../platform/domain-error.ts';
import { KmsFailure } from '../../platform/kms/public.ts';
import { readSettings, reasonOf, type Settings, StartFailure } from '../../platform/settings/public.ts';
import { type Call, readCall } from './call.ts';
import { CommandFailure } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { type Words, wordsOf } from './words.ts';

// Only what answers `help` and a wrong call is imported above: each command brings the rest, which takes a second.

/** Compiled code of the last run, kept beside the packages that it is of; the server's own. */
const COMPILE_CACHE = fileURLToPath(new URL('../../../../../node_modules/.cache/signet', import.meta.url));

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
    console.error(`signet: ${await sentenceOf(error, words)}`);
    process.exitCode =
      error instanceof CommandFailure && error.refusal === 'usage' ? EXIT_WRONG_CALL : EXIT_FAILED;
  }
}

async function run(call: Call, terminal: Terminal): Promise<void> {
  if (call.command === 'help') return terminal.say(terminal.words.help);
  if (call.command === 'audit verify file') {
    enableCompileCache(COMPILE_CACHE);
    return (await import('./audit.ts')).verifyExport(call, terminal);
  }
  const settings = settingsOf(call);
  enableCompileCache(COMPILE_CACHE);
  switch (call.command) {
    case 'backup':
      return (await import('./backup.ts')).backUp(settings, call.file, terminal);
    case 'restore':
      return (await import('./backup.ts')).restore(settings, call, terminal);
    case 'doctor':
      return (await import('./doctor.ts')).doctor(settings, terminal);
    case 'reset-password':
      return (await import('./reset-password.ts')).resetPassword(settings, call.name, terminal);
    case 'audit export':
      return (await import('./audit.ts')).exportStored(settings, call.file, terminal);
    case 'audit verify':
      return (await import('./audit.ts')).verifyStored(settings, call.checkpoints, terminal);
  }
}

function settingsOf(call: { settings: readonly string[] }): Settings {
  const read = readSettings(call.settings, process.env);
  if (!read.ok) throw new CommandFailure('setting', { line: read.line });
  return read.settings;
}

/** One line. What nobody foresaw is named by its class and code: its text may quote a row. */
async function sentenceOf(error: unknown, spoken: Words): Promise<string> {
  if (error instanceof CommandFailure) return spoken.refusals[error.refusal](error.facts);
  if (error instanceof StartFailure || error instanceof KmsFailure || error instanceof DomainError)
    return reasonOf(error);
  const { BackupFailure } = await import('../../modules/trust/backup/public.ts');
  if (error instanceof BackupFailure) return spoken.refusals[error.refusal](error.facts);
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
