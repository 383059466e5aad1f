import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { monotonicSeconds } from './platform/clock.ts';
import { helpText, readSettings, reasonOf, type Settings, StartFailure } from './platform/settings/public.ts';
import { listenForStop, StopAsked, unlessAsked } from './platform/stop-request.ts';
import { isOutOfRoom } from './platform/store-room.ts';
import type { Closing } from './roles/start.ts';

// Only what answers --help and a wrong setting is imported above: the rest takes a second, and comes with `up`.

/** Compiled code of the last start, kept beside the packages that it is of (halves the time that imports take). */
const COMPILE_CACHE = fileURLToPath(new URL('../../../node_modules/.cache/signet', import.meta.url));

/** Longest that parts have to end in order when a start was given up or the store is gone. */
const GIVEN_UP_MS = 1_500;

const WRONG_SETTING = 2;
const FAILED = 1;

async function main(): Promise<number> {
  const reading = readSettings(process.argv.slice(2), process.env);
  if (!reading.ok) return say(reading.line, WRONG_SETTING);
  if (reading.help) {
    process.stdout.write(helpText());
    return 0;
  }
  const asked = listenForStop({
    on: (signal, listener) => void process.on(signal, listener),
    seconds: monotonicSeconds,
    again: ({ exitCode }) =>
      process.exit(say('ended at once; what was on its way to a carrier is in doubt', exitCode)),
  });
  // By the environment, so that the sandbox carrier's process has it too.
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE;
  enableCompileCache(process.env.NODE_COMPILE_CACHE);
  return run(reading.settings, asked);
}

async function run(settings: Settings, asked: AbortSignal): Promise<number> {
  const closings: Closing[] = [];
  let closeStore: Closing = async () => undefined;
  let storeEnd: Promise<unknown> = endless();
  let isUp = false;
  let inOrder = true;
  try {
    const { preflight } = await import('./roles/preflight.ts');
    await preflight(settings);
    const { createLog } = await import('./platform/telemetry.ts');
    const log = createLog(settings.logLevel);
    // Two processes that come up while this one imports the rest.
    const { openStore } = await import('./roles/store.ts');
    const store = coming(openStore(settings, log, asked));
    closeStore = () => store.then((opened) => opened.stop());
    storeEnd = store.then((opened) => opened.ended, endless);
    void storeEnd.then(() => {
      inOrder = false;
    });
    const { startSandbox } = await import('./roles/sandbox.ts');
    const sandbox = coming(startSandbox(settings, log, asked));
    closings.push(() => sandbox.then((opened) => opened?.close()));
    const start = await loadStart(asked);
    const { lost } = await start(settings, { log, store, sandbox, asked, closings });
    isUp = true;
    return say(await unlessAsked(asked, lost), FAILED);
  } catch (error) {
    // A signal that came during a synchronous step is heard in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
    const { reason } = asked;
    if (isUp && error === reason) {
      process.stdout.write('signet: finishing what is in hand …\n');
      return 0;
    }
    if (!isUp && reason instanceof StopAsked) {
      inOrder = false;
      return say('the start was interrupted; the next one goes on where it stopped', reason.exitCode);
    }
    if (error instanceof StartFailure) return say(error.message, FAILED);
    if (isOutOfRoom(error)) return say(fullStore(settings), FAILED);
    return say(`unexpected, please report it: ${placeOf(error)}`, FAILED);
  } finally {
    const cut = inOrder ? storeEnd.then(givenUp) : givenUp();
    await Promise.race([closeAll(closings, () => isUp && inOrder), cut]);
    await closeStore().catch(() => undefined);
  }
}

const fullStore = ({ databaseUrl, dataDir }: Settings): string =>
  databaseUrl === null
    ? `data folder ${dataDir}: the disk is full: free some space, or set --data to another disk`
    : 'DATABASE_URL: the disk of the database is full: free some space there';

/** What nobody foresaw, without the text of an error of the system or of PostgreSQL: that may quote a row. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const told = 'code' in error ? String(error.code) : reasonOf(error);
  const frame = error.stack?.split('\n').find((line) => line.includes('/src/')) ?? '';
  return `${error.name} ${told} ${frame.trim()}`;
}

/** Imports the rest in pieces: signals are heard between them only, and under load each can take a second. */
async function loadStart(asked: AbortSignal): Promise<typeof import('./roles/start.ts').start> {
  const pieces = [
    () => import('./roles/foundation.ts'),
    () => import('./roles/modules.ts'),
    () => import('./roles/api.ts'),
  ];
  for (const load of pieces) {
    await load();
    await new Promise((resolve) => setImmediate(resolve));
    asked.throwIfAborted();
  }
  return (await import('./roles/start.ts')).start;
}

/** A part that is waited for later; until then nobody hears that it failed. */
function coming<T>(part: Promise<T>): Promise<T> {
  part.catch(() => undefined);
  return part;
}

/** Each part in turn, the last first. Where a start failed or the store is gone that was said; parts say nothing more. */
async function closeAll(closings: readonly Closing[], isHeard: () => boolean): Promise<void> {
  for (const close of closings.toReversed()) {
    await close().catch((error: unknown) => {
      if (isHeard()) process.exitCode = say(`while ending: ${reasonOf(error)}`, FAILED);
    });
  }
}

/** The moment that parts get. Steps under way lose what they stand on, and nobody waits for their word any more. */
function givenUp(): Promise<void> {
  process.on('uncaughtException', () => undefined);
  return new Promise((resolve) => setTimeout(resolve, GIVEN_UP_MS));
}

const endless = (): Promise<never> => new Promise(() => undefined);

/** One line for the operator; gives the exit code back. */
function say(line: string, exitCode: number): number {
  process.stderr.write(`signet: ${line}\n`);
  return exitCode;
}

const code = await main();
process.exitCode ??= code;
// Timers and sockets of libraries must not hold up the end: everything of ours is closed.
process.exit();
