import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A text file of the repository; the path is relative to its root, with slashes. */
export type TextFile = { readonly path: string; readonly text: string };

/** The repository this file belongs to. */
export const ROOT = join(import.meta.dirname, '..');

const MAX_TEXT_OCTETS = 4 * 1024 * 1024;

/** Paths of all tracked files and of those that are neither tracked nor ignored: what a commit of everything would hold. */
export function listPaths(root: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.toString().split('\0'))]
    .filter((path) => path !== '' && isFile(join(root, path)))
    .sort();
}

/** The text files among the paths; binary ones (an octet 0 in them) and those over 4 MiB are left out. */
export function readTexts(root: string, paths: readonly string[]): TextFile[] {
  return paths.flatMap((path) => {
    if (statSync(join(root, path)).size > MAX_TEXT_OCTETS) return [];
    const octets = readFileSync(join(root, path));
    return octets.includes(0) ? [] : [{ path, text: octets.toString() }];
  });
}

// Others write into the tree while it is read; a file that was listed and is gone is no file of the house.
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
