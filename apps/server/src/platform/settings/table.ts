import { join, resolve } from 'node:path';
import {
  filePath,
  hostAndPort,
  hostList,
  listenHost,
  mobileNumber,
  oneOf,
  onOff,
  type Parsed,
  postgresUrl,
  wholeNumber,
} from './values.ts';

type InTwoLanguages = { readonly en: string; readonly zh: string };

/** One setting: where it is read, what it may be, what it does and what it can break. */
export interface SettingRow<T> {
  /** Command-line flag, or null for a secret: command lines are seen by every user of the machine. */
  readonly flag: `--${string}` | null;
  /** Environment variable. The flag wins over it. */
  readonly env: string;
  /** The shape of the value, for the help text. */
  readonly shape: string;
  readonly parse: (text: string) => Parsed<T>;
  /** Value when nothing is given; `dataDir` is the only setting that another one's default builds on. */
  readonly fallback: (dataDir: string) => T;
  /** The default in words. */
  readonly fallbackText: string;
  readonly purpose: InTwoLanguages;
  /** What a careless value costs; null when nothing beyond the obvious. */
  readonly danger: InTwoLanguages | null;
}

const row = <T>(setting: SettingRow<T>): SettingRow<T> => setting;

/** Every setting of the server, in the order of the help text. `docs/settings.md` is generated from it. */
export const settingsTable = {
  dataDir: row<string>({
    flag: '--data',
    env: 'SIGNET_DATA',
    shape: 'DIR',
    parse: (text) => {
      const path = filePath(text);
      return path.ok ? { ok: true, value: resolve(path.value) } : path;
    },
    fallback: () => resolve('data'),
    fallbackText: './data',
    purpose: {
      en: 'Folder of the embedded database and the local keys; made with mode 0700.',
      zh: '内置数据库与本地密钥所在的文件夹，创建时权限为 0700。',
    },
    danger: {
      en: 'Another folder is another, empty Signet. Deleting it deletes every message and key.',
      zh: '换一个文件夹就是另一个空的 Signet；删除它会丢失全部消息和密钥。',
    },
  }),
  databaseUrl: row<string | null>({
    flag: null,
    env: 'DATABASE_URL',
    shape: 'URL',
    parse: postgresUrl,
    fallback: () => null,
    fallbackText: 'embedded database',
    purpose: {
      en: 'PostgreSQL 15 or newer to use instead of the embedded database. A secret, so environment only.',
      zh: '改用外部 PostgreSQL（15 或更高版本）。含密码，只能用环境变量设置。',
    },
    danger: {
      en: 'Its administrator can delete data. Use TLS (sslmode=verify-full) unless it is on this machine.',
      zh: '数据库管理员可以删除数据；不在本机时请使用 TLS（sslmode=verify-full）。',
    },
  }),
  databaseConnections: row<number>({
    flag: '--database-connections',
    env: 'SIGNET_DATABASE_CONNECTIONS',
    shape: 'N',
    parse: wholeNumber(2, 30),
    fallback: () => 8,
    fallbackText: '8',
    purpose: { en: 'Database connections the server keeps.', zh: '服务器保持的数据库连接数。' },
    danger: {
      en: 'Each costs about 5 MB; more than 8 was no faster on two cores.',
      zh: '每个连接约占 5 MB 内存；两核机器上超过 8 个并不更快。',
    },
  }),
  host: row<string>({
    flag: '--host',
    env: 'SIGNET_HOST',
    shape: 'ADDRESS',
    parse: listenHost,
    fallback: () => '127.0.0.1',
    fallbackText: '127.0.0.1',
    purpose: {
      en: 'Address the API and the console listen on.',
      zh: 'API 与控制台的监听地址。',
    },
    danger: {
      en: 'Anything but loopback opens Signet to the network; TLS is then required.',
      zh: '非回环地址会把 Signet 暴露到网络，此时必须启用 TLS。',
    },
  }),
  port: row<number>({
    flag: '--port',
    env: 'SIGNET_PORT',
    shape: 'N',
    parse: wholeNumber(0, 65_535),
    fallback: () => 8080,
    fallbackText: '8080',
    purpose: {
      en: 'TCP port of the API and the console; 0 takes a free one.',
      zh: 'API 与控制台的 TCP 端口；0 表示任选一个空闲端口。',
    },
    danger: null,
  }),
  tlsCertFile: row<string | null>({
    flag: '--tls-cert',
    env: 'SIGNET_TLS_CERT',
    shape: 'FILE',
    parse: filePath,
    fallback: () => null,
    fallbackText: 'none',
    purpose: {
      en: 'Certificate chain (PEM) for HTTPS; needs --tls-key too.',
      zh: 'HTTPS 证书链（PEM）；须同时设置 --tls-key。',
    },
    danger: null,
  }),
  tlsKeyFile: row<string | null>({
    flag: '--tls-key',
    env: 'SIGNET_TLS_KEY',
    shape: 'FILE',
    parse: filePath,
    fallback: () => null,
    fallbackText: 'none',
    purpose: {
      en: 'Private key (PEM) for HTTPS; needs --tls-cert too.',
      zh: 'HTTPS 私钥（PEM）；须同时设置 --tls-cert。',
    },
    danger: {
      en: 'Whoever reads the file can pose as this server.',
      zh: '能读取该文件的人可以冒充本服务器。',
    },
  }),
  allowPlaintext: row<boolean>({
    flag: '--allow-plaintext',
    env: 'SIGNET_ALLOW_PLAINTEXT',
    shape: 'on|off',
    parse: onOff,
    fallback: () => false,
    fallbackText: 'off',
    purpose: {
      en: 'Allow HTTP without TLS on an address that is not loopback, for a TLS proxy in front.',
      zh: '允许在非回环地址上使用不加密的 HTTP，仅供前置 TLS 代理时使用。',
    },
    danger: {
      en: 'Without such a proxy, phone numbers, codes and passwords cross the network in clear.',
      zh: '没有前置 TLS 代理时，手机号、验证码和密码将以明文传输。',
    },
  }),
  keyFile: row<string>({
    flag: '--key-file',
    env: 'SIGNET_KEY_FILE',
    shape: 'FILE',
    parse: (text) => {
      const path = filePath(text);
      return path.ok ? { ok: true, value: resolve(path.value) } : path;
    },
    fallback: (dataDir) => join(dataDir, 'keys', 'kek.json'),
    fallbackText: 'keys/kek.json in the data folder',
    purpose: {
      en: 'The key-encryption key of the local key store; made on first start with mode 0600.',
      zh: '本地密钥库的密钥加密密钥（KEK）文件，首次启动时创建，权限 0600。',
    },
    danger: {
      en: 'Lost key, lost data: back it up apart from the data, or a backup cannot be read.',
      zh: '密钥丢失则数据无法恢复；请与数据分开备份。',
    },
  }),
  readyFile: row<string | null>({
    flag: '--ready-file',
    env: 'SIGNET_READY_FILE',
    shape: 'FILE',
    parse: filePath,
    fallback: () => null,
    fallbackText: 'none',
    purpose: {
      en: 'Written (mode 0600, JSON) when Signet is ready, for scripts.',
      zh: 'Signet 就绪后写入的 JSON 文件（权限 0600），供脚本使用。',
    },
    danger: {
      en: 'On the first start it holds the one-time password and the AccessKey secret: delete it after use.',
      zh: '首次启动时含一次性密码和 AccessKey 密钥，用后请删除。',
    },
  }),
  logLevel: row<'debug' | 'info' | 'warn' | 'error'>({
    flag: '--log-level',
    env: 'SIGNET_LOG_LEVEL',
    shape: 'LEVEL',
    parse: oneOf('debug', 'info', 'warn', 'error'),
    fallback: () => 'info',
    fallbackText: 'info',
    purpose: {
      en: 'Least level that is logged: debug, info, warn or error.',
      zh: '记录日志的最低级别：debug、info、warn 或 error。',
    },
    danger: null,
  }),
  sandbox: row<boolean>({
    flag: '--sandbox',
    env: 'SIGNET_SANDBOX',
    shape: 'on|off',
    parse: onOff,
    fallback: () => true,
    fallbackText: 'on',
    purpose: {
      en: 'The sandbox: a tenant, a carrier on loopback and a phone, to try Signet without sending anything.',
      zh: '沙箱：一个租户、一个本机模拟运营商和一部模拟手机，试用时不会真正发出短信。',
    },
    danger: {
      en: 'Its messages reach nobody. Turn it off in production.',
      zh: '沙箱短信不会送达任何人；生产环境请关闭。',
    },
  }),
  sandboxPhone: row<string>({
    flag: '--sandbox-phone',
    env: 'SIGNET_SANDBOX_PHONE',
    shape: 'NUMBER',
    parse: mobileNumber,
    fallback: () => '13800138000',
    fallbackText: '13800138000',
    purpose: {
      en: 'Number of the sandbox phone; exempt from per-number limits in the sandbox.',
      zh: '沙箱手机号码；在沙箱中不受单号码频率限制。',
    },
    danger: null,
  }),
  sandboxSmsc: row<{ host: string; port: number } | null>({
    flag: '--sandbox-smsc',
    env: 'SIGNET_SANDBOX_SMSC',
    shape: 'HOST:PORT',
    parse: hostAndPort,
    fallback: () => null,
    fallbackText: 'own process',
    purpose: {
      en: 'An SMSC that plays the sandbox carrier instead of the built-in one (system id and password "sandbox").',
      zh: '用外部 SMSC 代替内置的沙箱通道（system id 与密码均为 "sandbox"）。',
    },
    danger: {
      en: 'The sandbox phone is then not to be seen in the console.',
      zh: '此时控制台中看不到沙箱手机。',
    },
  }),
  retentionDays: row<number>({
    flag: '--retention-days',
    env: 'SIGNET_RETENTION_DAYS',
    shape: 'DAYS',
    parse: wholeNumber(1, 3650),
    fallback: () => 180,
    fallbackText: '180',
    purpose: {
      en: 'Days after which messages are erased. The audit trail, which holds no personal data, stays.',
      zh: '短信保留天数，到期删除；不含个人信息的审计记录保留。',
    },
    danger: {
      en: 'Fewer days erase older messages within the hour, for good. Mind your legal duty of retention.',
      zh: '缩短后更早的短信会在一小时内永久删除；请遵守法定留存期限。',
    },
  }),
  webhookTimeoutMs: row<number>({
    flag: '--webhook-timeout-ms',
    env: 'SIGNET_WEBHOOK_TIMEOUT_MS',
    shape: 'MS',
    parse: wholeNumber(100, 60_000),
    fallback: () => 5000,
    fallbackText: '5000',
    purpose: {
      en: "Milliseconds a customer's webhook may take to answer.",
      zh: '客户回调地址的应答时限（毫秒）。',
    },
    danger: null,
  }),
  webhookAllowedHosts: row<string[]>({
    flag: '--webhook-allowed-hosts',
    env: 'SIGNET_WEBHOOK_ALLOWED_HOSTS',
    shape: 'HOST,…',
    parse: hostList,
    fallback: () => [],
    fallbackText: 'none',
    purpose: {
      en: 'Private hosts, addresses or networks that webhooks may reach all the same.',
      zh: '允许回调访问的内网主机、地址或网段。',
    },
    danger: {
      en: 'Every tenant can then make Signet call them: name single hosts, never a whole network you do not own.',
      zh: '任何租户都能让 Signet 访问这些地址；只列出单个主机，不要放开整个网段。',
    },
  }),
  groupCommitMaxMessages: row<number>({
    flag: '--group-commit-max-messages',
    env: 'SIGNET_GROUP_COMMIT_MAX_MESSAGES',
    shape: 'N',
    parse: wholeNumber(1, 4096),
    fallback: () => 512,
    fallbackText: '512',
    purpose: {
      en: 'Most messages that share one durable commit.',
      zh: '一次持久化提交最多合并的短信条数。',
    },
    danger: {
      en: '1 costs most of the throughput; large values cost latency and memory.',
      zh: '设为 1 会大幅降低吞吐；过大则增加延迟和内存。',
    },
  }),
  drainTimeoutMs: row<number>({
    flag: '--drain-timeout-ms',
    env: 'SIGNET_DRAIN_TIMEOUT_MS',
    shape: 'MS',
    parse: wholeNumber(0, 300_000),
    fallback: () => 15_000,
    fallbackText: '15000',
    purpose: {
      en: 'Longest time to finish work in hand after Ctrl-C or SIGTERM; a second one ends at once.',
      zh: '收到 Ctrl-C 或 SIGTERM 后完成在途工作的最长时间（毫秒）；再按一次则立即结束。',
    },
    danger: {
      en: 'Too short leaves submissions in doubt; none is lost or sent twice.',
      zh: '过短会留下结果待定的提交；不会丢失，也不会重复发送。',
    },
  }),
};

export type SettingName = keyof typeof settingsTable;

/** The values of all settings. Paths of folders and of the key file are absolute. */
export type Settings = {
  readonly [Name in SettingName]: (typeof settingsTable)[Name] extends SettingRow<infer T> ? T : never;
};

export const settingNames = Object.keys(settingsTable) as SettingName[];
