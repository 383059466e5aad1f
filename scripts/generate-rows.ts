// Row types from the migrated schema: apps/server/src/db/rows.generated.ts. With --check it compares and writes nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startTestCluster } from '../tests/world/cluster.ts';

const target = fileURLToPath(new URL('../apps/server/src/db/rows.generated.ts', import.meta.url));
const codegen = fileURLToPath(new URL('../node_modules/.bin/kysely-codegen', import.meta.url));

const cluster = await startTestCluster();
const dir = mkdtempSync(join(tmpdir(), 'signet-rows-'));
try {
  const database = await cluster.clone('migrated');
  const { host, user } = cluster.owner(database);
  const url = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`;
  const out = join(dir, 'rows.ts');
  const args = [
    '--dialect',
    'postgres',
    '--url',
    url,
    '--out-file',
    out,
    '--exclude-pattern',
    'schema_migrations',
  ];
  const { status, stderr } = spawnSync(codegen, args, { encoding: 'utf8' });
  await cluster.drop(database);
  if (status !== 0) throw new Error(`kysely-codegen failed: ${stderr}`);
  const rows = readFileSync(out, 'utf8');
  if (!process.argv.includes('--check')) {
    writeFileSync(target, rows);
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== rows) {
    console.error('rows.generated.ts is not what the migrations make: run npm run generate:rows');
    process.exitCode = 1;
  }
} finally {
  rmSync(dir, { recursive: true });
  await cluster.stop();
}
