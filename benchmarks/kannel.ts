/**
 * Debian's Kannel (bearerbox and smsbox) with its file store and otherwise its defaults: window 10, receipts kept
 * in memory. It neither checks nor syncs what it accepts.
 */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { endChild, startLogged, waitFor } from './children.ts';
import { freePort, isListening, type StartOptions, type SystemUnderTest } from './system-under-test.ts';

const USER = 'bench';
const PASSWORD = 'bench';
const START_MS = 30_000;

interface Ports {
  readonly admin: number;
  readonly box: number;
  readonly sendsms: number;
  readonly smsc: number;
}

/** kannel.conf; log level 3 is warnings and up, as a production set-up has it. */
export function kannelConfiguration(folder: string, ports: Ports): string {
  return `group = core
admin-port = ${ports.admin}
admin-interface = "127.0.0.1"
admin-password = ${PASSWORD}
smsbox-port = ${ports.box}
smsbox-interface = "127.0.0.1"
box-allow-ip = "127.0.0.1"
log-file = "${folder}/bearerbox.log"
log-level = 3
store-type = file
store-location = "${folder}/kannel.store"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = sink
host = 127.0.0.1
port = ${ports.smsc}
smsc-username = sandbox
smsc-password = sandbox
system-type = ""
transceiver-mode = true
interface-version = 34

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${ports.sendsms}
sendsms-interface = "127.0.0.1"
global-sender = 10690000
log-file = "${folder}/smsbox.log"
log-level = 3

group = sendsms-user
username = ${USER}
password = ${PASSWORD}
concatenation = true
max-messages = 5

group = sms-service
keyword = default
max-messages = 0
text = ""
`;
}

async function carrierIsOnline(adminPort: number): Promise<true | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${adminPort}/status.txt?password=${PASSWORD}`);
    return /SMPP.*\(online/i.test(await answer.text()) ? true : undefined;
  } catch {
    return undefined;
  }
}

/** Starts both boxes and waits until the carrier is bound and sendsms listens. */
export async function startKannel(options: StartOptions): Promise<SystemUnderTest> {
  const folder = path.join(options.folder, 'kannel');
  mkdirSync(folder);
  const ports = {
    admin: await freePort(),
    box: await freePort(),
    sendsms: await freePort(),
    smsc: options.sinkPort,
  };
  const configuration = path.join(folder, 'kannel.conf');
  writeFileSync(configuration, kannelConfiguration(folder, ports));
  const output = path.join(folder, 'output.txt');
  const program = (name: string) => {
    // Debian puts both programs into /usr/sbin, which is not in everyone's PATH.
    const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin'];
    const found = folders.map((one) => path.join(one, name)).find((file) => existsSync(file));
    if (!found) throw new Error(`${name} is not installed: apt-get install kannel, or leave out --vs kannel`);
    return found;
  };
  await using started = new AsyncDisposableStack();
  const start = (name: string) => {
    const child = startLogged(program(name), ['-v', '4', configuration], output, { cwd: folder });
    started.defer(() => endChild(child));
    return child;
  };
  const bearerbox = start('bearerbox');
  await waitFor('Kannel binds to the sink', bearerbox, START_MS, () => carrierIsOnline(ports.admin));
  const smsbox = start('smsbox');
  await waitFor('smsbox starts', smsbox, START_MS, async () =>
    (await isListening(ports.sendsms)) ? true : undefined,
  );
  const running = started.move();
  const host = `127.0.0.1:${ports.sendsms}`;
  const { webhookUrl } = options;
  return {
    name: 'kannel',
    httpPort: ports.sendsms,
    trees: [
      { rootPid: bearerbox.pid ?? 0, roleOf: () => 'bearerbox' },
      { rootPid: smsbox.pid ?? 0, roleOf: () => 'smsbox' },
    ],
    durability: 'file store, never synced',
    plan: (_name, range) => ({
      kind: 'kannel',
      host,
      user: USER,
      password: PASSWORD,
      ...(webhookUrl === undefined ? {} : { reportUrl: webhookUrl }),
      ...range,
    }),
    steps: async () => undefined,
    stop: () => running.disposeAsync(),
  };
}
