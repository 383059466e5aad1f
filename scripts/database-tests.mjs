// Which test files use a database of the test world, themselves or through what they import.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const WORLD = 'tests/world/database.ts';
const FOLDERS = ['apps', 'packages', 'tests'];
/** An embedded store of its own, whatever the version: one of its tests asks the world for a database. */
const ON_ITS_OWN_STORE = ['tests/flows/backup.test.ts'];

/** `from '…'`, `import '…'` and `import('…')` of a source of ours. */
const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.[^']+\.tsx?)'/g;

/** @param {string} root folder of the clone @returns {string[]} paths relative to it, sorted */
export function databaseTests(root) {
  const reaching = reachOf(resolve(root, WORLD));
  return FOLDERS.filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith('.test.ts') && !file.split('/').includes('node_modules'))
    .filter((file) => !ON_ITS_OWN_STORE.includes(file) && reaching(resolve(root, file)))
    .sort();
}

/** Whether a file imports the goal in any number of steps. */
function reachOf(goal) {
  const imports = new Map();
  const importsOf = (file) => {
    if (!imports.has(file)) {
      const found = [...readFileSync(file, 'utf8').matchAll(IMPORT)];
      imports.set(file, found.map(([, path]) => resolve(dirname(file), path)).filter(existsSync));
    }
    return imports.get(file);
  };
  return (start) => {
    const seen = new Set([start]);
    for (const file of seen) for (const next of importsOf(file)) seen.add(next);
    return seen.has(goal);
  };
}
