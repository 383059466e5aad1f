import type { OperationName, Operations } from '@signet/contract';
import { useCallback, useEffect, useRef, useState } from 'react';
import { readClock } from '../parts/clock.ts';
import { type AnswerOf, ask, type Loose, type RequestOf, type Trouble } from './call.ts';
import { useLive } from './live.ts';

export type Loaded<T> = {
  answer: T | undefined;
  problem: Trouble | undefined;
  loading: boolean;
  /** When the shown answer arrived, milliseconds since 1970. */
  loadedAtMs: number | undefined;
  reload: () => void;
  /** Puts an answer in place without asking again, after a change that returned it. */
  replace: (answer: T) => void;
};

const MAX_BACK_OFF = 8;

/** How an answer is kept fresh; without it, it is read once. */
export type Refresh = {
  /** Stream that says when to ask again ({@link liveAddress}). */
  live?: string | undefined;
  /** Asks again after so long; with a stream, only while that is down. */
  everyMs?: number | undefined;
};

/**
 * Reads an operation and keeps its last answer while the next one is on its way. Asks again by `refresh`, politely:
 * not while the page is hidden, never two at once, and slower after each failure (up to 8 times).
 * `undefined` as request asks nothing.
 */
export function useAnswer<O extends Operations[OperationName]>(
  operation: O,
  request: RequestOf<O> | undefined,
  { live, everyMs }: Refresh = {},
): Loaded<AnswerOf<O>> {
  const key = request === undefined ? undefined : JSON.stringify(request);
  const [state, setState] = useState<{
    key?: string | undefined;
    answer?: AnswerOf<O>;
    problem?: Trouble | undefined;
    loadedAtMs?: number;
  }>({});
  const [loading, setLoading] = useState(request !== undefined);
  const [round, setRound] = useState(0);
  const failures = useRef(0);
  // What was told while an answer is on its way is asked for after it: a busy list must not cut off its own reading.
  const busy = useRef(false);
  const missed = useRef(false);
  const again = useCallback(() => {
    if (busy.current) missed.current = true;
    else setRound((n) => n + 1);
  }, []);
  const isLive = useLive(request === undefined ? undefined : live, again);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again for the same request
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    setLoading(true);
    busy.current = true;
    missed.current = false;
    const asked = ask(operation, JSON.parse(key) as Loose, abort.signal);
    asked.then(
      (outcome) => {
        setLoading(false);
        busy.current = false;
        if (missed.current) setRound((n) => n + 1);
        failures.current = outcome.ok ? 0 : failures.current + 1;
        setState((before) =>
          outcome.ok
            ? { key, answer: outcome.answer, loadedAtMs: readClock() }
            : { ...(before.key === key ? before : {}), key, problem: outcome.problem },
        );
      },
      () => undefined, // aborted: the next request has taken over
    );
    return () => abort.abort();
  }, [operation, key, round]);

  useEffect(() => {
    if (everyMs === undefined || isLive || key === undefined || loading) return;
    const waitMs = everyMs * Math.min(2 ** failures.current, MAX_BACK_OFF);
    const look = () => {
      if (!document.hidden) again();
    };
    const timer = setInterval(look, waitMs);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [everyMs, isLive, key, loading, again]);

  const reload = useCallback(() => setRound((n) => n + 1), []);
  const replace = useCallback(
    (answer: AnswerOf<O>) => setState({ key, answer, loadedAtMs: readClock() }),
    [key],
  );
  return {
    answer: state.answer,
    problem: state.problem,
    loading,
    loadedAtMs: state.loadedAtMs,
    reload,
    replace,
  };
}
