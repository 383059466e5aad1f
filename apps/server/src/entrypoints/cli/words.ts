// table: every sentence of the command line in English and Chinese
import type { BackupRefusal } from '../../modules/trust/backup/public.ts';
import type { CommandRefusal } from './failure.ts';

type Facts = Readonly<Record<string, string>>;
type Sentence = (facts: Facts) => string;
export type Refusal = BackupRefusal | CommandRefusal;

/** Names of the checks of `doctor`. */
export type CheckName =
  | 'node'
  | 'binaries'
  | 'folder'
  | 'keyFile'
  | 'store'
  | 'schema'
  | 'durability'
  | 'keys'
  | 'log'
  | 'carriers'
  | 'disk'
  | 'port'
  | 'backup';

export type Words = {
  language: 'en' | 'zh';
  help: string;
  refusals: Record<Refusal, Sentence>;
  unexpected: Sentence;
  interrupted: string;
  backedUp: Sentence;
  keyApart: Sentence;
  restored: Sentence;
  doubted: Sentence;
  waiting: Sentence;
  held: Sentence;
  startAgain: Sentence;
  newPassword: Sentence;
  logSound: Sentence;
  logUnproven: string;
  ownKey: Sentence;
  exported: Sentence;
  ok: string;
  problem: string;
  note: string;
  checks: Record<CheckName, string>;
};

const en: Words = {
  language: 'en',
  help: `Signet: commands beside the server.

Usage: npm run signet -- COMMAND [settings]

  backup FILE            one consistent copy of the whole store; the server may run
  restore FILE [--resend-queued]
                         fills an empty --data folder (or empty DATABASE_URL) and proves what it restored; what was
                         queued is put in doubt, or sent when the server starts if the old one has not sent it
  doctor                 checks this installation and says what to do
  reset-password NAME    a new one-time password for a user; the server may run
  audit verify [--checkpoint FILE …]
                         proves the stored audit log, also against checkpoints kept elsewhere
  audit export FILE      the audit log as JSON lines, with proofs
  audit verify --file EXPORT [--verifier-key KEY] [--checkpoint FILE …]
                         proves an export offline, without a store
  help                   this text

Settings are those of the server (npm start -- --help); mostly --data DIR and --key-file FILE.
Exit code: 0 done, 1 failed or a problem found, 2 wrong call.`,
  refusals: {
    usage: ({ word }) => `wrong call at "${word}": see npm run signet -- help`,
    setting: ({ line }) => `${line}`,
    never_started: ({ place }) => `${place} holds no Signet yet: run npm start first, or set --data`,
    unreachable: ({ reason }) => `the database cannot be reached (${reason}): see DATABASE_URL or --data`,
    unreadable: ({ file, code }) => `${file} cannot be read (${code})`,
    problems: ({ count }) => `${count} problem(s) found`,
    log_altered: ({ index, check, reason }) =>
      `the audit log was altered: entry ${index} is the first bad one (check ${check}: ${reason})`,
    file_exists: ({ file }) => `${file} exists and is left as it is: choose another name`,
    file_unreadable: ({ file, code }) => `${file} cannot be read (${code})`,
    file_unwritable: ({ file, code }) => `${file} cannot be written (${code}): nothing was left there`,
    no_backup: ({ file }) => `${file ?? 'the file'} is not a Signet backup`,
    no_export: ({ file }) => `${file} is not an export of the audit log`,
    backup_altered: ({ part }) => `the backup is cut or was altered (${part}): nothing was restored`,
    backup_newer: ({ version }) =>
      `the backup has format ${version}: use the Signet that wrote it, or a newer one`,
    migration_unknown: ({ name }) =>
      `the backup has a newer schema than this Signet (${name}): use the newer version`,
    migration_differs: ({ name }) =>
      `migration ${name} is not the one that made the backup: use the version that wrote it`,
    store_not_empty: ({ place }) =>
      `${place ?? 'DATABASE_URL'} already holds data: restore into an empty --data folder or database`,
    wrong_key: ({ file, holds, needs }) =>
      `key file ${file} is the wrong one: it holds key ${holds}, the backup needs ${needs} (--key-file)`,
    audit_differs: ({ index, check, reason }) =>
      `the audit log in the backup is not whole: entry ${index} (check ${check}: ${reason}); nothing was restored`,
  },
  unexpected: ({ reason }) => `unexpected: ${reason}`,
  interrupted: 'interrupted: nothing was left half-done',
  backedUp: ({ file, tables, rows, auditSize, size }) =>
    `backup written: ${file} (${tables} tables, ${rows} rows, ${auditSize} audit entries, ${size})`,
  keyApart: ({ command }) =>
    `The key-encryption key is NOT in it, and without that key the backup opens nothing. Copy it to another place:\n  ${command}`,
  restored: ({ createdAt, tables, rows, auditSize }) =>
    `restored: state of ${createdAt}, ${tables} tables, ${rows} rows; the keys open; ${auditSize} audit entries proven`,
  doubted: ({ count }) =>
    `${count} message(s) were waiting to be sent when the backup was taken. The old server may have sent them since, so they are in doubt and are not sent; those without an answer end as UNKNOWN 72 hours after they were accepted. If the old server was stopped before the backup, restore into another empty folder with --resend-queued, and they go out.`,
  waiting: ({ count }) =>
    `${count} message(s) were waiting to be sent: they go out when the server starts, unless expired. If the old server ran on after the backup, it has sent them already: restore again without --resend-queued then.`,
  held: ({ count }) =>
    `${count} message(s) are held for a review: before you release one, make sure that it was not released and sent on the old server.`,
  startAgain: ({ command }) => `start it: ${command}`,
  newPassword: ({ name, password }) =>
    `one-time password of ${name} (shown once, to be changed at sign-in): ${password}`,
  logSound: ({ size, provenSize, root }) =>
    `the audit log is whole: ${size} entries, signed up to ${provenSize}, root ${root}`,
  logUnproven: 'no checkpoint covers it: give one that was kept elsewhere with --checkpoint FILE',
  ownKey: ({ key }) =>
    `judged by the key in the export itself; compare it with the one you noted, or give it with --verifier-key:\n  ${key}`,
  exported: ({ file, count }) => `audit log exported: ${file} (${count} entries)`,
  ok: 'ok',
  problem: 'problem',
  note: 'note',
  checks: {
    node: 'Node',
    binaries: 'PostgreSQL programs',
    folder: 'data folder',
    keyFile: 'key file',
    store: 'database',
    schema: 'schema',
    durability: 'durable commits',
    keys: 'data keys',
    log: 'audit log',
    carriers: 'carriers',
    disk: 'free disk',
    port: 'port',
    backup: 'last backup',
  },
};

