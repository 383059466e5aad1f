import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { helpText, settingsPage } from './pages.ts';
import { readSettings } from './settings.ts';
import { type SettingRow, settingNames, settingsTable } from './table.ts';

function values(argv: string[], env: NodeJS.ProcessEnv = {}) {
  const reading = readSettings(argv, env);
  if (!reading.ok) throw new Error(reading.line);
  return reading.settings;
}

function line(argv: string[], env: NodeJS.ProcessEnv = {}): string {
  const reading = readSettings(argv, env);
  return reading.ok ? 'accepted' : reading.line;
}

describe('reading settings', () => {
  it('uses safe defaults when nothing is given', () => {
    expect(values([])).toEqual({
      dataDir: resolve('data'),
      databaseUrl: null,
      databaseConnections: 8,
      host: '127.0.0.1',
      port: 8080,
      sandboxSmsc: null,
      tlsCertFile: null,
      tlsKeyFile: null,
      allowPlaintext: false,
      keyFile: resolve('data/keys/kek.json'),
      readyFile: null,
      logLevel: 'info',
      sandbox: true,
      sandboxPhone: '13800138000',
      retentionDays: 180,
      webhookTimeoutMs: 5000,
      webhookAllowedHosts: [],
      groupCommitMaxMessages: 512,
      drainTimeoutMs: 15_000,
    });
  });

  it('takes both forms of a flag, lets the flag win and derives the key file from the data folder', () => {
    expect(values(['--port=9000']).port).toBe(9000);
    expect(values(['--port', '9001'], { SIGNET_PORT: '9002' }).port).toBe(9001);
    expect(values([], { SIGNET_PORT: '9002', SIGNET_HOST: '' })).toMatchObject({
      port: 9002,
      host: '127.0.0.1',
    });
    expect(values(['--data', '/srv/a b=c']).keyFile).toBe('/srv/a b=c/keys/kek.json');
    expect(values(['--data=/srv/a b=c']).dataDir).toBe('/srv/a b=c');
    expect(
      values([], { SIGNET_WEBHOOK_ALLOWED_HOSTS: 'Hook.internal, 10.0.0.0/8,::1' }).webhookAllowedHosts,
    ).toEqual(['hook.internal', '10.0.0.0/8', '::1']);
  });

  it('judges nothing else when help is asked for', () => {
    expect(readSettings(['--nonsense', '--help'], { SIGNET_PORT: 'x' })).toMatchObject({
      ok: true,
      help: true,
    });
  });

  it.each([
    [['--prot', '1'], {}, 'unknown setting "--prot": did you mean --port?'],
    [['serve'], {}, 'unknown setting "serve": see --help'],
    [[], { SIGNET_RETENTION_DAY: '5' }, 'did you mean SIGNET_RETENTION_DAYS?'],
    [['--port'], {}, '--port needs a value: --port N'],
    [['--port', '1', '--port', '2'], {}, '--port is given twice'],
    [['--port', '65536'], {}, '--port must be a whole number from 0 to 65535, not "65536"'],
    [[], { SIGNET_PORT: '-1' }, 'SIGNET_PORT must be a whole number from 0 to 65535, not "-1"'],
    [['--sandbox', 'yes'], {}, '--sandbox must be on or off, not "yes"'],
    [['--log-level', 'trace'], {}, '--log-level must be one of debug, info, warn, error'],
    [['--host', '300.1.1.1'], {}, '--host must be an IP address or a host name'],
    [['--webhook-allowed-hosts', '10.0.0.0/33'], {}, '--webhook-allowed-hosts must be up to 100 host names'],
    [['--sandbox-phone', '12345'], {}, '--sandbox-phone must be an 11-digit mobile number'],
    [['--tls-cert', 'a.pem'], {}, '--tls-cert and --tls-key go together'],
    [['--host', '0.0.0.0'], {}, '--host 0.0.0.0 is reachable from the network'],
    [['--host', '::'], {}, '--host :: is reachable from the network'],
  ])('refuses %j %j in one line', (argv, env, expected) => {
    const said = line(argv, env);
    expect(said).toContain(expected);
    expect(said).not.toContain('\n');
  });

  it('never repeats a secret', () => {
    expect(line([], { DATABASE_URL: 'mysql://root:hunter2@db/x' })).toBe(
      'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database',
    );
    expect(values([], { DATABASE_URL: 'postgres://u:p@db/x' }).databaseUrl).toBe('postgres://u:p@db/x');
  });

  it('takes the forms of a database URL that the driver understands as libpq does', () => {
    const forms: [string, { host: string; port: number; user: string; database: string }][] = [
      ['postgres://u:p@db/x', { host: 'db', port: 5432, user: 'u', database: 'x' }],
      ['postgresql://u@[::1]:5433/x?sslmode=disable', { host: '::1', port: 5433, user: 'u', database: 'x' }],
      ['postgres://u@/x?host=/run/pg', { host: '/run/pg', port: 5432, user: 'u', database: 'x' }],
      [
        'postgresql:///x?host=/run/pg&user=u&port=5433',
        { host: '/run/pg', port: 5433, user: 'u', database: 'x' },
      ],
      ['postgres://u:p@%2Frun%2Fpg/x', { host: '/run/pg', port: 5432, user: 'u', database: 'x' }],
    ];
    for (const [url, meant] of forms) {
      expect(values([], { DATABASE_URL: url }).databaseUrl).toBe(url);
      const { host, port, user, database } = new pg.Client({ connectionString: url });
      expect({ host, port, user, database }).toEqual(meant);
    }
    for (const url of [
      'postgres://u@/',
      'postgres://u@db',
      'postgres:x',
      'x',
      'postgres://u:hunter2@/b@db/x',
    ])
      expect(line([], { DATABASE_URL: url }), url).toMatch(/^DATABASE_URL must be a URL such as [^\n]*$/);
  });

  it('keeps the session options of a database URL for itself: they say which role binds it', () => {
    expect(line([], { DATABASE_URL: 'postgres://u:hunter2@db/x?options=-c%20geqo%3Doff' })).toBe(
      'DATABASE_URL must be a URL such as postgres://user:password@host:5432/database, without "options"',
    );
  });

  it('allows plaintext outside loopback only on request or with TLS', () => {
    expect(line(['--host', 'localhost'])).toBe('accepted');
    expect(line(['--host', '127.0.0.9'])).toBe('accepted');
    expect(line(['--host', '0.0.0.0'], { SIGNET_ALLOW_PLAINTEXT: 'on' })).toBe('accepted');
    expect(line(['--host', '0.0.0.0', '--tls-cert', 'c', '--tls-key', 'k'])).toBe('accepted');
  });

  it('leaves the variables of tests and benchmarks alone', () => {
    expect(line([], { SIGNET_TEST_POSTGRES: '15', SIGNET_NOT_PROVEN: '/tmp/x', SIGNET_BENCH_N: '1' })).toBe(
      'accepted',
    );
  });

  it('answers any arguments with settings or one line, and never throws', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(...settingNames.map((name) => settingsTable[name].flag ?? '--x')),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.dictionary(fc.string(), fc.string()), (argv, env) => {
        const reading = readSettings(argv, env);
        if (!reading.ok) expect(reading.line).toMatch(/^.{1,300}$/);
      }),
    );
  });
});

describe('the table of settings', () => {
  const rows: [string, SettingRow<unknown>][] = settingNames.map((name) => [name, settingsTable[name]]);

  it('names every flag and variable once', () => {
    const names = rows.flatMap(([, row]) => [row.env, row.flag]).filter((name) => name !== null);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(rows)('%s is in the help text and says the same in both languages', (_name, row) => {
    expect(helpText()).toContain(row.flag ?? row.env);
    expect(row.purpose.zh).toMatch(/\p{Script=Han}/u);
    expect(row.danger === null || /\p{Script=Han}/u.test(row.danger.zh)).toBe(true);
  });

  it('is what docs/settings.md shows (node scripts/generate-settings-page.ts writes it)', () => {
    const page = readFileSync(new URL('../../../../../docs/settings.md', import.meta.url), 'utf8');
    expect(page).toBe(settingsPage());
  });
});
