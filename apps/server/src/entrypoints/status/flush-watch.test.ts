import { describe, expect, it } from 'vitest';
import { createFlushWatch } from './flush-watch.ts';

describe('the flush watch', () => {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  function watched() {
    let drained: (() => void)[] = [];
    const state = { now: 0, looks: 0 };
    const watch = createFlushWatch({
      now: () => state.now,
      drain() {
        state.looks += 1;
        return new Promise((resolve) => drained.push(resolve));
      },
    });
    const drain = async (): Promise<void> => {
      for (const resolve of drained) resolve();
      drained = [];
      await turn();
    };
    return { state, watch, drain };
  }

  it('counts from the first look while nothing is flushed', () => {
    const { state, watch } = watched();
    expect(watch.stuckForMs()).toBe(0);
    state.now = 12_000;
    expect(watch.stuckForMs()).toBe(12_000);
    expect(state.looks).toBe(1);
  });

  it('counts anew with each flush, however long the queue is', () => {
    const { state, watch } = watched();
    watch.stuckForMs();
    state.now = 9_000;
    watch.flushed();
    state.now = 15_000;
    expect(watch.stuckForMs()).toBe(6_000);
  });

  it('is at rest once nothing waits, and looks again after that', async () => {
    const { state, watch, drain } = watched();
    watch.stuckForMs();
    await drain();
    state.now = 60_000;
    watch.flushed();
    expect(watch.stuckForMs()).toBe(0);
    expect(state.looks).toBe(2);
  });
});
