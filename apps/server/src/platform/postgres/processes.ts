import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Whether a process id is taken: by a process, of whatever user, or by a dead one that its parent has not collected. */
export function isTaken(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Whether a process runs. A zombie does not; in containers whose first process collects no orphans they stay. */
export function isRunning(pid: number): boolean {
  if (!isTaken(pid)) return false;
  return process.platform !== 'linux' || statFields(pid)?.[0] !== 'Z';
}

/**
 * When a process started, as an opaque word, or null when it does not run. Process ids are used again, soon in
 * containers: id and start together name one process (proc_pid_stat(5), field 22).
 */
export function startOf(pid: number): string | null {
  if (!isRunning(pid)) return null;
  if (process.platform !== 'linux') return psColumn(pid, 'lstart=');
  return statFields(pid)?.[22 - 3] ?? null;
}

/** /proc/PID/stat from field 3 on: field 2 is the program's name in brackets and may hold blanks and brackets. */
function statFields(pid: number): string[] | null {
  const stat = readProc(pid, 'stat');
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** The command line of a process, or null. */
export function commandLineOf(pid: number): string | null {
  if (process.platform !== 'linux') return psColumn(pid, 'command=');
  return readProc(pid, 'cmdline')?.replaceAll('\0', ' ') ?? null;
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}

function psColumn(pid: number, column: string): string | null {
  const { status, stdout } = spawnSync('ps', ['-ww', '-o', column, '-p', String(pid)], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
