import { describe, expect, it } from 'vitest';
import { judgeAmbient } from './rules/ambient.ts';
import { judgeClosedErrors, judgeErrorCodes } from './rules/error-codes.ts';
import { judgeExportedNames } from './rules/names.ts';
import { judgeCiphers, judgeSql } from './rules/placement.ts';
import { judgeFileSizes, judgeFunctionSizes } from './rules/sizes.ts';
import { judgeSkippedTests, judgeSuppressions } from './rules/suppressions.ts';
import { parseSources, type SourceFile } from './syntax.ts';
import { listPaths, ROOT, readTexts } from './tree.ts';
import { report, type Violation } from './violation.ts';

type Judge = (files: readonly SourceFile[]) => Violation[];

const sources = parseSources(readTexts(ROOT, listPaths(ROOT)));

const MODULE = 'apps/server/src/modules/sms/messages';
const VAULT = 'apps/server/src/modules/trust/vault/seal.ts';
const lines = (count: number) => 'f();\n'.repeat(count);
const functionOf = (count: number) => `export function long() {\n${lines(count - 2)}}\n`;
const errors = (code: string) => `export const ERRORS = [{ code: '${code}' }] as const;\n`;

type Planted = { readonly path: string; readonly text: string; readonly line?: number };
type Rule = {
  readonly name: string;
  readonly judge: Judge;
  /** Each is found once, on its line (1 unless told). */
  readonly red: readonly Planted[];
  /** None is found. */
  readonly green: readonly Planted[];
};

