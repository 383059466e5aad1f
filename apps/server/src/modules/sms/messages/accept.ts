import type { AcceptCommit } from './commit/lane.ts';
import type { Refusal } from './errors.ts';
import type { Candidates, SendAnswer, SendCall } from './model.ts';
import { checkOptOut } from './steps/check-opt-out.ts';
import { checkRegistration } from './steps/check-registration.ts';
import { readNumbers } from './steps/read-numbers.ts';
import { type RepeatDeps, recogniseRepeat } from './steps/recognise-repeat.ts';
import { render } from './steps/render.ts';
import { screenContent } from './steps/screen.ts';
import { seal } from './steps/seal.ts';
import type { Step, StepDeps } from './steps/step.ts';

export type AcceptDeps = StepDeps &
  RepeatDeps & {
    now(): number;
    registryVersion(): string;
    /** Steps 9 and 10, in one durable group commit. `stale` when the registry moved since the steps looked. */
    commit: AcceptCommit;
    /** Seconds since an arbitrary start, and where the time of each step is counted. */
    seconds(): number;
    countStep(step: number, seconds: number): void;
  };

/** Steps 4 to 8, top to bottom, and what of 10 needs no transaction; 1 and 2 are the entrypoint's, 3 stands before them, 9 and 10 are the commit. */
const STEPS: readonly (readonly [number, Step])[] = [
  [4, readNumbers],
  [5, checkRegistration],
  [6, render],
  [7, checkOptOut],
  [8, screenContent],
  [10, seal],
];

/**
 * Takes one call through steps 3 to 10 and answers when its commit is on disk. A refusal is stored with its step and
 * reason before it is answered. Throws CommitUncertain when the store is lost meanwhile.
 */
export async function accept(call: SendCall, deps: AcceptDeps): Promise<SendAnswer> {
  const known = call.repeat === null ? undefined : await recogniseRepeat(call, call.repeat, deps);
  if (known !== undefined) return known;
  for (let current = call; ; current = { ...call, nonce: null }) {
    const registryVersion = deps.registryVersion();
    const candidates: Candidates = { call: current, now: deps.now(), list: [] };
    const refusal = await judge(candidates, deps);
    const answer = await deps.commit(
      refusal === undefined
        ? { kind: 'send', candidates, registryVersion }
        : { kind: 'refuse', call: current, refusal },
    );
    // A stale commit has claimed the nonce all the same.
    if (answer !== 'stale') return answer;
  }
}

async function judge(candidates: Candidates, deps: AcceptDeps): Promise<Refusal | undefined> {
  let from = deps.seconds();
  for (const [number, step] of STEPS) {
    const done = step(candidates, deps);
    const refusal = done instanceof Promise ? await done : done;
    const to = deps.seconds();
    deps.countStep(number, to - from);
    from = to;
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
