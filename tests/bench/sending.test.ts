import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const here = import.meta.dirname;

function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [path.join(here, '../../benchmarks/sending.ts'), ...args]);
}

describe.runIf(process.platform === 'linux')('npm run bench', () => {
  it('measures all messages of a case on a server and prints table and JSON line', async () => {
    const standIn = path.join(here, 'stand-in-server.ts');
    const { stdout } = await bench(
      '--server',
      standIn,
      '--only',
      'receipts',
      '--messages',
      '200',
      '--runs',
      '1',
      '--json',
      '--patience',
      '0',
    );
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^case +system +messages +accepted\/s/);
    expect(lines[1]).toMatch(/^receipts +signet +200 /);
    const { sendSms, receipts } = JSON.parse(lines.at(-1) ?? '') as Record<
      string,
      Record<string, number> | null
    >;
    expect(sendSms).toBeNull();
    expect(Object.keys(receipts ?? {})).toEqual([
      'perSec',
      'p50Ms',
      'p99Ms',
      'cpuUsPerMessage',
      'peakMiB',
      'vsKannel',
    ]);
    expect(receipts?.perSec).toBeGreaterThan(0);
    expect(receipts?.peakMiB).toBeGreaterThan(1);
    expect(stdout).toContain('accept    1.0');
  }, 120_000);

  it('gives no figure but one clear line when the server does not start', async () => {
    const refusal = bench('--server', path.join(here, 'smpp-peer.ts'), '--runs', '1');
    await expect(refusal).rejects.toMatchObject({ code: 1, stdout: '' });
    await expect(refusal).rejects.toMatchObject({
      stderr: expect.stringContaining('the process ended with code 0'),
    });
  });
});
