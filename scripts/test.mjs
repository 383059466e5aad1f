// `npm test`: types, style, tests, and what could not be proven here. Words after `--` go to vitest.
// Closing line for machines: «N passed, N failed», vitest's numbers.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { databaseTests } from './database-tests.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(join(tmpdir(), 'signet-tests-'));
const notProvenFile = join(scratch, 'not-proven');
const chosen = process.argv.slice(2);
const steps = [];
const totals = { passed: 0, failed: 0 };

try {
  // Beside the tests, which often wait and leave a core free.
  const checked = checkTypesAndStyle();
  await vitest('tests', chosen, {});
  const onDatabase = databaseTests(root);
  const oldest = '/usr/lib/postgresql/15/bin/postgres';
  if (chosen.length > 0 || onDatabase.length === 0) {
    // A chosen part is a question about that part.
  } else if (existsSync(oldest)) {
    await vitest('database tests on PostgreSQL 15', onDatabase, { SIGNET_TEST_POSTGRES: '15' });
  } else {
    steps.push({ name: 'database tests on PostgreSQL 15', ok: null });
  }
  await checked;
  const proven = report();
  process.exitCode = proven && steps.every((one) => one.ok !== false) ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** One after the other; each says what it found in one piece when it is over, for the tests write meanwhile. */
async function checkTypesAndStyle() {
  const checks = [
    { name: 'types', program: 'tsc', args: ['-p', 'tsconfig.json'], ok: false },
    { name: 'types of the console', program: 'tsc', args: ['-p', 'apps/console/tsconfig.json'], ok: false },
    { name: 'style', program: 'biome', args: ['check', '.'], ok: false },
  ];
  steps.push(...checks);
  for (const check of checks) {
    const said = [];
    check.ok = (await run(bin(check.program), check.args, {}, said)) === 0;
    if (!check.ok) console.log(`\n── ${check.name} FAILED\n${Buffer.concat(said)}`);
  }
}

async function vitest(name, files, env) {
  const row = { name, ok: false };
  steps.push(row);
  const json = join(scratch, `${steps.indexOf(row)}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${json}`];
  console.log(`\n── ${name}`);
  row.ok = (await run(bin('vitest'), ['run', ...reporters, ...files], env)) === 0;
  const counted = countTests(json);
  totals.passed += counted.passed;
  // A run that fails without a failed test (a crash, a leak found at the end) still counts as one.
  totals.failed += row.ok ? counted.failed : Math.max(1, counted.failed);
}

/** Passed and failed tests of a vitest report; a file that could not even be read counts as one failure. */
function countTests(json) {
  if (!existsSync(json)) return { passed: 0, failed: 0 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(json, 'utf8'));
  const unread = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: numPassedTests, failed: numFailedTests + unread.length };
}

/** Prints the summary. @returns whether nothing is left unproven that must be proven here */
function report() {
  const notes = existsSync(notProvenFile) ? readFileSync(notProvenFile, 'utf8').trim().split('\n') : [];
  for (const { name, ok } of steps) if (ok === null) notes.push(`PostgreSQL 15: ${name}`);
  console.log('\n── summary');
  for (const { name, ok } of steps) if (ok !== null) console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`);
  const unproven = [...new Set(notes)].sort();
  const isCi = process.env.CI === 'true';
  if (unproven.length > 0) {
    console.log(`\nNOT PROVEN, because the system lacks it${isCi ? ' (a failure in CI)' : ''}:`);
    for (const note of unproven) console.log(`  ${note}`);
  }
  console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
  return unproven.length === 0 || !isCi;
}

function bin(name) {
  return join(root, 'node_modules', '.bin', name);
}

/** Runs a program to its end; with `said` its output is kept there instead of shown. */
function run(program, args, env, said) {
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
  const child = spawn(program, args, {
    cwd: root,
    env: {
      ...process.env,
      PATH: path,
      SIGNET_NOT_PROVEN: notProvenFile,
      // Each of some hundred processes would compile the same modules again.
      NODE_COMPILE_CACHE: join(scratch, 'compiled'),
      ...env,
    },
    stdio: ['inherit', said === undefined ? 'inherit' : 'pipe', said === undefined ? 'inherit' : 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => said.push(chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message);
      resolve(127);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
}
