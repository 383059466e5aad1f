import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser';
import {
  AUDIT_ROOM,
  FLOORS,
  OFFLINE_VERIFIER,
  PURE_NODE_MODULES,
  SANDBOX_ROLE,
  SOCKET_ROOMS,
  TEST_FILES,
} from './map.ts';

const MODULES = '^apps/server/src/modules/';
const MODULE = `${MODULES}([^/]+/[^/]+)/`;
const INSIDE_A_MODULE = `${MODULES}[^/]+/[^/]+/(?!public\\.ts$)`;
const PACKAGE = '^packages/[^/]+/src/';
const PUBLIC = '/public\\.ts$';
const IMPURE_NODE_MODULES = `^(?:node:)?(?!(?:${PURE_NODE_MODULES.join('|')})(?:/|$))`;

/** The floors and doors of the house, one rule a sentence of DESIGN; the comment is the reason that is reported. */
export function importRules(): IForbiddenRuleType[] {
  return [...floorRules(), ...doorRules(), ...roomRules()].map((rule) => ({
    ...rule,
    severity: 'error' as const,
  }));
}

function floorRules(): IForbiddenRuleType[] {
  const upward = FLOORS.filter(({ floor }) => floor < 7).map(({ floor, rooms, path }) => ({
    name: `floor-${floor}`,
    comment: `${rooms} import only what lies below`,
    from: { path },
    // sms towards defence has a rule and a reason of its own.
    to: {
      path: FLOORS.filter((above) => above.floor > floor && !(floor === 3 && above.floor === 4)).map(
        (above) => above.path,
      ),
    },
  }));
  const alarms = {
    name: 'sms-never-defence',
    comment: 'alarms cannot break sending',
    from: { path: `${MODULES}sms/` },
    to: { path: `${MODULES}defence/` },
  };
  return [...upward, alarms];
}

function doorRules(): IForbiddenRuleType[] {
  return [
    {
      name: 'module-door',
      comment: 'another module is entered through its public.ts',
      from: { path: MODULE },
      to: { path: INSIDE_A_MODULE, pathNot: `${MODULES}$1/` },
    },
    {
      name: 'module-door-from-outside',
      comment: 'a module is entered through its public.ts',
      from: { pathNot: MODULES },
      to: { path: INSIDE_A_MODULE },
    },
    {
      name: 'package-door',
      comment: 'another package is entered through its public.ts',
      from: { path: '^packages/([^/]+)/' },
      to: { path: PACKAGE, pathNot: ['^packages/$1/', PUBLIC] },
    },
    {
      name: 'package-door-from-outside',
      comment: 'a package is entered through its public.ts',
      from: { path: '^apps/' },
      to: { path: PACKAGE, pathNot: PUBLIC },
    },
    {
      name: 'test-support',
      comment: 'what exists for tests is imported by tests only',
      from: { path: '^(?:apps|packages)/', pathNot: TEST_FILES },
      to: { path: `${TEST_FILES}|^(?:tests|house|benchmarks|scripts)/` },
    },
  ];
}

function roomRules(): IForbiddenRuleType[] {
  return [
    {
      name: 'package-pure',
      comment: 'a package has no I/O',
      from: { path: '^packages/', pathNot: TEST_FILES },
      to: { dependencyTypes: ['core'], path: IMPURE_NODE_MODULES },
    },
    {
      name: 'package-apart',
      comment: 'a package imports packages only',
      from: { path: '^packages/' },
      to: { path: '^apps/(?!server/)' },
    },
    {
      name: 'console-apart',
      comment: 'the console is an API client: packages and its own files',
      from: { path: '^apps/console/src/' },
      to: { path: '^apps/(?!console/)' },
    },
    {
      name: 'console-in-browser',
      comment: 'the console runs in a browser',
      from: { path: '^apps/console/src/', pathNot: TEST_FILES },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'simulators-apart',
      comment: 'a simulator imports packages only, so that it proves something about the server',
      from: { path: '^apps/simulators/' },
      to: { path: '^apps/(?!simulators/)' },
    },
    {
      name: 'server-apart',
      comment: 'the server needs neither console nor simulators; only the sandbox role starts one',
      from: { path: '^apps/server/', pathNot: `${SANDBOX_ROLE}|${TEST_FILES}` },
      to: { path: '^apps/(?:console|simulators)/' },
    },
    {
      name: 'db-apart',
      comment: 'db holds SQL and generated row types',
      from: { path: '^apps/server/src/db/', pathNot: TEST_FILES },
      to: { path: '^(?:apps|packages)/', pathNot: '^apps/server/src/db/' },
    },
    {
      name: 'model-pure',
      comment: 'a model decides; it neither loads, stores nor waits',
      from: { path: `${MODULES}.*/model\\.ts$` },
      to: { path: `${MODULES}.*/(?:store|service|routes|jobs)(?:\\.ts$|/)` },
    },
    {
      name: 'model-without-io',
      comment: 'a model has no I/O',
      from: { path: `${MODULES}.*/model\\.ts$` },
      to: { dependencyTypes: ['core'], path: IMPURE_NODE_MODULES },
    },
    {
      name: 'audit-appends',
      comment: 'only trust/audit appends to the log; the offline verifier only reads one',
      from: { path: '^apps/', pathNot: `${AUDIT_ROOM}|${OFFLINE_VERIFIER}|${TEST_FILES}` },
      to: { path: '^packages/merkle-log/' },
    },
    {
      name: 'sockets',
      comment: 'only sms/carriers opens carrier sockets',
      from: { path: '^apps/server/', pathNot: `${SOCKET_ROOMS}|${TEST_FILES}` },
      to: { dependencyTypes: ['core'], path: '^(?:node:)?(?:net|tls)$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'an import that does not resolve is judged by no rule',
      from: {},
      to: { couldNotResolve: true },
    },
  ];
}

/** How dependency-cruiser reads this repository. */
export function cruiseOptions(root: string): ICruiseOptions {
  return {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: importRules() },
    outputType: 'json',
    // Without it type-only imports escape.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)(?:dist|fixtures)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  };
}
