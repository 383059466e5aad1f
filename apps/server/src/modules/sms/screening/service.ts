import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createEngine, type Engine } from '@signet/content-engine';

/** The engine with the lexicons that ship with it. Throws with file and line when one is malformed. */
export function loadEngine(): Engine {
  const folder = fileURLToPath(new URL('../lexicons/', import.meta.resolve('@signet/content-engine')));
  const lexicons = readdirSync(folder)
    .filter((name) => name.endsWith('.tsv'))
    .sort()
    .map((name) => readFileSync(folder + name));
  return createEngine({ lexicons });
}
