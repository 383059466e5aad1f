import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseReadyFile, writeReadyFile } from './ready-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signet-ready-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('the ready file', () => {
  it('takes its place whole and closed to others, also where an open one stood', () => {
    const path = join(dir, 'ready.json');
    writeFileSync(path, 'of an earlier start', { mode: 0o644 });
    refuseReadyFile(path);
    writeReadyFile(path, '{}\n');
    expect(readFileSync(path, 'utf8')).toBe('{}\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['ready.json']);
  });

  it('may be a pipe or a device, which stays one', () => {
    refuseReadyFile('/dev/null');
    writeReadyFile('/dev/null', '{}\n');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    const pipe = join(dir, 'pipe');
    spawnSync('mkfifo', [pipe]);
    refuseReadyFile(pipe);
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  it('that cannot be written is named with its setting', () => {
    mkdirSync(join(dir, 'folder'));
    expect(() => refuseReadyFile(join(dir, 'folder'))).toThrow(/--ready-file .*is a folder/);
    expect(() => refuseReadyFile(join(dir, 'absent', 'ready'))).toThrow(/--ready-file .*cannot be written/);
    expect(() => writeReadyFile(join(dir, 'absent', 'ready'), '')).toThrow(
      /--ready-file .*cannot be written/,
    );
  });
});
