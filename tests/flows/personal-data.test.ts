import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signedRequest } from '../../benchmarks/requests.ts';
import { eventually, makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { type Carrier, startCarrier } from './carrier.ts';
import { approvedTemplate, sandboxTenant, signIn } from './console.ts';
import { type Sender, send, settled } from './sending.ts';
import { asOwner, readMessages } from './store.ts';
import { type Form, formsOf, found, foundBelow } from './traces.ts';
import { startWebhookEndpoint, type WebhookEndpoint } from './webhook-endpoint.ts';

/** Numbers and words that stand nowhere else; 139123456780 is a number with a digit too many. */
const NUMBER = '13912345678';
const BAD_NUMBER = '139876543210';
const HELD_NUMBER = '13912345679';
const DOUBTFUL_NUMBER = '13912345670';
const CODE = 'K7Q9Z4';
const WORD = '松鼠咖啡馆';
const HELD_WORD = '兼职刷单日结';
const REPLY = '河马收到了';
const OUT_ID = 'OUTMARK-4417';
/** The number is in no clear text in any form of it: 139…, 86139…, +86139…, 0086139… all hold these digits. */
const FORMS: Form[] = [
  NUMBER,
  BAD_NUMBER,
  HELD_NUMBER,
  DOUBTFUL_NUMBER,
  CODE,
  WORD,
  HELD_WORD,
  REPLY,
  OUT_ID,
].flatMap(formsOf);

let dir: string;
let temporary: string;
let carrier: Carrier;
let endpoint: WebhookEndpoint;
let server: RunningServer;
let output = '';
let metrics = '';

/** Everything a day brings, with the same numbers and words: sends of every fate, a reply, pushes, a crash. */
async function liveThroughADay(): Promise<void> {
  const env = {
    SIGNET_SANDBOX_SMSC: `127.0.0.1:${carrier.port}`,
    SIGNET_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1',
    SIGNET_LOG_LEVEL: 'debug',
    TMPDIR: temporary,
  };
  server = await startServer({ dataDir: dir, env });
  const sender: Sender = server.ready;
  const operator = await signIn(server);
  const tenantId = await sandboxTenant(operator);
  await operator.call('PUT', `/tenants/${tenantId}/webhook`, {
    reportUrl: `${endpoint.url}/report`,
    inboundUrl: `${endpoint.url}/inbound`,
  });
  const notice = await approvedTemplate(operator, {
    name: '订单通知',
    kind: 'notice',
    content: '您的订单有新消息：${word}，请留意。',
    variables: { word: 'others' },
  });
  const noticeOf = (word: string) => ({ TemplateCode: notice, TemplateParam: JSON.stringify({ word }) });

  // Accepted and delivered, in several forms of the number.
  const sent = await send(sender, `+86${NUMBER}`, { TemplateParam: `{"code":"${CODE}"}`, OutId: OUT_ID });
  expect(sent).toMatchObject({ Code: 'OK' });
  expect(await settled(sender, NUMBER, sent.BizId)).toMatchObject({ SendStatus: 3 });
  const told = await send(sender, `0086${NUMBER}`, noticeOf(WORD));
  expect(await settled(sender, NUMBER, told.BizId)).toMatchObject({ SendStatus: 3 });

  // Refused: frequency, a bad number, a variable, a wrong signature, an action and a parameter that do not exist.
  const code = { TemplateParam: `{"code":"${CODE}"}` };
  expect(await send(sender, NUMBER, code)).toMatchObject({ Code: 'isv.BUSINESS_LIMIT_CONTROL' });
  expect(await send(sender, BAD_NUMBER, code)).toMatchObject({ Code: 'isv.MOBILE_NUMBER_ILLEGAL' });
  expect((await send(sender, NUMBER, { TemplateParam: `{"code":"${WORD}"}` })).Code).not.toBe('OK');
  expect((await send(sender, NUMBER, { SignName: WORD })).Code).not.toBe('OK');
  expect((await send(sender, NUMBER, { TemplateParam: `{"${WORD}` })).Code).not.toBe('OK');
  expect((await send({ ...sender, accessKeySecret: 'wrong' }, NUMBER, code)).Code).toBe(
    'SignatureDoesNotMatch',
  );
  await raw(sender, { action: 'SendSms', query: { PhoneNumbers: NUMBER, [WORD]: CODE } });
  await raw(sender, { action: `Send${CODE}`, query: { PhoneNumbers: NUMBER, TemplateParam: WORD } });
  await fetch(`${sender.url}/api/tenants/${NUMBER}/${encodeURIComponent(WORD)}?phone=${NUMBER}`);
  await operator.call('GET', `/tenants/${tenantId}/messages?search=${NUMBER}`);
  await expect(
    operator.call('POST', `/tenants/${tenantId}/messages`, { phone: NUMBER, text: WORD }),
  ).rejects.toThrow();

  // Held for review, with its text as evidence.
  const held = await send(sender, HELD_NUMBER, noticeOf(HELD_WORD));
  expect(held).toMatchObject({ Code: 'OK' });
  await eventually('the review of the held message', async () => {
    const reviews = await operator.call<{ items: unknown[] }>('GET', '/reviews?subject=message');
    return reviews.items.length > 0 ? true : undefined;
  });

  // A reply, an opt-out, and their pushes.
  expect(await carrier.reply(`86${NUMBER}`, '10690000', REPLY)).toBe(0);
  expect(await carrier.reply(`86${NUMBER}`, '10690000', '回T退订')).toBe(0);
  await eventually('the pushes', async () => {
    const bodies = endpoint.pushes.map(({ body }) => body).join();
    return bodies.includes(REPLY) && bodies.includes(OUT_ID) ? true : undefined;
  });
  // An orphan: a receipt that speaks of no submit of ours.
  carrier.report({ ...carrier.submits[0]!, order: 987_654 }, 'DELIVRD');
  await eventually('the orphan', async () => (carrier.owed() === 0 ? true : undefined));

  // A crash with a message on the wire, and the recovery that puts it in doubt.
  carrier.behave(() => ({ answer: 'none' }));
  expect(await send(sender, DOUBTFUL_NUMBER, { TemplateParam: `{"code":"${CODE}"}` })).toMatchObject({
    Code: 'OK',
  });
  await eventually('the submit', async () =>
    carrier.submits.find(({ number }) => number.endsWith(DOUBTFUL_NUMBER)),
  );
  metrics += await (await fetch(`${sender.url}/metrics`)).text();
  output += server.output();
  await server.kill();
  server = await startServer({ dataDir: dir, env });
  await eventually('the doubt', async () =>
    (await readMessages(dir)).some(({ state }) => state === 'in_doubt') ? true : undefined,
  );
  metrics += await (await fetch(`${server.ready.url}/metrics`)).text();
}

/** A call as no SDK makes it. */
async function raw(sender: Sender, call: { action: string; query: Record<string, string> }): Promise<void> {
  const { host } = new URL(sender.url);
  const text = signedRequest(sender, { host, ...call, now: new Date(), nonce: randomUUID() }).toString(
    'latin1',
  );
  const [line, ...headers] = text.split('\r\n');
  const named = headers
    .filter(Boolean)
    .map((header) => header.split(/: (.*)/s).slice(0, 2) as [string, string]);
  const sendable = named.filter(([name]) => !/^(host|connection|content-length)$/i.test(name));
  const answer = await fetch(`${sender.url}${line!.split(' ')[1]}`, { method: 'POST', headers: sendable });
  expect(answer.ok ? ((await answer.json()) as { Code: string }).Code : 'refused').not.toBe('OK');
}

describe('personal data after a full run', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    dir = makeDataDir('signet-personal-');
    temporary = join(dir, 'tmp');
    mkdirSync(temporary);
    carrier = await startCarrier();
    endpoint = await startWebhookEndpoint();
    await liveThroughADay();
  });
  afterAll(async () => {
    await server?.stop();
    endpoint?.close();
    await carrier?.close();
    removeDataDir(dir);
  });

  it('the search itself finds each form', () => {
    for (const { octets, name } of FORMS) {
      expect(found('here', Buffer.concat([Buffer.alloc(9, 7), octets, Buffer.alloc(9, 7)]), FORMS)).toContain(
        `here: ${name}`,
      );
    }
    const encoded = Buffer.from(Buffer.from(`ab{"phone":"+86${NUMBER}"}`).toString('base64'));
    expect(found('here', encoded, formsOf(NUMBER))).not.toEqual([]);
  });

  it('stands in clear in no row, whatever its form', async () => {
    const places = await asOwner(dir, async (client) => {
      const { rows: tables } = await client.query<{ name: string }>(
        `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
      );
      const hits: string[] = [];
      for (const { name } of tables) {
        const { rows } = await client.query<{ row: string }>(`select t::text as row from "${name}" t`);
        hits.push(...found(name, Buffer.from(rows.map(({ row }) => row).join('\n')), FORMS));
      }
      return hits;
    });
    expect(places).toEqual([]);
  });

  it('stands in clear in no file: database, its log ahead, keys, sockets, temporary files', async () => {
    await asOwner(dir, (client) => client.query('checkpoint'));
    expect(readdirSync(join(dir, 'data', 'postgres', 'pg_wal')).length).toBeGreaterThan(0);
    expect(foundBelow(dir, FORMS)).toEqual([]);
    output += server.output();
    expect(await server.stop()).toBe(0);
  });

  it('stands in clear in no line of output and in no metric', () => {
    expect(output.length).toBeGreaterThan(1_000);
    expect(found('output', Buffer.from(output), FORMS)).toEqual([]);
    expect(metrics).toContain('# TYPE');
    expect(found('metrics', Buffer.from(metrics), FORMS)).toEqual([]);
  });
});
