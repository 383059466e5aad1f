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
  /** Calls `listener` when a message came to a phone or went from one; returns its end. */
  onMessage(listener: () => void): () => void;
  close(): Promise<void>;
};

const HOST = '127.0.0.1';
const RESTART_MS = 1_000;

/**
 * The sandbox carrier: an SMSC in a process of its own, started again on its port if it ends. Throws StartFailure, or
 * the reason of `asked`; its process has then ended.
 */
export async function startSandbox(
  settings: Settings,
  log: Log,
  asked: AbortSignal,
): Promise<Sandbox | null> {
  if (!settings.sandbox) return null;
  const phone = settings.sandboxPhone;
  if (settings.sandboxSmsc !== null) {
    const { host, port } = settings.sandboxSmsc;
    return {
      host,
      port,
      phone,
      control: () => null,
      onMessage: () => () => undefined,
      close: async () => undefined,
    };
  }
  let closing = false;
  const listeners = new Set<() => void>();
  // The simulator tells of each message only once somebody has listened.
  let watching = false;
  const watch = (told: SmscControl): void => {
    watching = true;
    const tell = (): void => {
      for (const listener of listeners) listener();
    };
    told.subscribe(tell).catch((error: unknown) => log.fault('sandbox.phone_not_watched', error));
  };
  const launch = (port: number): Promise<SmscControl> => {
    const child = fork(SMSC_MAIN, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const giveUp = (): void => void child.kill('SIGKILL');
    asked.addEventListener('abort', giveUp, { once: true });
    child.once('exit', (code) => {
      if (closing || asked.aborted) return;
      log.warn('sandbox.smsc_ended', { code });
      setTimeout(() => {
        if (closing || asked.aborted) return;
        launch(control.port).then(
          (again) => {
            control = again;
            if (watching) watch(again);
          },
          (error: unknown) => log.fault('sandbox.smsc_not_restarted', error),
        );
      }, RESTART_MS).unref();
    });
    const account = { systemId: SANDBOX_SYSTEM_ID, password: SANDBOX_PASSWORD };
    return connectSmsc(child, { host: HOST, port, ...account }).finally(() =>
      asked.removeEventListener('abort', giveUp),
    );
  };
  let control: SmscControl;
  try {
    control = await launch(0);
  } catch {
    asked.throwIfAborted();
    throw new StartFailure('SIGNET_SANDBOX: the sandbox carrier could not start; try --sandbox off');
  }
  return {
    host: HOST,
    port: control.port,
    phone,
    control: () => control,
    onMessage(listener) {
      listeners.add(listener);
      if (!watching) watch(control);
      return () => listeners.delete(listener);
    },
    async close() {
      closing = true;
      // The process may end before its answer is through: ended is what was asked for.
      await control.close().catch(() => undefined);
    },
  };
}
