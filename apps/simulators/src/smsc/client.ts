import type { ChildProcess } from 'node:child_process';
import type { FromSmsc, PhoneMessage, SmscControl, SmscOptions, SmscRequest, ToSmsc } from './control.ts';

/** The file to fork. */
export const SMSC_MAIN = new URL('./main.ts', import.meta.url);

/**
 * Starts the simulator in a forked child (`fork(SMSC_MAIN)`) and resolves once it listens.
 * Rejects when it cannot listen (the error's `code` is the system's word) or ends before; every request rejects once
 * the child is gone.
 */
export const connectSmsc = (child: ChildProcess, options: SmscOptions): Promise<SmscControl> => {
  const asked = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const listeners = new Set<(message: PhoneMessage) => void>();
  let lastId = 0;
  let isGone = false;

  const say = (message: ToSmsc): void => void child.send(message);
  const ask = <T>(request: SmscRequest): Promise<T> => {
    if (isGone) return Promise.reject(new Error('the SMSC simulator has ended'));
    lastId += 1;
    const id = lastId;
    return new Promise<T>((resolve, reject) => {
      asked.set(id, { resolve: resolve as (value: unknown) => void, reject });
      say({ kind: 'ask', id, request });
    });
  };

  const control = (port: number): SmscControl => ({
    port,
    messages: (phone) => ask({ do: 'messages', ...(phone !== undefined && { phone }) }),
    reply: (reply) => ask({ do: 'reply', ...reply }),
    behave: (behaviour) => ask({ do: 'behave', ...behaviour }),
    async subscribe(listener) {
      listeners.add(listener);
      await ask({ do: 'subscribe' });
      return () => void listeners.delete(listener);
    },
    stats: () => ask({ do: 'stats' }),
    close: () => ask({ do: 'close' }),
  });

  return new Promise((resolve, reject) => {
    child.on('message', (message: FromSmsc) => {
      if (message.kind === 'listening') resolve(control(message.port));
      else if (message.kind === 'failed')
        reject(Object.assign(new Error('the SMSC simulator cannot listen'), { code: message.code }));
      else if (message.kind === 'message') for (const listener of listeners) listener(message.message);
      else {
        asked.get(message.id)?.resolve(message.value);
        asked.delete(message.id);
      }
    });
    child.once('exit', () => {
      isGone = true;
      const error = new Error('the SMSC simulator has ended');
      for (const { reject: refuse } of asked.values()) refuse(error);
      asked.clear();
      reject(error);
    });
    say({ kind: 'settings', options });
  });
};
