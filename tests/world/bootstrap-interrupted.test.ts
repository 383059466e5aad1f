import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { running } from '../flows/processes.ts';
import { eventually } from './server.ts';

const script = fileURLToPath(new URL('../../scripts/bootstrap.mjs', import.meta.url));

it('Ctrl-C or SIGTERM ends the packages’ installation with the bootstrap, and leaves no lock', async () => {
  const root = mkdtempSync(join(tmpdir(), 'signet-bootstrap-'));
  try {
    mkdirSync(join(root, 'scripts'));
    cpSync(script, join(root, 'scripts', 'bootstrap.mjs'));
    writeFileSync(join(root, 'package-lock.json'), '{}');
    // An npm that takes for ever.
    const npm = join(root, 'npm.js');
    const pidFile = join(root, 'npm.pid');
    writeFileSync(
      npm,
      `require('fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`,
    );
    for (const [signal, exit] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      rmSync(pidFile, { force: true });
      const child = spawn(process.execPath, [join(root, 'scripts', 'bootstrap.mjs')], {
        env: { ...process.env, npm_execpath: npm },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
      const exited = new Promise((resolve) => child.once('close', resolve));
      const pid = await eventually('npm', async () =>
        existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) || undefined : undefined,
      );
      child.kill(signal);
      expect(await exited).toBe(exit);
      expect(said).toMatch(/\nsignet: interrupted[^\n]*\n$/);
      expect(running([pid])).toEqual([]);
      expect(readdirSync(root).filter((name) => name.startsWith('.stamp'))).toEqual([]);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
