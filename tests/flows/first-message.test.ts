import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  makeDataDir,
  type Ready,
  type RunningServer,
  removeDataDir,
  runServer,
  startServer,
} from '../world/server.ts';
import { type ConsoleSession, sandboxTenant, signIn } from './console.ts';
import { busyFactor } from './launching.ts';
import { cpuMsOf, descendants, running } from './processes.ts';
import { details, send, settled } from './sending.ts';
import { expectedSignature, startWebhookEndpoint, type WebhookEndpoint } from './webhook-endpoint.ts';

const ENV = { SIGNET_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' };
const SECOND_START_MS = 5_000;

let home: string;
let server: RunningServer;
let first: Ready;
let endpoint: WebhookEndpoint;

beforeAll(async () => {
  home = join(makeDataDir('signet newcomer '), 'a folder');
  mkdirSync(home);
  endpoint = await startWebhookEndpoint();
  server = await startServer({ dataDir: home, env: ENV });
  first = server.ready;
});

afterAll(async () => {
  await server?.stop();
  endpoint?.close();
  removeDataDir(join(home, '..'));
});

describe('the first start, from a path with blanks', () => {
  it('tells everything that a script needs, in a file for its owner alone', () => {
    // startServer refuses a ready file with another mode than 0600.
    expect(first).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      accessKeyId: expect.stringMatching(/^\w{16,}$/),
      accessKeySecret: expect.stringMatching(/^\w{30}$/),
      qualificationId: expect.stringMatching(/^\d+$/),
      signName: expect.any(String),
      templateCode: expect.stringMatching(/^SMS_\d+$/),
      phone: '13800138000',
      consoleUser: 'operator',
      consolePassword: expect.stringMatching(/^\w{16}$/),
      smscHost: '127.0.0.1',
      smscPort: expect.any(Number),
    });
  });

  it('prints what a newcomer needs, and the warning about the key file', () => {
    const output = server.output();
    for (const told of [first.url, first.accessKeyId, first.accessKeySecret, first.consolePassword])
      expect(output).toContain(told);
    expect(output).toContain(`cp '${join(home, 'data', 'keys', 'kek.json')}'`);
    expect(output).toContain('@alicloud/dysmsapi20170525');
  });

  it('serves the console, its health and its metrics from one address', async () => {
    const page = await fetch(first.url, { headers: { accept: 'text/html' } });
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${first.url}/metrics`)).text()).toMatch(/^# (HELP|TYPE) /m);
  });
});

describe('the first message', () => {
  let operator: ConsoleSession;
  let bizId: unknown;
  let secret: string;

  beforeAll(async () => {
    operator = await signIn(server);
    const tenantId = await sandboxTenant(operator);
    const urls = { reportUrl: `${endpoint.url}/report`, inboundUrl: null };
    const set = await operator.call<{ secret: string }>('PUT', `/tenants/${tenantId}/webhook`, urls);
    secret = set.secret;
  });

  it('is sent with the official SDK and reaches the sandbox phone', async () => {
    const answer = await send(first, first.phone, { TemplateParam: '{"code":"975310"}', OutId: 'order 1' });
    expect(answer).toMatchObject({ Code: 'OK', Message: 'OK' });
    bizId = answer.BizId;
    const received = await eventually('the message on the phone', async () => {
      const phone = await operator.call<{ messages: { direction: string; text: string }[] }>(
        'GET',
        '/sandbox/phone',
      );
      return phone.messages.find(({ direction }) => direction === 'received');
    });
    expect(received.text).toBe(`【${first.signName}】您的验证码为975310，5分钟内有效，请勿告诉他人。`);
  });

  it('is reported as delivered by QuerySendDetails', async () => {
    expect(await settled(first, first.phone, bizId)).toMatchObject({ SendStatus: 3, ErrCode: 'DELIVERED' });
  });

  it('has its receipt pushed in the SmsReport form, signed', async () => {
    const push = await eventually('the push', async () =>
      endpoint.pushes.find(({ path }) => path === '/report'),
    );
    expect(JSON.parse(push.body)).toEqual([
      {
        phone_number: first.phone,
        send_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        report_time: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        success: true,
        err_code: 'DELIVERED',
        err_msg: expect.any(String),
        sms_size: '1',
        biz_id: bizId,
        out_id: 'order 1',
      },
    ]);
    expect(push.headers['x-signet-signature']).toBe(expectedSignature(secret, push));
    expect(push.headers['x-signet-signature']).not.toBe(expectedSignature('whsec_other', push));
  });
});

describe('the end and the next start', { timeout: 120_000 }, () => {
  it('Ctrl-C ends with 0 and leaves no process', async () => {
    const children = descendants(server.process.pid!);
    expect(children.length).toBeGreaterThan(2);
    expect(await server.stop()).toBe(0);
    expect(running(children)).toEqual([]);
  });

  it('a later start is quick, tells no secret and keeps everything', async () => {
    const startedAt = performance.now();
    server = await startServer({ dataDir: home, env: ENV });
    const tookMs = performance.now() - startedAt;
    const cpuMs = cpuMsOf(server.process.pid!);
    const { url: _url, smscPort: _port, ...kept } = first;
    expect(server.ready).toMatchObject({ ...kept, accessKeySecret: null, consolePassword: null });
    for (const secret of [first.accessKeySecret, first.consolePassword])
      expect(server.output()).not.toContain(secret);
    const sender = { ...first, url: server.ready.url };
    expect(await details(sender, first.phone)).toMatchObject([{ SendStatus: 3, ErrCode: 'DELIVERED' }]);
    expect(await send(sender, first.phone)).toMatchObject({ Code: 'OK' });
    const operator = await signIn(server);
    const webhook = await operator.call('GET', `/tenants/${await sandboxTenant(operator)}/webhook`);
    expect(webhook).toMatchObject({ reportUrl: `${endpoint.url}/report` });
    expect(tookMs).toBeLessThan(SECOND_START_MS * busyFactor());
    // However busy the machine is: it cannot be quick where it has that much to do.
    expect(cpuMs).toBeLessThan(SECOND_START_MS);
  });
});

describe('--help', () => {
  it('names every setting with its default and ends with 0', async () => {
    const { code, out, err } = await runServer(['--help']);
    expect([code, err]).toEqual([0, '']);
    const documented = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');
    const names = new Set(documented.match(/\b(?:SIGNET_[A-Z_]+|DATABASE_URL)\b|--[a-z][a-z-]+/g));
    expect(names.size).toBeGreaterThan(20);
    for (const name of names) expect(out).toContain(name);
  });
});
