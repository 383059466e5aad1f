import { type LiveTopic, liveTopics } from '@signet/contract';
import { useEffect, useRef, useState } from 'react';
import { addressOf } from './call.ts';

/** Address of the stream of a topic; those of a tenant need its id. */
export const liveAddress = (topic: LiveTopic, tenantId?: string): string =>
  addressOf(liveTopics[topic].path, { tenantId });

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;

/** Wait before a stream that was refused is asked for again: doubled each time, a minute at most. */
export const retryAfterMs = (failures: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1), LONGEST_RETRY_MS);

/**
 * Listens to a stream of server-sent events while the page is in sight, and calls `changed` for each event and whenever
 * the stream (re)opens, since something may have happened meanwhile. Whether it is open: while not, the caller polls.
 * A broken connection is taken up again by the browser itself; a refused one here, later and later.
 * A hidden page lets go of its stream: browsers allow six connections to a server over HTTP/1.1.
 */
export function useLive(address: string | undefined, changed: () => void): boolean {
  const [open, setOpen] = useState(false);
  const latest = useRef(changed);
  latest.current = changed;
  useEffect(() => {
    if (address === undefined) return;
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    const stop = () => {
      source?.close();
      source = undefined;
      clearTimeout(retry);
      setOpen(false);
    };
    const start = () => {
      stop();
      const opened = new EventSource(address);
      source = opened;
      opened.onopen = () => {
        failures = 0;
        setOpen(true);
        latest.current();
      };
      opened.addEventListener('changed', () => latest.current());
      opened.onerror = () => {
        setOpen(false);
        if (opened.readyState !== EventSource.CLOSED) return;
        failures += 1;
        retry = setTimeout(start, retryAfterMs(failures));
      };
    };
    const follow = () => (document.hidden ? stop() : start());
    follow();
    document.addEventListener('visibilitychange', follow);
    return () => {
      document.removeEventListener('visibilitychange', follow);
      stop();
    };
  }, [address]);
  return open;
}
