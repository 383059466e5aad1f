import { writeFileSync } from 'node:fs';
import { helpText, readSettings, reasonOf, type Settings, StartFailure } from './platform/settings/public.ts';
import { startApi } from './roles/api.ts';
import { type Welcome, welcome } from './roles/first-run.ts';
import { type Foundation, openFoundation } from './roles/foundation.ts';
import { greeting, readyText } from './roles/greeting.ts';
import { composeModules } from './roles/modules.ts';
import { SANDBOX_PASSWORD, SANDBOX_SYSTEM_ID, SANDBOX_WINDOW, startSandbox } from './roles/sandbox.ts';
import { readRegistryVersion, startWorker } from './roles/worker.ts';

/** The composition root: settings → platform → modules → roles. */
async function main(): Promise<number> {
  const reading = readSettings(process.argv.slice(2), process.env);
  if (!reading.ok) {
    process.stderr.write(`signet: ${reading.line}\n`);
    return 2;
  }
  if (reading.help) {
    process.stdout.write(helpText());
    return 0;
  }
  // Registered before anything starts: an early Ctrl-C ends what was started so far. npm passes the signal on, so it
  // comes twice; the second is no second wish.
  const asked = new Promise<string>((resolve) => {
    process.on('SIGINT', () => resolve('SIGINT'));
    process.on('SIGTERM', () => resolve('SIGTERM'));
  });
  const closings: (() => Promise<unknown>)[] = [];
  try {
    return await run(reading.settings, asked, closings);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    process.stderr.write(`signet: ${error.message}\n`);
    return 1;
  } finally {
    for (const close of closings.reverse()) {
      await close().catch((error: unknown) => {
        process.stderr.write(`signet: while ending: ${reasonOf(error)}\n`);
        process.exitCode = 1;
      });
    }
  }
}

async function run(
  settings: Settings,
  asked: Promise<string>,
  closings: (() => Promise<unknown>)[],
): Promise<number> {
  const foundation: Foundation = await openFoundation(settings);
  closings.push(() => foundation.close());
  const sandbox = await startSandbox(settings, foundation.log);
  if (sandbox !== null) closings.push(() => sandbox.close());
  const modules = await composeModules(foundation);
  closings.push(
    () => modules.http.close(),
    () => modules.nonces.close(),
  );
  await readRegistryVersion(foundation);
  if (sandbox !== null) {
    const { host, port } = sandbox;
    await modules.gateway.carriers.placeSandbox({
      host,
      port,
      systemId: SANDBOX_SYSTEM_ID,
      password: SANDBOX_PASSWORD,
      window: SANDBOX_WINDOW,
    });
  }
  const told: Welcome = await welcome(foundation, modules, sandbox?.phone ?? null);
  await modules.readSandboxTenants();
  closings.push(
    () => modules.pusher.stop(),
    () => modules.inbound.close(),
  );
  await modules.gateway.start();
  closings.push(() => modules.gateway.close());
  modules.pusher.start();
  let lost = (_error: unknown): void => undefined;
  const leaseLost = new Promise<string>((resolve) => {
    lost = (error) => {
      foundation.log.fault('lease.lost', error);
      resolve('lease');
    };
  });
  const jobs = startWorker(foundation, modules, lost);
  closings.push(() => jobs.stop());
  const api = await startApi(foundation, modules, sandbox);
  closings.push(() => api.close());
  process.stdout.write(greeting(settings, api.url, told, foundation.keyFileCreated));
  if (settings.readyFile !== null)
    writeFileSync(settings.readyFile, readyText(api.url, told, sandbox), { mode: 0o600 });
  const reason = await Promise.race([
    asked,
    leaseLost,
    foundation.storeEnded.then((how) => `store:${how ?? ''}`),
  ]);
  if (reason === 'SIGINT' || reason === 'SIGTERM') {
    process.stdout.write('signet: finishing what is in hand …\n');
    return 0;
  }
  process.stderr.write(
    reason === 'lease'
      ? 'signet: this process was away from the store for too long and gave its work to others; start it again\n'
      : `signet: the embedded database ended (${reason.slice('store:'.length)}); see its log and start again\n`,
  );
  return 1;
}

const code = await main();
process.exitCode ??= code;
// Timers and sockets of libraries must not hold up the end: everything of ours is closed.
process.exit();
