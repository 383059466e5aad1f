import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readCall } from './call.ts';

const CLI = fileURLToPath(new URL('main.ts', import.meta.url));

function signet(words: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    env: { LANG: 'C', ...env },
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

describe('the command line', () => {
  it('tells what is wrong in one line, in the language of the operator', () => {
    expect(signet(['backup'])).toEqual({
      code: 2,
      out: '',
      err: expect.stringMatching(/^signet: wrong call at "backup".*\n$/),
    });
    expect(signet(['doctor', '--dat', 'y'])).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^signet: .*did you mean --data\?\n$/),
    });
    const absent = ['audit', 'verify', '--data', join(tmpdir(), 'signet-absent')];
    expect(signet(absent)).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^signet: .*holds no Signet yet.*\n$/),
    });
    expect(signet(absent, { LANG: 'zh_CN.UTF-8' })).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^signet: .*还没有 Signet.*\n$/),
    });
  });

  it('lists its commands', () => {
    const { code, out } = signet(['help']);
    expect(code).toBe(0);
    for (const command of [
      'backup FILE',
      'restore FILE',
      'doctor',
      'reset-password NAME',
      'audit verify',
      'audit export FILE',
    ]) {
      expect(out).toContain(`  ${command}`);
    }
  });
});

describe('a call', () => {
  it('keeps the settings apart from its own words, in whatever order', () => {
    expect(readCall(['--data', 'd', 'backup', 'f', '--key-file=k'])).toEqual({
      command: 'backup',
      file: 'f',
      settings: ['--data', 'd', '--key-file', 'k'],
    });
    expect(readCall(['audit', 'verify', '--checkpoint', 'a', '--data', 'd', '--checkpoint=b'])).toEqual({
      command: 'audit verify',
      checkpoints: ['a', 'b'],
      settings: ['--data', 'd'],
    });
    expect(readCall(['audit', 'verify', '--file', 'e', '--verifier-key', 'a+b=='])).toEqual({
      command: 'audit verify file',
      file: 'e',
      verifierKey: 'a+b==',
      checkpoints: [],
    });
    for (const words of [
      ['restore', 'f', '--resend-queued', '--data', 'd'],
      ['restore', '--resend-queued', 'f', '--data', 'd'],
    ]) {
      expect(readCall(words)).toEqual({
        command: 'restore',
        file: 'f',
        resendQueued: true,
        settings: ['--data', 'd'],
      });
    }
    expect(readCall(['restore', 'f'])).toEqual({
      command: 'restore',
      file: 'f',
      resendQueued: false,
      settings: [],
    });
    for (const words of [[], ['help'], ['backup', '--help']])
      expect(readCall(words)).toEqual({ command: 'help' });
  });

  it('is refused when a word is missing, too many or out of place', () => {
    const wrong = [
      'nothing',
      'backup',
      'backup a b',
      'restore',
      'doctor x',
      'reset-password',
      'audit',
      'audit verify x',
      'audit export',
      'audit verify --verifier-key k',
      'audit verify --file a --file b',
      'backup f --checkpoint c',
      'audit verify --checkpoint',
      'audit verify --resend-queued',
      'backup f --resend-queued',
      'restore f --resend-queued yes',
      'restore f --checkpoint c',
    ];
    for (const words of wrong) expect(() => readCall(words.split(' ')), words).toThrow('usage');
  });
});
