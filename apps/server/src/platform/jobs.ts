import type { Clock } from './clock.ts';

/** Work that repeats in this process. `run` is never overlapped with itself. */
export type Job = { name: string; everyMs: number; run(): Promise<unknown> };

export type Jobs = {
  /** Runs a job now, or again right after its present run. */
  wake(name: string): void;
  stop(): Promise<void>;
};

/** Starts the jobs; a failing run is reported and tried again at its next time. */
export function startJobs(
  jobs: readonly Job[],
  deps: { clock: Clock; onRun(name: string, ms: number): void; onFault(name: string, error: unknown): void },
): Jobs {
  let stopped = false;
  const entries = new Map(
    jobs.map((job) => [
      job.name,
      {
        job,
        timer: undefined as NodeJS.Timeout | undefined,
        running: undefined as Promise<void> | undefined,
        again: false,
      },
    ]),
  );
  type Entry = NonNullable<ReturnType<typeof entries.get>>;

  const run = (entry: Entry): void => {
    if (stopped) return;
    if (entry.running !== undefined) {
      entry.again = true;
      return;
    }
    clearTimeout(entry.timer);
    const started = deps.clock.now();
    entry.running = entry.job
      .run()
      .then(
        () => deps.onRun(entry.job.name, deps.clock.now() - started),
        (error: unknown) => deps.onFault(entry.job.name, error),
      )
      .finally(() => {
        entry.running = undefined;
        if (stopped) return;
        const again = entry.again;
        entry.again = false;
        entry.timer = setTimeout(() => run(entry), again ? 0 : entry.job.everyMs);
        entry.timer.unref();
      });
  };

  for (const entry of entries.values()) {
    entry.timer = setTimeout(() => run(entry), entry.job.everyMs);
    entry.timer.unref();
  }
  return {
    wake(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw new Error(`there is no job ${name}`);
      run(entry);
    },
    async stop() {
      stopped = true;
      for (const entry of entries.values()) clearTimeout(entry.timer);
      await Promise.all([...entries.values()].map((entry) => entry.running));
    },
  };
}
