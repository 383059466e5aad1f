import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { type Carrier, startCarrier } from './carrier.ts';
import { approvedTemplate, type ConsoleSession, sandboxTenant, signIn } from './console.ts';
import { details, type Sender, send, settled } from './sending.ts';
import { asOwner, readMessages } from './store.ts';

const CLI = fileURLToPath(new URL('../../apps/server/src/entrypoints/cli/main.ts', import.meta.url));
/** Nobody listens there: what is sent waits in the queue. */
const NO_CARRIER = '127.0.0.1:1';
const PHONES = ['13900000901', '13900000902', '13900000903'] as const;

function signet(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH ?? '', LANG: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => {
    said.out += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    said.err += text.toString();
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

type Step = { step: number; outcome: string; facts: Record<string, unknown> };

describe('messages that were queued when a backup was taken', { timeout: 120_000 }, () => {
  const dirs = {
    old: makeDataDir('signet-old-'),
    safe: makeDataDir('signet-safe-'),
    again: makeDataDir('signet-again-'),
  };
  const dataOf = (dir: string): string => join(dir, 'data');
  const backupFile = join(dirs.old, 'queued.backup');
  const keyCopy = join(dirs.old, 'kek elsewhere.json');
  let old: RunningServer;
  let console: ConsoleSession;
  let carrier: Carrier;
  let sender: Sender;
  let bizIds: unknown[];

  const startOn = (dir: string): Promise<RunningServer> =>
    startServer({
      dataDir: dir,
      args: ['--key-file', keyCopy],
      env: { SIGNET_SANDBOX_SMSC: `127.0.0.1:${carrier.port}` },
    });
  const restoreInto = (dir: string, ...more: string[]) =>
    signet('restore', backupFile, '--data', dataOf(dir), '--key-file', keyCopy, ...more);

  beforeAll(async () => {
    carrier = await startCarrier();
    old = await startServer({ dataDir: dirs.old, env: { SIGNET_SANDBOX_SMSC: NO_CARRIER } });
    sender = old.ready;
    console = await signIn(old);
    const template = await approvedTemplate(console, {
      name: '通知',
      kind: 'notice',
      content: `您预约的维修服务\${name}已安排。`,
      variables: { name: 'others' },
    });
    const fields = { TemplateCode: template, TemplateParam: '{"name":"空调"}' };
    bizIds = [];
    for (const phone of PHONES) bizIds.push((await send(sender, phone, fields)).BizId);
    copyFileSync(join(dataOf(dirs.old), 'keys', 'kek.json'), keyCopy);
    // The old server runs, and goes on.
    expect(await signet('backup', backupFile, '--data', dataOf(dirs.old))).toMatchObject({ code: 0 });
  }, 180_000);
  afterAll(async () => {
    await old?.stop();
    await carrier?.close();
    for (const dir of Object.values(dirs)) removeDataDir(dir);
  });

  it('are in doubt after a restore: none is sent, and each tells why', async () => {
    const { code, out, err } = await restoreInto(dirs.safe);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('3 message(s) were waiting to be sent');
    expect(out).toContain('--resend-queued');
    expect(await signet('audit', 'verify', '--data', dataOf(dirs.safe), '--key-file', keyCopy)).toMatchObject(
      {
        code: 0,
      },
    );

    const server = await startOn(dirs.safe);
    try {
      const at = { ...sender, url: server.ready.url };
      // The restored server does send: a new message goes out and comes back.
      const { BizId } = await send(at, '13900000909');
      expect(await settled(at, '13900000909', BizId)).toMatchObject({ SendStatus: 3 });
      expect(carrier.submits.map(({ number }) => number)).toEqual(['8613900000909']);
      for (const [place, phone] of PHONES.entries())
        expect(await details(at, phone, bizIds[place])).toMatchObject([{ SendStatus: 1 }]);

      const session = await signIn({ ready: { ...server.ready, consoleUser: old.ready.consoleUser } });
      const tenantId = await sandboxTenant(session);
      const id = String(bizIds[0]).split('^')[0]!;
      const { state, steps } = await session.call<{ state: string; steps: Step[] }>(
        'GET',
        `/tenants/${tenantId}/messages/${id}`,
      );
      expect(state).toBe('in_doubt');
      expect(steps[15]).toMatchObject({ outcome: 'done', facts: { status: 'restored' } });

      // The old server sent them and its receipts come here: a number alone does not say which message is meant.
      const submit = carrier.submits[0]!;
      const taken = carrier.acknowledged();
      carrier.report({ ...submit, order: 4_711, number: `86${PHONES[0]}` }, 'DELIVRD');
      await eventually('the receipt', async () => (carrier.acknowledged() === taken + 1 ? true : undefined));
      const orphans = () =>
        asOwner(dirs.safe, async (client) => (await client.query('select tries from orphan_receipts')).rows);
      // Its number is looked at from the fourth time on.
      await eventually('a look at its number', async () =>
        (await orphans()).some(({ tries }) => tries > 3) ? true : undefined,
      );
      expect(await details(at, PHONES[0], bizIds[0])).toMatchObject([{ SendStatus: 1 }]);
      expect(carrier.submits).toHaveLength(1);
    } finally {
      await server.stop();
    }
  });

  it('go out once where the operator says that the old server has not sent them', async () => {
    const { code, out } = await restoreInto(dirs.again, '--resend-queued');
    expect(code).toBe(0);
    expect(out).toContain('3 message(s) were waiting to be sent: they go out when the server starts');
    const before = carrier.submits.length;
    const server = await startOn(dirs.again);
    try {
      const at = { ...sender, url: server.ready.url };
      for (const [place, phone] of PHONES.entries())
        expect(await settled(at, phone, bizIds[place])).toMatchObject({ SendStatus: 3 });
      const sent = carrier.submits.slice(before).map(({ number }) => number);
      expect(sent.sort()).toEqual(PHONES.map((phone) => `86${phone}`));
      expect((await readMessages(dirs.again)).every(({ state }) => state === 'delivered')).toBe(true);
    } finally {
      await server.stop();
    }
  });
});
