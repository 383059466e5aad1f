import { readdirSync, readFileSync } from 'node:fs';

type Process = { pid: number; parent: number; state: string };

/** One line of /proc/PID/stat; its second field, the name in brackets, may hold anything. */
function readProcess(pid: number): Process | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = ''] = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return { pid, parent: Number(parent), state };
  } catch {
    return null;
  }
}

/** Every process that stems from `pid`, itself excluded. */
export function descendants(pid: number): number[] {
  const all = readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .flatMap((one) => readProcess(one) ?? []);
  const found = [pid];
  for (let at = 0; at < found.length; at++) {
    for (const one of all) if (one.parent === found[at]) found.push(one.pid);
  }
  return found.slice(1);
}

/** Those of `pids` that still run; one that ended and was not waited for does not. */
export const running = (pids: readonly number[]): number[] =>
  pids.filter((pid) => !['Z', 'X', undefined].includes(readProcess(pid)?.state));

/** USER_HZ, in which /proc tells times: 100 on every Linux. */
const TICKS_PER_MS = 0.1;

/** CPU time of a process and of all that stem from it, those that ended and were waited for included. */
export const cpuMsOf = (pid: number): number =>
  [pid, ...descendants(pid)].reduce((sum, one) => {
    const line = readText(`/proc/${one}/stat`);
    // utime, stime, cutime and cstime are fields 14 to 17; the name is field 2.
    const ticks = line
      .slice(line.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15);
    return sum + ticks.reduce((all, text) => all + Number(text), 0) / TICKS_PER_MS;
  }, 0);

/** Processes with `text` in their command line or in the environment that they were started with. */
export const naming = (text: string): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter(
      (pid) =>
        readText(`/proc/${pid}/cmdline`).includes(text) || readText(`/proc/${pid}/environ`).includes(text),
    );

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
