import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireInstanceLock, lockOwner } from './instance-lock.ts';

const lockModule = new URL('instance-lock.ts', import.meta.url).href;
let dir: string;
let lock: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signet-lock-'));
  lock = join(dir, 'lock');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the lock of a data folder', () => {
  it('is held by one, given back, and leaves no other file', () => {
    const release = acquireInstanceLock(lock, dir);
    expect(lockOwner(lock)).toBe(process.pid);
    expect(() => acquireInstanceLock(lock, dir)).toThrow(`in use by another Signet (process ${process.pid})`);
    expect(readdirSync(dir)).toEqual(['lock']);
    release();
    expect(lockOwner(lock)).toBeNull();
    expect(existsSync(lock)).toBe(false);
  });

  it.each(['999999999 1', `${process.pid} 1`, '', 'garbage'])(
    'is taken over from a dead owner: %j',
    (note) => {
      writeFileSync(lock, note);
      expect(lockOwner(lock)).toBeNull();
      const release = acquireInstanceLock(lock, dir);
      expect(lockOwner(lock)).toBe(process.pid);
      release();
    },
  );

  it('goes to exactly one of several that find a dead one at the same moment', async () => {
    writeFileSync(lock, '999999999 1');
    const script = `
      const { acquireInstanceLock } = await import(${JSON.stringify(lockModule)});
      try { acquireInstanceLock(${JSON.stringify(lock)}, 'd'); process.stdout.write('won'); } catch { process.stdout.write('lost'); }
      process.stdin.resume();`;
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
    );
    const said = await Promise.all(
      children.map(
        (child) => new Promise((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk)))),
      ),
    );
    for (const child of children) child.stdin.end();
    await Promise.all(children.map((child) => new Promise((resolve) => child.once('exit', resolve))));
    expect(said.filter((word) => word === 'won')).toHaveLength(1);
  });
});
