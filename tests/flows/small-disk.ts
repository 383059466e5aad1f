import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A disk of a few megabytes, seen by the programs that are started with `words` before their own. */
export type SmallDisk = {
  /** The folder as those programs see it. */
  readonly dir: string;
  readonly words: readonly string[];
  /** Leaves not an octet. */
  fill(): void;
  free(): void;
  /** The folder as this process reaches it. */
  readonly reached: string;
  close(): Promise<void>;
};

/** Mounts a tmpfs in a mount namespace of its own, held by a process; null where the system does not allow that. */
export async function mountSmallDisk(dir: string, megabytes: number): Promise<SmallDisk | null> {
  mkdirSync(dir, { recursive: true });
  const script = 'mount -t tmpfs -o size="$2"m none "$1" && echo mounted && exec cat';
  const holder: ChildProcess = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', dir, String(megabytes)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const gone = new Promise<null>((resolve) => {
    holder.once('error', () => resolve(null));
    holder.once('close', () => resolve(null));
  });
  const mounted = new Promise<true>((resolve) => holder.stdout!.once('data', () => resolve(true)));
  if ((await Promise.race([mounted, gone])) === null) return null;
  const reached = `/proc/${holder.pid}/root${dir}`;
  const filler = join(reached, 'filler');
  return {
    dir,
    reached,
    words: ['nsenter', '-t', String(holder.pid), '-m', '--'],
    fill() {
      const file = openSync(filler, 'a');
      try {
        // Ever smaller pieces, to the last octet.
        for (let octets = 1 << 20; octets >= 1; octets = Math.floor(octets / 16)) {
          const piece = Buffer.alloc(octets, 1);
          try {
            while (writeSync(file, piece) === octets);
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          }
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler, { force: true }),
    async close() {
      holder.stdin!.end();
      await gone;
    },
  };
}
