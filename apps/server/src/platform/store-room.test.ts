import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { watchRoom } from './store-room.ts';
import type { Log } from './telemetry.ts';

function watching(dataDir: string | null = null) {
  const lines: string[] = [];
  const note = (event: string): void => void lines.push(event);
  const log: Log = { info: note, warn: note, fault: note };
  const clock = { ms: 1_000 };
  return { lines, clock, room: watchRoom({ log, now: () => clock.ms, dataDir }) };
}

const full = Object.assign(new Error('could not extend file'), { code: '53100' });

describe('a full store', () => {
  it('is one line every ten seconds, however many failures there are; other faults are told each', () => {
    const { lines, clock, room } = watching();
    for (let i = 0; i < 1_000; i++) room.log.fault('receipts.store_away', full);
    expect(lines).toEqual(['store.full']);
    clock.ms += 10_000;
    room.log.fault('job.failed', full);
    room.log.fault('job.failed', new Error('another'));
    expect(lines).toEqual(['store.full', 'store.full', 'job.failed']);
  });

  it('has no room until a commit holds, or nothing failed for a while', async () => {
    const { clock, room } = watching();
    expect(await room.hasRoom()).toBe(true);
    room.log.fault('request.failed', full);
    expect(await room.hasRoom()).toBe(false);
    room.stored();
    expect(await room.hasRoom()).toBe(true);
    room.log.fault('request.failed', full);
    clock.ms += 10_000;
    expect(await room.hasRoom()).toBe(true);
  });

  it('is known of the embedded one before it is too late', async () => {
    // procfs has no blocks at all.
    expect(await watching('/proc').room.hasRoom()).toBe(false);
    expect(await watching(tmpdir()).room.hasRoom()).toBe(true);
  });
});
