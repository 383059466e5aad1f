import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenForStop, StopAsked, unlessAsked } from './stop-request.ts';

function listening() {
  const source = new EventEmitter();
  const again: number[] = [];
  const clock = { seconds: 100 };
  const asked = listenForStop({
    on: (signal, listener) => void source.on(signal, listener),
    seconds: () => clock.seconds,
    again: ({ exitCode }) => void again.push(exitCode),
  });
  return { source, again, clock, asked };
}

describe('a wish to end', () => {
  it('aborts once, with the exit code of its signal', () => {
    const { source, asked } = listening();
    expect(asked.aborted).toBe(false);
    source.emit('SIGTERM');
    expect(asked.reason).toBeInstanceOf(StopAsked);
    expect(asked.reason.exitCode).toBe(143);
    source.emit('SIGINT');
    expect(asked.reason.exitCode).toBe(143);
  });

  it('that npm repeats is one; a later one is a second', () => {
    const { source, again, clock } = listening();
    source.emit('SIGINT');
    clock.seconds += 0.004;
    source.emit('SIGINT');
    expect(again).toEqual([]);
    clock.seconds += 0.5;
    source.emit('SIGTERM');
    source.emit('SIGINT');
    expect(again).toEqual([143, 130]);
  });
});

describe('a wait', () => {
  it('ends with its work, or with the wish', async () => {
    const { source, asked } = listening();
    expect(await unlessAsked(asked, Promise.resolve(7))).toBe(7);
    await expect(unlessAsked(asked, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const endless = unlessAsked(asked, new Promise(() => undefined));
    source.emit('SIGINT');
    await expect(endless).rejects.toBe(asked.reason);
    await expect(unlessAsked(asked, Promise.resolve(7))).rejects.toBe(asked.reason);
    // The work's own failure comes too late to be anybody's.
    await expect(unlessAsked(asked, Promise.reject(new Error('unheard')))).rejects.toBe(asked.reason);
  });
});
