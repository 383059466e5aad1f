import { beforeAll, describe, expect, it } from 'vitest';
import { importRules } from './import-rules.ts';
import { cruiseImports, judgeSideways } from './imports.ts';
import { SIDEWAYS, type SidewaysLine } from './map.ts';
import { plant } from './planted.ts';
import { ROOT } from './tree.ts';
import { report, type Violation } from './violation.ts';

const SERVER = 'apps/server/src';
const MODULES = `${SERVER}/modules`;

// A small house without a fault: every planted violation is one file more.
const SOUND: Readonly<Record<string, string>> = {
  'packages/merkle-log/src/public.ts': "export { rootOf } from './tree.ts';",
  'packages/merkle-log/src/tree.ts':
    "import { createHash } from 'node:crypto';\nexport const rootOf = createHash;",
  'packages/sms-text/src/public.ts': 'export type Text = string;\nexport const segments = 1;',
  [`${SERVER}/main.ts`]:
    "import './roles/gateway.ts';\nimport { accept } from './modules/sms/messages/public.ts';\naccept();",
  [`${SERVER}/roles/gateway.ts`]: "import '../entrypoints/cli/main.ts';\nexport const gateway = 1;",
  [`${SERVER}/entrypoints/cli/main.ts`]:
    "export { incident } from '../../modules/defence/incidents/public.ts';",
  [`${SERVER}/platform/clock.ts`]: 'export type Clock = () => number;\nexport const clock = 1;',
  [`${SERVER}/db/rows.generated.ts`]: 'export type Row = { id: string };',
  [`${MODULES}/trust/audit/public.ts`]: "export { rootOf as append } from '@signet/merkle-log';",
  [`${MODULES}/trust/vault/public.ts`]:
    "import type { Clock } from '../../../platform/clock.ts';\nexport const seal = (clock: Clock) => clock();",
  [`${MODULES}/sms/messages/public.ts`]: "export { accept } from './service.ts';",
  [`${MODULES}/sms/messages/service.ts`]:
    "import { seal } from '../../trust/vault/public.ts';\nexport const accept = () => seal(() => 1);",
  [`${MODULES}/sms/messages/model.ts`]: 'export const life = 1;',
  [`${MODULES}/sms/carriers/public.ts`]: "export { link } from './link/link.ts';",
  [`${MODULES}/sms/carriers/link/link.ts`]:
    "import { connect } from 'node:net';\nimport { pace } from '../pace.ts';\nexport const link = [connect, pace];",
  [`${MODULES}/sms/carriers/pace.ts`]: 'export const pace = 1;',
  [`${MODULES}/defence/incidents/public.ts`]:
    "import { accept } from '../../sms/messages/public.ts';\nexport const incident = accept;",
  [`${MODULES}/steward/reports/public.ts`]: 'export const reportOf = 1;',
  [`${MODULES}/governance/privacy/public.ts`]: 'export const erase = 1;',
  'apps/console/src/main.tsx': "import type { Text } from '@signet/sms-text';\nexport const text: Text = '';",
  'apps/simulators/smsc/main.ts':
    "import { segments } from '@signet/sms-text';\nimport { createServer } from 'node:net';\nexport const smsc = [segments, createServer];",
};

type Planted = { rule: string; path: string; text: string; line?: number };

