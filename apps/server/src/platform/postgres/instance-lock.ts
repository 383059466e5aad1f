import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { StartFailure } from '../settings/public.ts';
import { startOf } from './processes.ts';

/** The process that holds a data folder, or null. */
export function lockOwner(lockFile: string): number | null {
  const note = readNote(lockFile);
  return note !== null && isHeld(note) ? pidOf(note) : null;
}

/**
 * Takes the data folder for this process; a lock whose owner is dead (kill -9, power cut) is taken over.
 * The file is linked into place complete, so nobody reads half of it.
 *
 * @returns gives the lock back
 * @throws StartFailure when a running process holds it
 */
export function acquireInstanceLock(lockFile: string, dataDir: string): () => void {
  const note = `${process.pid} ${startOf(process.pid)}`;
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, note, { mode: 0o600 });
  try {
    while (!tryLink(mine, lockFile)) {
      const found = readNote(lockFile);
      if (found === null) continue;
      if (isHeld(found)) {
        throw new StartFailure(
          `data folder ${dataDir} is in use by another Signet (process ${pidOf(found)}): stop it, or set --data to another folder`,
        );
      }
      setAside(lockFile, mine);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => {
    if (readNote(lockFile) === note) rmSync(lockFile, { force: true });
  };
}

/** Removes a dead owner's lock. Of two starters one may catch the other's fresh lock: then it puts that back. */
function setAside(lockFile: string, mine: string): void {
  const aside = `${mine}.aside`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  const caught = readNote(aside);
  if (caught !== null && isHeld(caught)) tryLink(aside, lockFile);
  rmSync(aside, { force: true });
}

function isHeld(note: string): boolean {
  const start = startOf(pidOf(note));
  return start !== null && note === `${pidOf(note)} ${start}`;
}

function pidOf(note: string): number {
  return Number(note.split(' ')[0]);
}

function readNote(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
