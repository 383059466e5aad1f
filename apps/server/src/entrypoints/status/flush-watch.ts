export type FlushWatch = {
  /** To be called after each flush of the group commit (its `onFlush`). */
  flushed(): void;
  /** Ms since the first look that found work waiting and no flush done since; 0 when the commit is idle or moves. */
  stuckForMs(): number;
};

/**
 * Tells a commit that hangs from one that is busy. A look starts waiting for `drain`, which resolves when nothing
 * waits; every flush meanwhile starts the time anew. Costs nothing between looks.
 */
export function createFlushWatch(deps: { drain(): Promise<void>; now(): number }): FlushWatch {
  let since: number | undefined;
  return {
    flushed() {
      if (since !== undefined) since = deps.now();
    },
    stuckForMs() {
      if (since === undefined) {
        since = deps.now();
        const idle = (): void => {
          since = undefined;
        };
        deps.drain().then(idle, idle);
      }
      return deps.now() - since;
    },
  };
}
