import { type SettingName, type SettingRow, type Settings, settingNames, settingsTable } from './table.ts';
import { isLoopback } from './values.ts';

export type SettingsReading =
  | { readonly ok: true; readonly help: boolean; readonly settings: Settings }
  /** `line` names the wrong setting and what it must be, and never repeats a secret. */
  | { readonly ok: false; readonly line: string };

/** Variables with our prefix that are no settings of the server: those of tests and benchmarks. */
const FOREIGN_VARIABLE = /^SIGNET_(TEST_|BENCH_|NOT_PROVEN$)/;

const rows: [SettingName, SettingRow<unknown>][] = settingNames.map((name) => [name, settingsTable[name]]);

class WrongSetting extends Error {}

/**
 * Reads the command line and the environment into settings; a flag wins over its variable, an empty variable is none.
 * Unknown flags and unknown `SIGNET_*` variables are refused: a misspelt setting must not leave a default in force.
 *
 * @param argv arguments after the program: `--port 8080` or `--port=8080`
 * @param env environment variables
 * @returns settings, with `help` set when `--help` is among the arguments (nothing else is then judged)
 */
export function readSettings(argv: readonly string[], env: NodeJS.ProcessEnv): SettingsReading {
  try {
    if (argv.includes('--help') || argv.includes('-h'))
      return { ok: true, help: true, settings: read(new Map()) };
    const given = new Map([...readEnvironment(env), ...readFlags(argv)]);
    const settings = read(given);
    refuseContradictions(settings);
    return { ok: true, help: false, settings };
  } catch (error) {
    if (error instanceof WrongSetting) return { ok: false, line: error.message };
    throw error;
  }
}

/** A value as given, with the word by which the operator gave it. */
interface GivenText {
  readonly source: string;
  readonly text: string;
}

function readFlags(argv: readonly string[]): Map<SettingName, GivenText> {
  const found = new Map<SettingName, GivenText>();
  const words = argv[Symbol.iterator]();
  for (const word of words) {
    const [flag = '', ...rest] = word.split('=');
    const entry = rows.find(([, row]) => row.flag === flag);
    if (entry === undefined) throw new WrongSetting(unknownWord(flag, knownFlags()));
    const text = rest.length > 0 ? rest.join('=') : words.next().value;
    if (text === undefined || text === '')
      throw new WrongSetting(`${flag} needs a value: ${flag} ${entry[1].shape}`);
    if (found.has(entry[0])) throw new WrongSetting(`${flag} is given twice`);
    found.set(entry[0], { source: flag, text });
  }
  return found;
}

function readEnvironment(env: NodeJS.ProcessEnv): Map<SettingName, GivenText> {
  const found = new Map<SettingName, GivenText>();
  for (const [source, text] of Object.entries(env)) {
    if (text === undefined || text === '') continue;
    const entry = rows.find(([, row]) => row.env === source);
    if (entry !== undefined) found.set(entry[0], { source, text });
    else if (source.startsWith('SIGNET_') && !FOREIGN_VARIABLE.test(source)) {
      throw new WrongSetting(
        unknownWord(
          source,
          rows.map(([, row]) => row.env),
        ),
      );
    }
  }
  return found;
}

function read(given: ReadonlyMap<SettingName, GivenText>): Settings {
  const dataDir = settingOf('dataDir', settingsTable.dataDir, given, '') as string;
  const values = rows.map(([name, row]) => [name, settingOf(name, row, given, dataDir)]);
  return Object.fromEntries(values) as Settings;
}

function settingOf(
  name: SettingName,
  row: SettingRow<unknown>,
  given: ReadonlyMap<SettingName, GivenText>,
  dataDir: string,
): unknown {
  const entry = given.get(name);
  if (entry === undefined) return row.fallback(dataDir);
  const parsed = row.parse(entry.text);
  if (parsed.ok) return parsed.value;
  const shown = row.flag === null ? '' : `, not ${quoted(entry.text)}`;
  throw new WrongSetting(`${entry.source} must be ${parsed.expected}${shown}`);
}

function refuseContradictions(settings: Settings): void {
  const { host, tlsCertFile, tlsKeyFile, allowPlaintext } = settings;
  if ((tlsCertFile === null) !== (tlsKeyFile === null)) {
    throw new WrongSetting('--tls-cert and --tls-key go together: set both or neither');
  }
  if (tlsCertFile === null && !isLoopback(host) && !allowPlaintext) {
    throw new WrongSetting(
      `--host ${host} is reachable from the network: set --tls-cert and --tls-key, or SIGNET_ALLOW_PLAINTEXT=on behind a TLS proxy`,
    );
  }
}

function knownFlags(): string[] {
  return ['--help', ...rows.map(([, row]) => row.flag).filter((flag) => flag !== null)];
}

function unknownWord(word: string, known: readonly string[]): string {
  const nearest = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  const hint =
    nearest !== undefined && nearest.distance <= 3 ? `did you mean ${nearest.candidate}?` : 'see --help';
  return `unknown setting ${quoted(word)}: ${hint}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** Levenshtein distance; words longer than 60 are never near a setting. */
function editDistance(a: string, b: string): number {
  if (a.length > 60) return a.length;
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(changed, above[j]! + 1, current[j - 1]! + 1));
    }
    above = current;
  }
  return above[b.length]!;
}
