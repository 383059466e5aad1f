/** CPU and memory of whole process trees, read from /proc (Linux). */

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { monotonicMs } from './monotonic.ts';

/** USER_HZ, the unit of times in /proc/PID/stat and /proc/stat: 100 in every Linux ABI that Node runs on. */
const MS_PER_TICK = 10;

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** Own and reaped children's CPU: a child that ends between two samples stays counted. */
  readonly cpuMs: number;
}

/** A process tree whose figures belong together. */
export interface Tree {
  readonly rootPid: number;
  /** Names the part of the tree that a process belongs to, by its command line. */
  readonly roleOf: (command: string) => string;
  /** Counts detached processes too, whose command line names this path. */
  readonly alsoNaming?: string;
}

function readProcess(pid: number): ProcessEntry | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // proc(5): utime, stime, cutime, cstime are fields 14 to 17, here 11 to 14.
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return { pid, parent: Number(fields[1]), cpuMs: ticks * MS_PER_TICK };
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The command line of a process, arguments separated by spaces; empty when it has ended. */
export function commandOf(pid: number): string {
  return readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function allProcesses(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    const entry = readProcess(Number(name));
    return entry ? [entry] : [];
  });
}

function membersOf(tree: Tree, processes: readonly ProcessEntry[]): ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of processes) {
    const siblings = children.get(entry.parent);
    if (siblings) siblings.push(entry);
    else children.set(entry.parent, [entry]);
  }
  const members = new Map<number, ProcessEntry>();
  const queue = processes.filter(
    (entry) =>
      entry.pid === tree.rootPid ||
      (tree.alsoNaming !== undefined &&
        entry.pid !== process.pid &&
        commandOf(entry.pid).includes(tree.alsoNaming)),
  );
  for (let entry = queue.pop(); entry; entry = queue.pop()) {
    if (members.has(entry.pid)) continue;
    members.set(entry.pid, entry);
    queue.push(...(children.get(entry.pid) ?? []));
  }
  return [...members.values()];
}

/** Process ids of a tree, the root first if it lives. */
export function pidsOf(tree: Tree): number[] {
  return membersOf(tree, allProcesses()).map((entry) => entry.pid);
}

/** Proportional set size of the trees in MiB: a page that their processes share is counted once. */
export function proportionalMiB(trees: readonly Tree[]): number {
  const kibibytes = trees.flatMap(pidsOf).reduce((sum, pid) => {
    const pss = /^Pss:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/smaps_rollup`))?.[1];
    return sum + Number(pss ?? 0);
  }, 0);
  return kibibytes / 1024;
}

export interface CpuSample {
  readonly atMs: number;
  /** All CPU time of the machine that was neither idle nor waiting for a disk. */
  readonly machineBusyMs: number;
  readonly msByRole: ReadonlyMap<string, number>;
}

function machineBusyMs(): number {
  // user nice system idle iowait irq softirq steal
  const fields = readText('/proc/stat').split('\n', 1)[0]!.trim().split(/\s+/).slice(1).map(Number);
  return [0, 1, 2, 5, 6].reduce((sum, index) => sum + (fields[index] ?? 0), 0) * MS_PER_TICK;
}

/** CPU used so far by each role of the trees, by this process (role `bench`) and by the machine. */
export function sampleCpu(trees: readonly Tree[]): CpuSample {
  const processes = allProcesses();
  const own = process.cpuUsage();
  const msByRole = new Map<string, number>([['bench', (own.user + own.system) / 1000]]);
  for (const tree of trees) {
    for (const member of membersOf(tree, processes)) {
      const role = tree.roleOf(commandOf(member.pid));
      msByRole.set(role, (msByRole.get(role) ?? 0) + member.cpuMs);
    }
  }
  return { atMs: monotonicMs(), machineBusyMs: machineBusyMs(), msByRole };
}

/**
 * Waits until the machine uses less than `cores` for a second, at most `patienceMs`: other work on it would take from
 * what is measured. Answers whether it became quiet.
 */
export async function waitForQuiet(cores: number, patienceMs: number): Promise<boolean> {
  const deadlineMs = monotonicMs() + patienceMs;
  do {
    const beforeMs = monotonicMs();
    const busyBeforeMs = machineBusyMs();
    await pause(1000);
    if ((machineBusyMs() - busyBeforeMs) / (monotonicMs() - beforeMs) < cores) return true;
  } while (monotonicMs() < deadlineMs);
  return false;
}

export interface CpuUse {
  readonly usPerMessageByRole: ReadonlyMap<string, number>;
  /** Cores that processes outside the trees and this process used meanwhile: what made the run noisy. */
  readonly foreignCores: number;
}

/** What happened between two samples, for `messages` messages. */
export function cpuBetween(before: CpuSample, after: CpuSample, messages: number): CpuUse {
  const usPerMessageByRole = new Map<string, number>();
  let ours = 0;
  for (const [role, ms] of after.msByRole) {
    const used = Math.max(0, ms - (before.msByRole.get(role) ?? 0));
    ours += used;
    usPerMessageByRole.set(role, (used * 1000) / messages);
  }
  const wallMs = after.atMs - before.atMs;
  const foreignCores = Math.max(0, after.machineBusyMs - before.machineBusyMs - ours) / wallMs;
  return { usPerMessageByRole, foreignCores };
}

/** Watches the memory of the trees until `stop`, which answers the highest value in MiB. */
export function watchPeak(trees: readonly Tree[], intervalMs: number): { stop(): number } {
  let peak = proportionalMiB(trees);
  const timer = setInterval(() => {
    peak = Math.max(peak, proportionalMiB(trees));
  }, intervalMs);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(peak, proportionalMiB(trees));
    },
  };
}
