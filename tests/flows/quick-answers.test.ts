import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = (path: string): string =>
  fileURLToPath(new URL(`../../apps/server/src/${path}`, import.meta.url));

/** Tells, when the process ends, each file that it loaded. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load(url, context, next) { if (url.startsWith('file:')) loaded.push(url); return next(url, context); } });
  process.on('exit', () => process.stderr.write(loaded.map((url) => 'loaded ' + url + '\\n').join('')));
`)}`;

function loadedBy(program: string, words: string[]): { code: number | null; loaded: string[] } {
  const { status, stderr } = spawnSync(process.execPath, ['--import', WATCH, source(program), ...words], {
    env: { ...process.env, LANG: 'C' },
    encoding: 'utf8',
  });
  return { code: status, loaded: stderr.match(/(?<=^loaded ).+$/gm) ?? [] };
}

// What is imported is what the answer costs: a package of the house's size takes a second, the settings table 0.1 s.
describe('a call that needs no server', () => {
  const calls: [string, string[], number][] = [
    ['main.ts', ['--help'], 0],
    ['main.ts', ['--port', 'eighty'], 2],
    ['main.ts', ['--nonsense'], 2],
    ['entrypoints/cli/main.ts', ['help'], 0],
    ['entrypoints/cli/main.ts', ['--help'], 0],
    ['entrypoints/cli/main.ts', ['nonsense'], 2],
    ['entrypoints/cli/main.ts', ['doctor', '--port', 'eighty'], 1],
  ];
  it.each(calls)('%s %j is answered without any package, module or database', (program, words, exit) => {
    const { code, loaded } = loadedBy(program, words);
    expect(code).toBe(exit);
    expect(loaded.length).toBeGreaterThan(0);
    expect(
      loaded.filter((url) => /node_modules|\/packages\/|\/modules\/|platform\/(?:db|postgres)/.test(url)),
    ).toEqual([]);
  });
});