const PLANTED: readonly Planted[] = [
  { rule: 'floor-6', path: `${SERVER}/entrypoints/cli/x.ts`, text: "import '../../roles/gateway.ts';" },
  { rule: 'floor-6', path: `${SERVER}/entrypoints/cli/x.ts`, text: "import type {} from '../../main.ts';" },
  {
    rule: 'floor-5',
    path: `${MODULES}/steward/reports/x.ts`,
    text: "import '../../../entrypoints/cli/main.ts';",
  },
  {
    rule: 'floor-4',
    path: `${MODULES}/defence/incidents/x.ts`,
    text: "import '../../steward/reports/public.ts';",
  },
  {
    rule: 'floor-3',
    path: `${MODULES}/sms/messages/x.ts`,
    text: "import '../../governance/privacy/public.ts';",
  },
  {
    rule: 'floor-2',
    path: `${MODULES}/trust/vault/x.ts`,
    text: "\nimport '../../sms/messages/public.ts';",
    line: 2,
  },
  {
    rule: 'floor-1',
    path: `${SERVER}/platform/x.ts`,
    text: "import type { seal } from '../modules/trust/vault/public.ts';\nexport type X = typeof seal;",
  },
  {
    rule: 'floor-0',
    path: 'packages/sms-text/src/x.ts',
    text: "import type { Clock } from '../../../apps/server/src/platform/clock.ts';\nexport type X = Clock;",
  },
  {
    rule: 'sms-never-defence',
    path: `${MODULES}/sms/messages/x.ts`,
    text: "import type { incident } from '../../defence/incidents/public.ts';\nexport type X = typeof incident;",
  },
  {
    rule: 'module-door',
    path: `${MODULES}/defence/incidents/x.ts`,
    text: "import '../../sms/messages/service.ts';",
  },
  {
    rule: 'module-door',
    path: `${MODULES}/defence/incidents/x.ts`,
    text: "import type {} from '../../sms/carriers/link/link.ts';",
  },
  {
    rule: 'module-door-from-outside',
    path: `${SERVER}/entrypoints/cli/x.ts`,
    text: "import '../../modules/sms/messages/model.ts';",
  },
  {
    rule: 'package-door',
    path: 'packages/sms-text/src/x.ts',
    text: "import '../../merkle-log/src/tree.ts';",
  },
  {
    rule: 'package-door-from-outside',
    path: `${MODULES}/trust/audit/x.ts`,
    text: "import '../../../../../../packages/merkle-log/src/tree.ts';",
  },
  {
    rule: 'package-pure',
    path: 'packages/sms-text/src/x.ts',
    text: "import { readFile } from 'node:fs/promises';\nexport { readFile };",
  },
  {
    rule: 'package-pure',
    path: 'packages/sms-text/src/x.ts',
    text: "import { connect } from 'net';\nexport { connect };",
  },
  {
    rule: 'package-pure',
    path: 'packages/sms-text/src/x.ts',
    text: "import { exec } from 'child_process';\nexport { exec };",
  },
  {
    rule: 'package-apart',
    path: 'packages/sms-text/src/x.ts',
    text: "import '../../../apps/simulators/smsc/main.ts';",
  },
  {
    rule: 'console-apart',
    path: 'apps/console/src/x.ts',
    text: "import type { Row } from '../../server/src/db/rows.generated.ts';\nexport type X = Row;",
  },
  { rule: 'console-in-browser', path: 'apps/console/src/x.ts', text: "import 'node:crypto';" },
  {
    rule: 'simulators-apart',
    path: 'apps/simulators/x.ts',
    text: "import '../server/src/platform/clock.ts';",
  },
  {
    rule: 'server-apart',
    path: `${SERVER}/platform/x.ts`,
    text: "import '../../../simulators/smsc/main.ts';",
  },
  { rule: 'db-apart', path: `${SERVER}/db/x.ts`, text: "import '../platform/clock.ts';" },
  { rule: 'model-pure', path: `${MODULES}/sms/carriers/model.ts`, text: "import './store.ts';" },
  { rule: 'model-without-io', path: `${MODULES}/trust/vault/model.ts`, text: "import 'node:fs';" },
  {
    rule: 'audit-appends',
    path: `${MODULES}/sms/messages/x.ts`,
    text: "import { rootOf } from '@signet/merkle-log';\nexport { rootOf };",
  },
  {
    rule: 'sockets',
    path: `${MODULES}/sms/messages/x.ts`,
    text: "import { connect } from 'node:tls';\nexport { connect };",
  },
  { rule: 'test-support', path: `${SERVER}/platform/x.ts`, text: "import './clock.test.ts';" },
  { rule: 'resolvable', path: `${SERVER}/platform/x.ts`, text: "import './nowhere.ts';" },
  { rule: 'sideways', path: `${MODULES}/sms/messages/x.ts`, text: "import '../carriers/public.ts';" },
  {
    rule: 'sideways',
    path: `${MODULES}/steward/reports/x.ts`,
    text: "import '../../governance/privacy/public.ts';",
  },
];

