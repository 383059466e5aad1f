import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// One more than there are cores: whole servers, browsers and carriers wait more than they compute.
const maxWorkers = availableParallelism() + 1;
const everywhere = { pool: 'forks', maxWorkers, testTimeout: 60_000, hookTimeout: 120_000 } as const;

export default defineConfig({
  test: {
    globalSetup: ['tests/world/global-setup.ts'],
    maxWorkers,
    // Vitest begins the projects in the order of their names: the long files first, the short ones fill the rest.
    projects: [
      {
        test: { ...everywhere, name: 'flows', include: ['tests/{browser,compat,flows}/**/*.test.ts'] },
      },
      {
        // One process for many files: half of the time of these was starting processes and loading the same modules.
        test: {
          ...everywhere,
          name: 'modules',
          isolate: false,
          include: ['{apps,house}/**/*.test.ts', 'tests/{bench,world}/**/*.test.ts'],
        },
      },
      { test: { ...everywhere, name: 'packages', isolate: false, include: ['packages/**/*.test.ts'] } },
    ],
  },
});
