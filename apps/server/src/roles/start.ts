import { type Settings, StartFailure } from '../platform/settings/public.ts';
import { unlessAsked } from '../platform/stop-request.ts';
import type { Log } from '../platform/telemetry.ts';
import { startApi } from './api.ts';
import { firstRun } from './first-run.ts';
import { openFoundation } from './foundation.ts';
import { greeting, readyText } from './greeting.ts';
import { composeModules } from './modules.ts';
import { writeReadyFile } from './ready-file.ts';
import { SANDBOX_PASSWORD, SANDBOX_SYSTEM_ID, SANDBOX_WINDOW, type Sandbox } from './sandbox.ts';
import { loadScreening } from './sending.ts';
import type { Store } from './store.ts';
import { readRegistryVersion, startWorker } from './worker.ts';

export type Closing = () => Promise<unknown>;

/** Settles with one line when the server cannot go on. */
export type Up = { readonly lost: Promise<string> };

/**
 * Everything that stands on the database and the sandbox carrier, in order, until it greets. Each part leaves its closing
 * in `closings` before the next begins.
 *
 * @param deps.asked gives up at the step that is under way: each is whole in the store or not at all
 */
export async function start(
  settings: Settings,
  deps: {
    log: Log;
    store: Promise<Store>;
    sandbox: Promise<Sandbox | null>;
    asked: AbortSignal;
    closings: Closing[];
  },
): Promise<Up> {
  const { log, asked, closings } = deps;
  const step = <T>(work: Promise<T>): Promise<T> => unlessAsked(asked, work);
  // Half a second of computing, while the database starts.
  const screen = loadScreening();
  const store = await step(deps.store);
  const foundation = await openFoundation(settings, log, store, asked);
  closings.push(() => foundation.close());
  const sandbox = await step(deps.sandbox);
  const modules = composeModules(foundation, screen);
  closings.push(
    () => modules.http.close(),
    () => modules.nonces.close(),
  );
  await step(readRegistryVersion(foundation));
  if (sandbox !== null) {
    const { host, port } = sandbox;
    const account = { systemId: SANDBOX_SYSTEM_ID, password: SANDBOX_PASSWORD, window: SANDBOX_WINDOW };
    await step(modules.gateway.carriers.placeSandbox({ host, port, ...account }));
  }
  const first = await step(firstRun(foundation, modules, sandbox?.phone ?? null));
  closings.push(() => first.close());
  await step(modules.readSandboxTenants());
  closings.push(
    () => modules.pusher.stop(),
    () => modules.inbound.close(),
    () => modules.gateway.close(),
  );
  await step(modules.gateway.start());
  modules.pusher.start();
  let lose = (_error: unknown): void => undefined;
  const leaseLost = new Promise<string>((resolve) => {
    lose = (error) => {
      foundation.log.fault('lease.lost', error);
      resolve(
        'this process was away from the store for too long and gave its work to others; start it again',
      );
    };
  });
  const jobs = startWorker(foundation, modules, lose);
  closings.push(() => jobs.stop());
  const starting = startApi(foundation, modules, sandbox);
  closings.push(() => starting.then((api) => api.close()));
  const { url } = await step(starting);

  const { welcome } = first;
  const newKeyFile = foundation.keyFileCreated || welcome.consolePassword !== null;
  await print(greeting(settings, url, welcome, newKeyFile));
  if (settings.readyFile !== null) writeReadyFile(settings.readyFile, readyText(url, welcome, sandbox));
  await first.told();
  await first.close();
  const storeEnded = foundation.storeEnded.then(
    (how) => `the embedded database ended (${how ?? ''}): start again when that is mended`,
  );
  return { lost: Promise.race([leaseLost, storeEnded]) };
}

/** To the last octet: secrets that nobody could read are not told. */
async function print(text: string): Promise<void> {
  const error = await new Promise<Error | null | undefined>((resolve) => process.stdout.write(text, resolve));
  if (error) throw new StartFailure(`standard output cannot be written (${error.message}): give it a reader`);
}
