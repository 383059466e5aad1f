import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  countCarriers,
  type Owner,
  readDurability,
  readMigrations,
  readRelease,
} from '../../modules/trust/backup/public.ts';
import type { StoreAddress } from '../../platform/db.ts';
import { KmsFailure } from '../../platform/kms/public.ts';
import { embeddedBinaries, findPostgres } from '../../platform/postgres/public.ts';
import { reasonOf, type Settings, StartFailure } from '../../platform/settings/public.ts';
import { CommandFailure } from './failure.ts';
import { refuseUnstarted, withKeys, withOwner, withStore } from './opening.ts';
import type { Terminal } from './terminal.ts';
import type { CheckName } from './words.ts';

type Finding = { state: 'ok' | 'problem' | 'note'; text: string };

const NEEDED_NODE_MAJOR = 24;
const NEEDED_DISK_GIB = 1;
const GIB = 1024 ** 3;
const MIGRATIONS_DIR = fileURLToPath(new URL('../../db/migrations', import.meta.url));

const ok = (text: string): Finding => ({ state: 'ok', text });
const problem = (text: string): Finding => ({ state: 'problem', text });
const note = (text: string): Finding => ({ state: 'note', text });

/** `doctor`: one line a check. Changes nothing; a store at rest is started for the time of the checks. */
export async function doctor(settings: Settings, terminal: Terminal): Promise<void> {
  const { words, say } = terminal;
  let problems = 0;
  const tell = (name: CheckName, { state, text }: Finding): void => {
    if (state === 'problem') problems++;
    say(`${words[state]}\t${words.checks[name]}: ${text}`);
  };
  tell('node', checkNode());
  tell('binaries', checkBinaries(settings));
  tell('folder', checkFolder(settings));
  tell('keyFile', checkKeyFile(settings));
  await checkStore(settings, terminal, tell);
  tell('disk', checkDisk(settings));
  tell('port', await checkPort(settings));
  tell(
    'backup',
    note('unknown to Signet: backups are files of yours; make one with npm run signet -- backup FILE'),
  );
  if (problems > 0) throw new CommandFailure('problems', { count: String(problems) });
}

function checkNode(): Finding {
  const { version } = process;
  const fits = Number(version.slice(1).split('.')[0]) >= NEEDED_NODE_MAJOR;
  return fits
    ? ok(version)
    : problem(`${version}, but ${NEEDED_NODE_MAJOR} is needed: run it as npm run signet`);
}

function checkBinaries(settings: Settings): Finding {
  if (settings.databaseUrl !== null) return ok('not needed, DATABASE_URL is set');
  try {
    return ok(String(embeddedBinaries().major));
  } catch (error) {
    return problem(lineOf(error));
  }
}

function checkFolder({ dataDir, databaseUrl }: Settings): Finding {
  const entry = statSync(dataDir, { throwIfNoEntry: false });
  if (entry === undefined)
    return databaseUrl === null
      ? note(`${dataDir} is not made yet: npm start makes it`)
      : ok(`${dataDir} is not needed`);
  if (!entry.isDirectory()) return problem(`${dataDir} is not a folder: set --data`);
  const open = (entry.mode & 0o077) !== 0;
  return open
    ? problem(`${dataDir} is open to other users: chmod 700 ${dataDir}`)
    : ok(`${dataDir}, mode 0700`);
}

/** Looked at before it is opened: opening a key file closes it to others. */
function checkKeyFile({ keyFile }: Settings): Finding {
  const entry = statSync(keyFile, { throwIfNoEntry: false });
  if (entry === undefined)
    return note(
      `${keyFile} is not there: the first start makes it; if data was sealed before, bring it back from its backup`,
    );
  const open = (entry.mode & 0o077) !== 0;
  return open
    ? problem(`${keyFile} is open to other users: chmod 600 ${keyFile}`)
    : ok(`${keyFile}, mode 0600; keep a copy apart from the data`);
}

type Tell = (name: CheckName, finding: Finding) => void;

