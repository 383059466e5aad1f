import { fork } from 'node:child_process';
import { connectSmsc, SMSC_MAIN, type SmscControl } from '@signet/simulators/smsc';
import { type Settings, StartFailure } from '../platform/settings/public.ts';
import type { Log } from '../platform/telemetry.ts';

/** Known on purpose: the sandbox holds test messages only, on loopback, and scripts may want to bind to it. */
export const SANDBOX_SYSTEM_ID = 'sandbox';
export const SANDBOX_PASSWORD = 'sandbox';
/** Wide enough that the commit of the next intents overlaps the answers of the last. */
export const SANDBOX_WINDOW = 200;

export type Sandbox = {
  readonly host: string;
  readonly port: number;
  /** E.164 of the sandbox phone. */
  readonly phone: string;
  /** Null when an outside SMSC (SIGNET_SANDBOX_SMSC) plays the carrier: it has no phone to look at. */
  control(): SmscControl | null;
  close(): Promise<void>;
};

const HOST = '127.0.0.1';
const RESTART_MS = 1_000;

/** The sandbox carrier: an SMSC in a process of its own, started again on its port if it ends. */
export async function startSandbox(settings: Settings, log: Log): Promise<Sandbox | null> {
  if (!settings.sandbox) return null;
  const phone = settings.sandboxPhone;
  if (settings.sandboxSmsc !== null) {
    const { host, port } = settings.sandboxSmsc;
    return { host, port, phone, control: () => null, close: async () => undefined };
  }
  let closing = false;
  const launch = (port: number): Promise<SmscControl> => {
    const child = fork(SMSC_MAIN, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.once('exit', (code) => {
      if (closing) return;
      log.warn('sandbox.smsc_ended', { code });
      setTimeout(() => {
        if (closing) return;
        launch(control.port).then(
          (again) => {
            control = again;
          },
          (error: unknown) => log.fault('sandbox.smsc_not_restarted', error),
        );
      }, RESTART_MS).unref();
    });
    return connectSmsc(child, { host: HOST, port, systemId: SANDBOX_SYSTEM_ID, password: SANDBOX_PASSWORD });
  };
  let control: SmscControl;
  try {
    control = await launch(0);
  } catch {
    throw new StartFailure('SIGNET_SANDBOX: the sandbox carrier could not start; try --sandbox off');
  }
  return {
    host: HOST,
    port: control.port,
    phone,
    control: () => control,
    async close() {
      closing = true;
      // The process may end before its answer is through: ended is what was asked for.
      await control.close().catch(() => undefined);
    },
  };
}
