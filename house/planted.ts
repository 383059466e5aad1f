import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Folder that is removed at the end of its `using` block. */
export type PlantedTree = Disposable & { readonly root: string };

/**
 * Writes files into a new temporary folder laid out as the house, with every package that has a `public.ts` installed
 * under node_modules as npm's workspaces do it.
 */
export function plant(files: Readonly<Record<string, string>>): PlantedTree {
  const root = mkdtempSync(join(tmpdir(), 'signet-house-'));
  for (const [path, text] of Object.entries(files)) write(join(root, path), text);
  const packages = Object.keys(files).flatMap(
    (path) => /^packages\/([^/]+)\/src\/public\.ts$/u.exec(path)?.[1] ?? [],
  );
  for (const name of packages) {
    const manifest = { name: `@signet/${name}`, type: 'module', exports: { '.': './src/public.ts' } };
    write(join(root, 'packages', name, 'package.json'), JSON.stringify(manifest));
    mkdirSync(join(root, 'node_modules/@signet'), { recursive: true });
    symlinkSync(join(root, 'packages', name), join(root, 'node_modules/@signet', name));
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
