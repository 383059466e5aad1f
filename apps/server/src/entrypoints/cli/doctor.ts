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
import { type CheckName, shellWord } from './words.ts';

/** What a check found, in both languages. */
type Finding = { state: 'ok' | 'problem' | 'note'; en: string; zh: string };

const NEEDED_NODE_MAJOR = 24;
const NEEDED_DISK_GIB = 1;
const GIB = 1024 ** 3;
const MIGRATIONS_DIR = fileURLToPath(new URL('../../db/migrations', import.meta.url));

const ok = (en: string, zh = en): Finding => ({ state: 'ok', en, zh });
const problem = (en: string, zh = en): Finding => ({ state: 'problem', en, zh });
const note = (en: string, zh = en): Finding => ({ state: 'note', en, zh });

/**
 * `doctor`: one line a check. A store at rest is started for the time of the checks. Nothing is changed but the mode of
 * a key file that others could read: opening it closes it.
 */
export async function doctor(settings: Settings, terminal: Terminal): Promise<void> {
  const { words, say } = terminal;
  let problems = 0;
  const tell = (name: CheckName, finding: Finding): void => {
    if (finding.state === 'problem') problems++;
    say(`${words[finding.state]}\t${words.checks[name]}: ${finding[words.language]}`);
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
    note(
      'unknown to Signet: backups are files of yours; make one with npm run signet -- backup FILE',
      '备份是您自己的文件，Signet 无从得知；请用 npm run signet -- backup 文件 制作',
    ),
  );
  if (problems > 0) throw new CommandFailure('problems', { count: String(problems) });
}

function checkNode(): Finding {
  const { version } = process;
  const fits = Number(version.slice(1).split('.')[0]) >= NEEDED_NODE_MAJOR;
  return fits
    ? ok(version)
    : problem(
        `${version}, but ${NEEDED_NODE_MAJOR} is needed: run it as npm run signet`,
        `${version}，需要 ${NEEDED_NODE_MAJOR}：请用 npm run signet 运行`,
      );
}

function checkBinaries(settings: Settings): Finding {
  if (settings.databaseUrl !== null)
    return ok('not needed, DATABASE_URL is set', '不需要，已设置 DATABASE_URL');
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
      ? note(`${dataDir} is not made yet: npm start makes it`, `${dataDir} 尚未创建：npm start 会创建它`)
      : ok(`${dataDir} is not needed`, `不需要 ${dataDir}`);
  if (!entry.isDirectory())
    return problem(`${dataDir} is not a folder: set --data`, `${dataDir} 不是文件夹：请设置 --data`);
  const open = (entry.mode & 0o077) !== 0;
  return open
    ? problem(
        `${dataDir} is open to other users: chmod 700 ${shellWord(dataDir)}`,
        `其他用户可以访问 ${dataDir}：chmod 700 ${shellWord(dataDir)}`,
      )
    : ok(`${dataDir}, mode 0700`, `${dataDir}，权限 0700`);
}