const zh: Words = {
  language: 'zh',
  help: `Signet：服务器之外的命令。

用法：npm run signet -- 命令 [设置]

  backup 文件            整个数据库的一致备份，服务器可以继续运行
  restore 文件 [--resend-queued]
                         恢复到空的 --data 文件夹（或空的 DATABASE_URL），并验证恢复结果；当时排队的短信标为
                         结果待定，若确知原服务器没有发出，可用此参数在服务器启动后发送
  doctor                 检查本机安装并给出处理建议
  reset-password 用户名  为用户生成新的一次性密码，服务器可以继续运行
  audit verify [--checkpoint 文件 …]
                         验证已存储的审计日志，可同时对照另存的检查点
  audit export 文件      以 JSON 行导出审计日志及证明
  audit verify --file 导出文件 [--verifier-key 公钥] [--checkpoint 文件 …]
                         离线验证导出文件，无需数据库
  help                   显示本说明

设置与服务器相同（npm start -- --help），常用 --data 文件夹 与 --key-file 文件。
退出码：0 完成，1 失败或发现问题，2 用法错误。`,
  refusals: {
    usage: ({ word }) => `用法错误（“${word}”）：请看 npm run signet -- help`,
    setting: ({ line }) => `设置错误：${line}`,
    never_started: ({ place }) => `${place} 中还没有 Signet：请先运行 npm start，或设置 --data`,
    unreachable: ({ reason }) => `无法连接数据库（${reason}）：请检查 DATABASE_URL 或 --data`,
    unreadable: ({ file, code }) => `无法读取 ${file}（${code}）`,
    problems: ({ count }) => `发现 ${count} 个问题`,
    log_altered: ({ index, check, reason }) =>
      `审计日志被改动：第一条异常记录为 ${index}（检查项 ${check}：${reason}）`,
    file_exists: ({ file }) => `${file} 已存在，保持原样：请换一个文件名`,
    file_unreadable: ({ file, code }) => `无法读取 ${file}（${code}）`,
    file_unwritable: ({ file, code }) => `无法写入 ${file}（${code}）：没有留下任何内容`,
    no_backup: ({ file }) => `${file ?? '该文件'} 不是 Signet 备份`,
    no_export: ({ file }) => `${file} 不是审计日志导出文件`,
    backup_altered: ({ part }) => `备份不完整或被改动（${part}）：没有恢复任何内容`,
    backup_newer: ({ version }) => `备份格式为 ${version}：请使用写出它的 Signet 或更新的版本`,
    migration_unknown: ({ name }) => `备份的数据库结构比本版本新（${name}）：请使用更新的 Signet`,
    migration_differs: ({ name }) => `迁移 ${name} 与备份时的不同：请使用写出该备份的版本`,
    store_not_empty: ({ place }) =>
      `${place ?? 'DATABASE_URL'} 中已有数据：只能恢复到空的 --data 文件夹或空数据库`,
    wrong_key: ({ file, holds, needs }) =>
      `密钥文件 ${file} 不对：其中是密钥 ${holds}，备份需要 ${needs}（--key-file）`,
    audit_differs: ({ index, check, reason }) =>
      `备份中的审计日志不完整：记录 ${index}（检查项 ${check}：${reason}）；没有恢复任何内容`,
  },
  unexpected: ({ reason }) => `意外错误：${reason}`,
  interrupted: '已中断：没有留下未完成的内容',
  backedUp: ({ file, tables, rows, auditSize, size }) =>
    `备份完成：${file}（${tables} 张表，${rows} 行，${auditSize} 条审计记录，${size}）`,
  keyApart: ({ command }) => `备份中不含密钥加密密钥，没有它备份无法打开。请把它另存到别处：\n  ${command}`,
  restored: ({ createdAt, tables, rows, auditSize }) =>
    `恢复完成：${createdAt} 的状态，${tables} 张表，${rows} 行；密钥可用；${auditSize} 条审计记录已验证`,
  doubted: ({ count }) =>
    `有 ${count} 条短信在备份时等待发送。原服务器此后可能已经发出，因此标为结果待定，不会发送；没有答复的在受理 72 小时后记为 UNKNOWN。若原服务器在备份之前已经停止，请用 --resend-queued 恢复到另一个空文件夹，这些短信就会发出。`,
  waiting: ({ count }) =>
    `有 ${count} 条短信当时等待发送：服务器启动后会发出（已过期的除外）。若原服务器在备份后继续运行，这些短信已经发出过：请不带 --resend-queued 重新恢复。`,
  held: ({ count }) => `有 ${count} 条短信等待人工审核：放行之前，请确认原服务器没有放行并发出过。`,
  startAgain: ({ command }) => `启动：${command}`,
  newPassword: ({ name, password }) => `${name} 的一次性密码（仅显示一次，登录后须修改）：${password}`,
  logSound: ({ size, provenSize, root }) =>
    `审计日志完整：${size} 条，签名覆盖前 ${provenSize} 条，根 ${root}`,
  logUnproven: '没有检查点覆盖它：请用 --checkpoint 文件 提供另存的检查点',
  ownKey: ({ key }) =>
    `使用导出文件自带的公钥验证；请与您记录的公钥核对，或用 --verifier-key 指定：\n  ${key}`,
  exported: ({ file, count }) => `审计日志已导出：${file}（${count} 条）`,
  ok: '正常',
  problem: '问题',
  note: '提示',
  checks: {
    node: 'Node',
    binaries: 'PostgreSQL 程序',
    folder: '数据文件夹',
    keyFile: '密钥文件',
    store: '数据库',
    schema: '数据库结构',
    durability: '持久提交',
    keys: '数据密钥',
    log: '审计日志',
    carriers: '运营商通道',
    disk: '磁盘空间',
    port: '端口',
    backup: '最近备份',
  },
};

/** The words of the operator's language: LC_ALL, LC_MESSAGES, LANG, in the order of POSIX. */
export function wordsOf(env: NodeJS.ProcessEnv): Words {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^zh/i.test(locale) ? zh : en;
}

/** A path as one word of a shell. */
export const shellWord = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
