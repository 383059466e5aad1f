import { CommandFailure } from './failure.ts';

/** What the operator asked for; `settings` are the words that the settings table reads (`--data DIR` and so on). */
export type Call =
  | { command: 'help' }
  | { command: 'backup'; file: string; settings: string[] }
  | { command: 'restore'; file: string; resendQueued: boolean; settings: string[] }
  | { command: 'doctor'; settings: string[] }
  | { command: 'reset-password'; name: string; settings: string[] }
  | { command: 'audit export'; file: string; settings: string[] }
  | { command: 'audit verify'; checkpoints: string[]; settings: string[] }
  | { command: 'audit verify file'; file: string; verifierKey: string | null; checkpoints: string[] };

const OWN_FLAGS = ['--checkpoint', '--file', '--verifier-key'];

/** The one word that takes no value. */
const RESEND_QUEUED = '--resend-queued';

type Words = { plain: string[]; own: { flag: string; value: string }[]; settings: string[] };

/** Reads the command line. Every flag but one takes a value, as `--flag VALUE` or `--flag=VALUE`. Throws CommandFailure `usage`. */
export function readCall(argv: readonly string[]): Call {
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h') || argv[0] === 'help')
    return { command: 'help' };
  const { plain, own, settings } = sortWords(argv);
  const [command = '', ...rest] = plain;
  const refuseOwn = (): void => {
    if (own.length > 0) throw new CommandFailure('usage', { word: own[0]!.flag });
  };
  if (command === 'audit') return auditCall(rest, own, settings);
  if (command === 'restore') {
    const strange = own.find(({ flag }) => flag !== RESEND_QUEUED);
    if (strange !== undefined) throw new CommandFailure('usage', { word: strange.flag });
    return { command, file: only(rest, command), resendQueued: own.length > 0, settings };
  }
  refuseOwn();
  switch (command) {
    case 'backup':
      return { command, file: only(rest, command), settings };
    case 'reset-password':
      return { command, name: only(rest, command), settings };
    case 'doctor':
      if (rest.length > 0) throw new CommandFailure('usage', { word: rest[0]! });
      return { command, settings };
    default:
      throw new CommandFailure('usage', { word: command });
  }
}

function auditCall(words: readonly string[], own: Words['own'], settings: string[]): Call {
  const [command, ...rest] = words;
  if (command === 'export') {
    if (own.length > 0) throw new CommandFailure('usage', { word: own[0]!.flag });
    return { command: 'audit export', file: only(rest, 'audit export'), settings };
  }
  if (command !== 'verify' || rest.length > 0)
    throw new CommandFailure('usage', { word: ['audit', ...words].join(' ') });
  if (own.some(({ flag }) => flag === RESEND_QUEUED))
    throw new CommandFailure('usage', { word: RESEND_QUEUED });
  const valuesOf = (flag: string): string[] =>
    own.filter((one) => one.flag === flag).map(({ value }) => value);
  const checkpoints = valuesOf('--checkpoint');
  const [files, keys] = [valuesOf('--file'), valuesOf('--verifier-key')];
  if (files.length > 1 || keys.length > 1)
    throw new CommandFailure('usage', { word: files.length > 1 ? '--file' : '--verifier-key' });
  if (files[0] !== undefined)
    return { command: 'audit verify file', file: files[0], verifierKey: keys[0] ?? null, checkpoints };
  if (keys.length > 0) throw new CommandFailure('usage', { word: '--verifier-key' });
  return { command: 'audit verify', checkpoints, settings };
}

function sortWords(argv: readonly string[]): Words {
  const sorted: Words = { plain: [], own: [], settings: [] };
  const words = argv[Symbol.iterator]();
  for (const word of words) {
    if (!word.startsWith('--')) {
      sorted.plain.push(word);
      continue;
    }
    if (word === RESEND_QUEUED) {
      sorted.own.push({ flag: word, value: '' });
      continue;
    }
    const [flag = '', ...rest] = word.split('=');
    const value = rest.length > 0 ? rest.join('=') : words.next().value;
    if (!OWN_FLAGS.includes(flag)) sorted.settings.push(flag, ...(value === undefined ? [] : [value]));
    else if (value === undefined || value === '') throw new CommandFailure('usage', { word: flag });
    else sorted.own.push({ flag, value });
  }
  return sorted;
}

function only(words: readonly string[], command: string): string {
  const [word, ...more] = words;
  if (word === undefined || word === '' || more.length > 0)
    throw new CommandFailure('usage', { word: more[0] ?? command });
  return word;
}