async function checkStore(settings: Settings, { signal }: Terminal, tell: Tell): Promise<void> {
  try {
    await withStore(settings, (address) =>
      withOwner(address, signal, async (owner) => {
        tell(
          'store',
          ok(`PostgreSQL ${await readRelease(owner)}${address.kind === 'url' ? ' (DATABASE_URL)' : ''}`),
        );
        await refuseUnstarted(owner, settings);
        await checkContents(settings, address, owner, tell);
      }),
    );
  } catch (error) {
    if (error instanceof CommandFailure && error.refusal === 'never_started')
      tell('store', note(`${error.facts.place} holds no Signet yet: run npm start`));
    else if (error instanceof CommandFailure)
      tell('store', problem(`${error.facts.reason}: see DATABASE_URL or --data`));
    else tell('store', problem(lineOf(error)));
  }
}

async function checkContents(
  settings: Settings,
  address: StoreAddress,
  owner: Owner,
  tell: Tell,
): Promise<void> {
  tell('schema', checkSchema((await readMigrations(owner)).map(({ name }) => name)));
  tell('durability', await checkDurability(owner));
  const { enabled, all } = await countCarriers(owner);
  tell(
    'carriers',
    enabled > 0
      ? ok(`${enabled} of ${all} enabled`)
      : note(`${all} set up, none enabled: add one in the console`),
  );
  if (!existsSync(settings.keyFile)) {
    tell(
      'keys',
      problem(`key file ${settings.keyFile} is missing: bring it back from its backup (--key-file)`),
    );
    return;
  }
  try {
    await withKeys(settings, address, async ({ db, auditOf }) => {
      tell('keys', ok(`they open with ${settings.keyFile}`));
      const verdict = await auditOf(db).verify();
      tell(
        'log',
        verdict.ok
          ? ok(`${verdict.size} entries, signed up to ${verdict.provenSize}`)
          : problem(`entry ${verdict.firstBadIndex} (check ${verdict.check}): ${verdict.reason}`),
      );
    });
  } catch (error) {
    tell('keys', problem(lineOf(error)));
  }
}

function checkSchema(applied: readonly string[]): Finding {
  const known = readdirSync(MIGRATIONS_DIR)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length))
    .sort();
  const newer = applied.find((name) => !known.includes(name));
  if (newer !== undefined)
    return problem(`${newer} is newer than this Signet: start the newer version, or restore a backup`);
  const due = known.filter((name) => !applied.includes(name));
  return due.length > 0
    ? note(`${due.length} migration(s) run at the next start`)
    : ok(applied.at(-1) ?? 'empty');
}

/** What makes an acknowledged commit survive a power cut. */
async function checkDurability(owner: Owner): Promise<Finding> {
  const rows = await readDurability(owner);
  const off = rows.filter(({ setting }) => setting === 'off');
  if (off.length === 0) return ok(rows.map(({ name, setting }) => `${name} ${setting}`).join(', '));
  return problem(
    `${off.map(({ name }) => name).join(', ')} off: acknowledged messages can be lost; turn it on in the server's configuration`,
  );
}

function checkDisk({ dataDir }: Settings): Finding {
  let place = dataDir;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const gib = (bavail * bsize) / GIB;
  const text = `${gib.toFixed(1)} GiB at ${place}`;
  return gib >= NEEDED_DISK_GIB
    ? ok(text)
    : problem(`${text}: free some space, or set --data to another disk`);
}

async function checkPort({ dataDir, host, port, databaseUrl }: Settings): Promise<Finding> {
  if (port === 0) return ok('any free one');
  const server = createServer();
  const failed = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(undefined));
  });
  server.close();
  if (failed === undefined) return ok(`${host}:${port} is free`);
  const code = 'code' in failed ? String(failed.code) : failed.message;
  if (code !== 'EADDRINUSE')
    return problem(`${host}:${port} cannot be used (${code}): set --host and --port`);
  const running = databaseUrl !== null || findPostgres(dataDir) !== null;
  return running
    ? ok(`${host}:${port} is taken, as it is while Signet runs`)
    : problem(`${host}:${port} is taken by another program: set --port`);
}

function lineOf(error: unknown): string {
  if (error instanceof StartFailure || error instanceof KmsFailure) return reasonOf(error);
  return error instanceof Error && 'code' in error
    ? `${error.name} ${String(error.code)}`
    : 'unexpected failure';
}
