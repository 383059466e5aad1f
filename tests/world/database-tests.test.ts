import { expect, it } from 'vitest';
import { plant } from '../../house/planted.ts';

const script = new URL('../../scripts/database-tests.mjs', import.meta.url).href;
const { databaseTests } = (await import(script)) as { databaseTests(root: string): string[] };

const DATABASE = 'import { databaseForTests } from';

it('chooses the tests that reach a database in any number of steps, and no others', () => {
  using tree = plant({
    'tests/world/database.ts': "import './global-setup.ts';",
    // A circle, as types may form one.
    'tests/world/global-setup.ts': "import type { Made } from './database.ts';",
    'tests/world/changes.ts': `${DATABASE} './database.ts';`,
    'apps/server/src/testing/world.ts': "export type { World } from '../../../../tests/world/changes.ts';",
    'apps/server/src/itself.test.ts': `${DATABASE} '../../../tests/world/database.ts';`,
    'apps/server/src/through.test.ts': "import {\n  worldForTests,\n} from './testing/world.ts';",
    'apps/server/src/later.test.ts': "const { open } = await import('../../../tests/world/changes.ts');",
    'apps/server/src/pure.test.ts':
      "import { parse } from './parse.ts';\n// not from '../../../tests/world/gone.ts'",
    'apps/server/src/parse.ts': 'export const parse = 1;',
    'tests/flows/outside.test.ts': "import '../world/changes.ts';",
    'apps/server/node_modules/other/x.test.ts': "import '../../../../tests/world/database.ts';",
  });
  expect(databaseTests(tree.root)).toEqual([
    'apps/server/src/itself.test.ts',
    'apps/server/src/later.test.ts',
    'apps/server/src/through.test.ts',
    'tests/flows/outside.test.ts',
  ]);
});