const BESIDE: Readonly<Record<string, string>> = {
  [`${SERVER}/platform/clock.test.ts`]: "import 'node:fs';",
  [`${MODULES}/sms/carriers/store.ts`]: '',
};

async function cruisePlanted(
  files: Readonly<Record<string, string>>,
  sideways: readonly SidewaysLine[] = [],
) {
  using tree = plant({ ...SOUND, ...BESIDE, ...files });
  return await cruiseImports(tree.root, sideways);
}

it('imports keep to floors, doors and sideways lines', async () => {
  const { files, violations } = await cruiseImports(ROOT, SIDEWAYS);
  expect(files).toBeGreaterThan(0);
  expect(report([...violations, ...judgeSideways(SIDEWAYS)])).toEqual([]);
});

it('finds no fault in a sound house, and reads it', async () => {
  const { files, violations } = await cruisePlanted({});
  expect(files).toBe(Object.keys({ ...SOUND, ...BESIDE }).length);
  expect(report(violations)).toEqual([]);
});

describe('planted in one house, each is found once, where it stands', () => {
  // A file for each, so that one cruise finds them all: `x.ts` becomes `x0.ts`, `x1.ts` …
  const planted = PLANTED.map((one, at) => ({ ...one, path: one.path.replace(/\bx\.ts$/u, `x${at}.ts`) }));
  let found: readonly Violation[] = [];

  beforeAll(async () => {
    const files = Object.fromEntries(planted.map(({ path, text }) => [path, text]));
    found = (await cruisePlanted(files)).violations;
  });

  it.each(planted)('$rule: $text', ({ rule, path, line = 1 }) => {
    const here = found.filter((violation) => violation.path === path);
    expect(here.map((violation) => [violation.rule, violation.line])).toEqual([[rule, line]]);
  });

  it('and nothing else', () => {
    expect(found).toHaveLength(planted.length);
  });

  it('for every rule there is', () => {
    const names = new Set(importRules().map(({ name }) => name));
    expect([...names].filter((name) => !planted.some(({ rule }) => rule === name))).toEqual([]);
  });
});

it('a sideways line allows what it names and is red when unused', async () => {
  const path = `${MODULES}/sms/messages/x.ts`;
  const line = { from: 'sms/messages', to: 'sms/carriers', reason: 'planted' };
  const used = await cruisePlanted({ [path]: "import '../carriers/public.ts';" }, [line]);
  expect(used.violations).toEqual([]);
  const unused = await cruisePlanted({}, [line]);
  expect(unused.violations.map(({ rule }) => rule)).toEqual(['sideways-unused']);
});

it('sideways lines off their floor or in a circle are red', () => {
  const line = (from: string, to: string) => ({ from, to, reason: 'planted' });
  const rulesOf = (lines: SidewaysLine[]) => judgeSideways(lines).map(({ rule }) => rule);
  expect(rulesOf([line('sms/messages', 'trust/vault')])).toEqual(['sideways-floor']);
  expect(rulesOf([line('cellar/a', 'cellar/b')])).toEqual(['sideways-floor']);
  const circle = [line('sms/a', 'sms/b'), line('sms/b', 'sms/c'), line('sms/c', 'sms/a')];
  expect(rulesOf(circle)).toEqual(['sideways-circle', 'sideways-circle', 'sideways-circle']);
  expect(rulesOf(circle.slice(0, 2))).toEqual([]);
});
