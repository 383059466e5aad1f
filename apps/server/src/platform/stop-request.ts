import { constants } from 'node:os';

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** The operator asked for the end: the reason of every wait that is given up for it. */
export class StopAsked extends Error {
  override readonly name = 'StopAsked';
  /** What a shell expects of a program that such a signal ended: 128 and its number. */
  readonly exitCode: number;

  constructor(by: StopSignal) {
    super(`asked to end by ${by}`);
    this.exitCode = 128 + constants.signals[by];
  }
}

/**
 * From the keyboard npm gets the signal too and passes it on: the second comes 1-4 ms after the first (measured). No
 * hand is that fast.
 */
const SAME_WISH_SECONDS = 0.3;

/**
 * Listens for Ctrl-C and SIGTERM from now on. The first wish aborts the answered signal, its reason is a StopAsked; each
 * later one calls `again`: whoever asks twice does not want to wait.
 *
 * @param deps.seconds monotonic
 */
export function listenForStop(deps: {
  on(signal: StopSignal, listener: () => void): void;
  seconds(): number;
  again(asked: StopAsked): void;
}): AbortSignal {
  const asking = new AbortController();
  let firstAt = 0;
  for (const by of ['SIGINT', 'SIGTERM'] as const) {
    deps.on(by, () => {
      if (!asking.signal.aborted) {
        firstAt = deps.seconds();
        asking.abort(new StopAsked(by));
      } else if (deps.seconds() - firstAt > SAME_WISH_SECONDS) deps.again(new StopAsked(by));
    });
  }
  return asking.signal;
}

/** The outcome of `work`, or the reason of `asked` as soon as that comes; the work itself then goes on unheard. */
export function unlessAsked<T>(asked: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (): void => reject(asked.reason);
    if (asked.aborted) give();
    asked.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => asked.removeEventListener('abort', give));
  });
}
