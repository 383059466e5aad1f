import { reasonOf, StartFailure } from '../settings/public.ts';

/**
 * The one line for what went wrong with the data folder, from an error or from the words of initdb and postgres.
 * @param dir the folder at fault
 */
export function storeFailure(cause: unknown, dir: string): StartFailure {
  if (cause instanceof StartFailure) return cause;
  const text =
    cause instanceof Error
      ? `${'code' in cause ? String(cause.code) : ''} ${reasonOf(cause)}`
      : String(cause);
  const remedy = remedyOf(text);
  if (remedy !== undefined) return new StartFailure(`data folder ${dir}: ${remedy}`);
  return new StartFailure(`the embedded database in ${dir} did not start: ${postgresReason(text)}`);
}

/** What is wrong with the folder and what to do, from an error's or PostgreSQL's words. */
export const remedyOf = (text: string): string | undefined =>
  reasons.find(([pattern]) => pattern.test(text))?.[1];

const reasons: readonly (readonly [RegExp, string])[] = [
  [/ENOSPC|No space left on device/i, 'the disk is full: free some space, or set --data to another disk'],
  [
    /EDQUOT|Disk quota exceeded/i,
    'the disk quota is used up: free some space, or set --data to another disk',
  ],
  [
    /EROFS|Read-only file system/i,
    'the file system is read-only: set --data to a folder that can be written',
  ],
  [
    /EACCES|EPERM|Permission denied/i,
    'it cannot be written: change its owner, or set --data to another folder',
  ],
  [/ENOTDIR|EEXIST|Not a directory/i, 'it is not a folder: set --data to a folder'],
  [/ENOENT/, 'it cannot be made there: set --data to another folder'],
];

/** The first FATAL, PANIC or error line without its prefix, else the last line. */
function postgresReason(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.find((line) => /\b(FATAL|PANIC|error|could not)\b/.test(line)) ?? lines.at(-1);
  return telling?.replace(/^.*?\b(FATAL|PANIC|error):\s*/, '').trim() ?? 'it said nothing';
}