/** Looked at before it is opened: opening a key file closes it to others. */
function checkKeyFile({ keyFile }: Settings): Finding {
  const entry = statSync(keyFile, { throwIfNoEntry: false });
  if (entry === undefined)
    return note(
      `${keyFile} is not there: the first start makes it; if data was sealed before, bring it back from its backup`,
      `${keyFile} 不存在：首次启动会创建；若已有加密数据，请从备份取回`,
    );
  const open = (entry.mode & 0o077) !== 0;
  return open
    ? problem(
        `${keyFile} is open to other users: chmod 600 ${shellWord(keyFile)}`,
        `其他用户可以读取 ${keyFile}：chmod 600 ${shellWord(keyFile)}`,
      )
    : ok(
        `${keyFile}, mode 0600; keep it in a second place too, not beside the data`,
        `${keyFile}，权限 0600；请在数据之外另存一份`,
      );
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
      tell(
        'store',
        note(
          `${error.facts.place} holds no Signet yet: run npm start`,
          `${error.facts.place} 中还没有 Signet：请运行 npm start`,
        ),
      );
    else if (error instanceof CommandFailure)
      tell(
        'store',
        problem(
          `${error.facts.reason}: see DATABASE_URL or --data`,
          `${error.facts.reason}：请检查 DATABASE_URL 或 --data`,
        ),
      );
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
      ? ok(`${enabled} of ${all} enabled`, `共 ${all} 个，启用 ${enabled} 个`)
      : note(`${all} set up, none enabled: add one in the console`, `共 ${all} 个，均未启用：请在控制台添加`),
  );
  if (!existsSync(settings.keyFile)) {
    tell(
      'keys',
      problem(
        `key file ${settings.keyFile} is missing: bring it back from its backup (--key-file)`,
        `密钥文件 ${settings.keyFile} 不存在：请从备份取回（--key-file）`,
      ),
    );
    return;
  }
  try {
    await withKeys(settings, address, async ({ db, auditOf }) => {
      tell('keys', ok(`they open with ${settings.keyFile}`, `可用 ${settings.keyFile} 打开`));
      const verdict = await auditOf(db).verify();
      tell(
        'log',
        verdict.ok
          ? ok(
              `${verdict.size} entries, signed up to ${verdict.provenSize}`,
              `${verdict.size} 条，签名覆盖前 ${verdict.provenSize} 条`,
            )
          : problem(
              `entry ${verdict.firstBadIndex} is the first bad one (check ${verdict.check}): ${verdict.reason}; keep the store as it is and compare it with a backup`,
              `第一条异常记录为 ${verdict.firstBadIndex}（检查项 ${verdict.check}）：${verdict.reason}；请保持现状并与备份核对`,
            ),
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
    return problem(
      `${newer} is newer than this Signet: start the newer version, or restore a backup`,
      `${newer} 比本版本新：请启动更新的版本，或恢复备份`,
    );
  const due = known.filter((name) => !applied.includes(name));
  return due.length > 0
    ? note(`${due.length} migration(s) run at the next start`, `下次启动时执行 ${due.length} 个迁移`)
    : ok(applied.at(-1) ?? 'empty');
}

/** What makes an acknowledged commit survive a power cut. */
async function checkDurability(owner: Owner): Promise<Finding> {
  const rows = await readDurability(owner);
  const off = rows.filter(({ setting }) => setting === 'off');
  if (off.length === 0) return ok(rows.map(({ name, setting }) => `${name} ${setting}`).join(', '));
  return problem(
    `${off.map(({ name }) => name).join(', ')} off: acknowledged messages can be lost; turn it on in the server's configuration`,
    `${off.map(({ name }) => name).join(', ')} 已关闭：已确认的短信可能丢失，请在数据库服务器配置中打开`,
  );
}

function checkDisk({ dataDir }: Settings): Finding {
  let place = dataDir;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  const gib = (bavail * bsize) / GIB;
  const free = `${gib.toFixed(1)} GiB`;
  return gib >= NEEDED_DISK_GIB
    ? ok(`${free} at ${place}`, `${place} 剩余 ${free}`)
    : problem(
        `${free} at ${place}: free some space, or set --data to another disk`,
        `${place} 剩余 ${free}：请腾出空间，或把 --data 设到其他磁盘`,
      );
}

async function checkPort({ dataDir, host, port, databaseUrl }: Settings): Promise<Finding> {
  if (port === 0) return ok('any free one', '任选空闲端口');
  const server = createServer();
  const failed = await new Promise<Error | undefined>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(undefined));
  });
  server.close();
  if (failed === undefined) return ok(`${host}:${port} is free`, `${host}:${port} 空闲`);
  const code = 'code' in failed ? String(failed.code) : failed.message;
  if (code !== 'EADDRINUSE')
    return problem(
      `${host}:${port} cannot be used (${code}): set --host and --port`,
      `${host}:${port} 不可用（${code}）：请设置 --host 和 --port`,
    );
  const running = databaseUrl !== null || findPostgres(dataDir) !== null;
  return running
    ? ok(
        `${host}:${port} is taken, as it is while Signet runs`,
        `${host}:${port} 已被占用，Signet 运行时即如此`,
      )
    : problem(
        `${host}:${port} is taken by another program: set --port`,
        `${host}:${port} 被其他程序占用：请设置 --port`,
      );
}

function lineOf(error: unknown): string {
  if (error instanceof StartFailure || error instanceof KmsFailure) return reasonOf(error);
  return error instanceof Error && 'code' in error
    ? `${error.name} ${String(error.code)}`
    : 'unexpected failure';
}