const RULES: readonly Rule[] = [
  {
    name: 'ambient',
    judge: judgeAmbient,
    red: [
      { path: `${MODULE}/model.ts`, text: '\nconst now = Date.now();', line: 2 },
      { path: `${MODULE}/model.ts`, text: 'const now = new Date();' },
      { path: `${MODULE}/model.ts`, text: 'const now = Date();' },
      { path: `${MODULE}/model.ts`, text: 'const later = schedule(Date.now);' },
      { path: 'packages/sms-text/src/x.ts', text: 'const chance = Math.random();' },
      { path: 'apps/server/src/roles/api.ts', text: 'const start = performance.now();' },
      { path: 'apps/server/src/entrypoints/aliyun-rpc/x.ts', text: 'const path = process.env.PATH;' },
      { path: 'apps/console/src/x.tsx', text: 'const now = globalThis.Date.now();' },
      { path: 'apps/simulators/smsc/x.ts', text: 'const now = Date.now();' },
      { path: VAULT, text: "import { randomBytes } from 'node:crypto'; const nonce = randomBytes(12);" },
    ],
    green: [
      { path: `${MODULE}/model.ts`, text: 'const at = new Date(now); // Date.now() is an argument' },
      { path: VAULT, text: 'const nonce = deps.randomBytes(12);' },
      { path: 'apps/server/src/platform/clock.ts', text: 'const now = Date.now();' },
      { path: 'apps/server/src/main.ts', text: 'const path = process.env.PATH;' },
      { path: 'apps/server/src/entrypoints/cli/main.ts', text: 'const path = process.env.PATH;' },
      { path: 'apps/simulators/smsc/main.ts', text: 'const now = Date.now();' },
      { path: 'scripts/start.mjs', text: 'const now = Date.now();' },
      { path: `${MODULE}/model.test.ts`, text: 'const now = Date.now();' },
    ],
  },
  {
    name: 'cipher',
    judge: judgeCiphers,
    red: [
      { path: `${MODULE}/seal.ts`, text: "import { createCipheriv } from 'node:crypto';" },
      {
        path: 'packages/policy/src/x.ts',
        text: "\nimport { createDecipheriv as open } from 'node:crypto';",
        line: 2,
      },
      { path: `${MODULE}/seal.ts`, text: 'const sealed = crypto.createCipheriv(name, key, nonce);' },
      { path: `${MODULE}/seal.ts`, text: 'const sealed = webcrypto.subtle.encrypt(name, key, text);' },
    ],
    green: [
      { path: VAULT, text: "import { createCipheriv } from 'node:crypto';" },
      { path: 'apps/server/src/platform/kms.ts', text: "import { createCipheriv } from 'node:crypto';" },
      {
        path: 'apps/server/src/platform/kms/local.ts',
        text: "import { createDecipheriv } from 'node:crypto';",
      },
    ],
  },
  {
    name: 'sql',
    judge: judgeSql,
    red: [
      { path: `${MODULE}/service.ts`, text: 'tx.query(`\n select id, state\n from message where id = $1`);' },
      { path: `${MODULE}/service.ts`, text: "tx.query('INSERT INTO message (id) VALUES ($1)');" },
      { path: `${MODULE}/jobs.ts`, text: "\ntx.query('update message set state = $1');", line: 2 },
      { path: 'apps/server/src/entrypoints/cli/x.ts', text: "tx.query('delete from message');" },
      { path: 'apps/server/src/roles/api.ts', text: 'tx.query(`select ${columns} from message`);' },
      { path: `${MODULE}/service.ts`, text: "db.selectFrom('message');" },
    ],
    green: [
      { path: `${MODULE}/store.ts`, text: "tx.query('select id from message');" },
      { path: `${MODULE}/store/claim.ts`, text: "tx.query('select id from message');" },
      { path: 'apps/server/src/platform/outbox/publish.ts', text: "tx.query('select id from outbox');" },
      {
        path: `${MODULE}/service.ts`,
        text: "const text = 'Select a template from the list, then update it';",
      },
      { path: `${MODULE}/service.ts`, text: "tx.query('select 1');" },
    ],
  },
  {
    name: 'file-size',
    judge: judgeFileSizes,
    red: [
      { path: 'packages/policy/src/x.ts', text: lines(401) },
      { path: 'apps/console/src/x.tsx', text: `// table:\n${lines(400)}` },
      {
        path: 'scripts/x.mjs',
        text: `f();\n// table: not the first comment's place\n${lines(399)}`.replace('f();', '// x'),
      },
    ],
    green: [
      { path: 'packages/policy/src/x.ts', text: lines(400) },
      { path: 'packages/policy/src/x.ts', text: `// table: one row a character\n${lines(900)}` },
      { path: 'packages/policy/src/x.ts', text: `/** table: GB 2312 in code order */\n${lines(900)}` },
      { path: 'apps/server/src/db/rows.generated.ts', text: lines(900) },
    ],
  },
  {
    name: 'function-size',
    judge: judgeFunctionSizes,
    red: [
      { path: 'packages/policy/src/x.ts', text: functionOf(81) },
      { path: `${MODULE}/service.ts`, text: `\nexport const long = () => {\n${lines(79)}};`, line: 2 },
      {
        path: `${MODULE}/service.ts`,
        text: `const make = () => {\n  const inner = () => {\n${lines(79)}  };\n};`,
        line: 2,
      },
      {
        path: `${MODULE}/service.ts`,
        text: `function make() {\n  on(() => {\n${lines(75)}  });\n  f();\n  f();\n}`,
      },
      {
        path: `${MODULE}/service.ts`,
        text: `export class Stream {\n  read() {\n${lines(79)}  }\n}`,
        line: 2,
      },
    ],
    green: [
      { path: 'packages/policy/src/x.ts', text: functionOf(80) },
      { path: 'packages/policy/src/x.test.ts', text: functionOf(200) },
      {
        path: `${MODULE}/service.ts`,
        text: `const make = () => {\n  const a = () => {\n${lines(70)}  };\n  function b() {\n${lines(70)}  }\n};`,
      },
    ],
  },
  {
    name: 'exported-name',
    judge: judgeExportedNames,
    red: [
      { path: `${MODULE}/x.ts`, text: 'export function sessionManager() {}' },
      { path: `${MODULE}/x.ts`, text: '\nexport const phoneUtils = 1;', line: 2 },
      { path: `${MODULE}/x.ts`, text: 'export type MessageInfo = 1;' },
      { path: `${MODULE}/x.ts`, text: 'export interface StoreImpl {}' },
      { path: `${MODULE}/x.ts`, text: 'export const { a, b: dateHelper } = c;' },
      { path: `${MODULE}/x.ts`, text: 'const a = 1; export { a as SEND_HELPER };' },
    ],
    green: [
      {
        path: `${MODULE}/x.ts`,
        text: 'export const informed = 1; export type Simple = 1; const messageInfo = 1;',
      },
    ],
  },
  {
    name: 'suppression',
    judge: judgeSuppressions,
    red: [
      { path: `${MODULE}/x.ts`, text: '\nconst a = b as any;', line: 2 },
      { path: `${MODULE}/x.ts`, text: 'const a = <any>b;' },
      { path: `${MODULE}/x.ts`, text: '// @ts-ignore: a reason does not help\nf();' },
      { path: `${MODULE}/x.ts`, text: '// @ts-nocheck\nf();' },
      { path: `${MODULE}/x.ts`, text: 'g();\n// @ts-expect-error\nf();', line: 2 },
      { path: `${MODULE}/x.ts`, text: '// biome-ignore lint/suspicious/noConsole:\nf();' },
      {
        path: `${MODULE}/x.ts`,
        text: 'f(\n  // biome-ignore lint/suspicious/noConsole: ok\n  1,\n);',
        line: 2,
      },
      {
        path: 'apps/console/src/x.tsx',
        text: 'const a = <p>\n  {/* biome-ignore lint/a11y/noAutofocus: */}\n</p>;',
        line: 2,
      },
    ],
    green: [
      { path: `${MODULE}/x.ts`, text: '// @ts-expect-error the peer has no types\nf();' },
      { path: `${MODULE}/x.ts`, text: '// biome-ignore lint/style/x: `round` asks again\nf();' },
      {
        path: `${MODULE}/x.ts`,
        text: '// biome-ignore lint/suspicious/noConsole: the command prints its answer\nf();',
      },
      {
        path: `${MODULE}/x.ts`,
        text: "const text = '// @ts-ignore';\n// prose may mention @ts-ignore\nconst any = 1;",
      },
    ],
  },
  {
    name: 'skipped-test',
    judge: judgeSkippedTests,
    red: [
      { path: `${MODULE}/x.test.ts`, text: "\nit.only('a', f);", line: 2 },
      { path: `${MODULE}/x.test.ts`, text: "describe.skip('a', f);" },
      { path: `${MODULE}/x.test.ts`, text: "test.concurrent.only('a', f);" },
      { path: `${MODULE}/x.test.ts`, text: "it.todo('a');" },
    ],
    green: [
      { path: `${MODULE}/x.test.ts`, text: "it.skipIf(!chromium)('a', f); stream.skip(1); it('a', f);" },
    ],
  },
  {
    name: 'error-code',
    judge: judgeErrorCodes,
    red: [
      {
        path: `${MODULE}/errors.ts`,
        text: `${errors('twice')}export const MORE = [{ code: 'twice' }];`,
        line: 2,
      },
    ],
    green: [
      { path: `${MODULE}/errors.ts`, text: `${errors('once')}export const MORE = [{ code: 'another' }];` },
      { path: `${MODULE}/service.ts`, text: "const refusals = [{ code: 'once' }, { code: 'once' }];" },
    ],
  },
  {
    name: 'errors-closed',
    judge: judgeClosedErrors,
    red: [
      { path: `${MODULE}/errors.ts`, text: "export const ERRORS = [{ code: 'open' }];" },
      { path: `${MODULE}/errors.ts`, text: "const ERRORS = [{ code: 'inside' }] as const;" },
    ],
    green: [
      { path: `${MODULE}/errors.ts`, text: errors('once') },
      {
        path: `${MODULE}/errors.ts`,
        text: "export const ERRORS = { a: { code: 'a' } } as const satisfies Errors;",
      },
      { path: 'apps/server/src/entrypoints/aliyun-rpc/errors.ts', text: 'export type Code = 1;' },
    ],
  },
];

describe.each(RULES)('rule $name', ({ judge, red, green }) => {
  it('holds', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(report(judge(sources))).toEqual([]);
  });

  it.each(red)('is red on $text', ({ path, text, line = 1 }) => {
    const found = judge(parseSources([{ path, text }]));
    expect(found.map((violation) => [violation.path, violation.line])).toEqual([[path, line]]);
  });

  it.each(green)('is green on $text', ({ path, text }) => {
    expect(report(judge(parseSources([{ path, text }])))).toEqual([]);
  });
});

it('an error code written in two modules is red in the second', () => {
  const paths = [`${MODULE}/errors.ts`, 'apps/server/src/modules/trust/vault/errors.ts'];
  const found = judgeErrorCodes(parseSources(paths.map((path) => ({ path, text: errors('twice') }))));
  expect(report(found)).toEqual([`${paths[1]}:1 error-code twice stands in ${paths[0]}:1 already`]);
});
