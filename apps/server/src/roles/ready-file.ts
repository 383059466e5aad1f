import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf, StartFailure } from '../platform/settings/public.ts';

const SETTING = '--ready-file (SIGNET_READY_FILE)';

/** Before anything is started: whether the ready file will be writable. Throws StartFailure. */
export function refuseReadyFile(path: string): void {
  const known = statSync(path, { throwIfNoEntry: false });
  if (known?.isDirectory()) throw new StartFailure(`${SETTING}: ${path} is a folder: name a file`);
  try {
    accessSync(isPlain(path) ? dirname(resolve(path)) : path, constants.W_OK);
  } catch (error) {
    throw new StartFailure(`${SETTING}: ${path} cannot be written (${reasonOf(error)})`);
  }
}

/**
 * Writes the ready file, mode 0600: whoever sees it sees all of it. A pipe or a device (/dev/stdout) is written as it is.
 * Throws StartFailure.
 */
export function writeReadyFile(path: string, text: string): void {
  if (!isPlain(path)) {
    writeFileSync(path, text);
    return;
  }
  const draft = `${path}.${process.pid}.draft`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flush: true });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new StartFailure(`${SETTING}: ${path} cannot be written (${reasonOf(error)})`);
  }
}

const isPlain = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
