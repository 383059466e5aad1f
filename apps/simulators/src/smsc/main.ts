/**
 * The SMSC simulator as a process of its own, started by `fork`. Settings come as the first IPC message, never as
 * arguments (those are visible to every user of the machine). It ends when its parent goes.
 */
import type { FromSmsc, SmscControl, SmscRequest, ToSmsc } from './control.ts';
import { startSmsc } from './smsc.ts';

const say = (message: FromSmsc, sent = (): void => {}): void => {
  if (process.connected) process.send?.(message, undefined, {}, sent);
};

/** Leaves only once the last message is out; 'disconnect' then ends the process. */
const leave = (): void => {
  if (process.connected) process.disconnect();
};

const perform = async (smsc: SmscControl, request: SmscRequest): Promise<unknown> => {
  switch (request.do) {
    case 'messages':
      return smsc.messages(request.phone);
    case 'reply':
      return smsc.reply(request);
    case 'behave':
      return smsc.behave(request);
    case 'subscribe':
      return void smsc.subscribe((message) => say({ kind: 'message', message }));
    case 'stats':
      return smsc.stats();
    case 'close':
      return smsc.close();
  }
};

let started: SmscControl | null = null;
let isSubscribed = false;

process.on('message', async (message: ToSmsc) => {
  if (message.kind === 'settings') {
    try {
      started = await startSmsc(message.options, { now: Date.now });
      say({ kind: 'listening', port: started.port });
    } catch (error) {
      say({ kind: 'failed', code: (error as NodeJS.ErrnoException).code ?? 'unknown' }, leave);
    }
    return;
  }
  if (started === null) return;
  const { id, request } = message;
  const isRepeat = request.do === 'subscribe' && isSubscribed;
  if (request.do === 'subscribe') isSubscribed = true;
  const value = isRepeat ? undefined : await perform(started, request);
  say({ kind: 'answer', id, value }, request.do === 'close' ? leave : undefined);
});

process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group; the parent drains first and then closes us.
process.on('SIGINT', () => {});
