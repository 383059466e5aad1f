import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Action, actionTable } from './dispatch.ts';
import { businessError } from './errors.ts';
import { param } from './params.ts';
import { aliyunRpc } from './routes.ts';
import { signingSecret } from './signing-keys.ts';

/** The unmodified clients are CommonJS with typings of their own; the test needs only this much of them. */
type Loaded = Record<
  string,
  new (
    ...args: unknown[]
  ) => Record<string, (...args: unknown[]) => Promise<unknown>>
>;

const require = createRequire(import.meta.url);
const KEY_ID = 'LTAItest0001';
const SECRET = 'secret-of-the-test';
const PARAM = '{"code":"1+2 3/4=5&6%7*8~9!()\'","name":"张三\\n😀"}';
const SENT = {
  PhoneNumbers: '13800138000',
  SignName: "启明 A*~!()'",
  TemplateCode: 'SMS_154950909',
  TemplateParam: PARAM,
};

let app: FastifyInstance;
let host: string;

/** Says back what arrived, so that a client's answer proves what we understood. */
const echo: Action = {
  name: 'SendSms',
  versions: ['2017-05-25'],
  ramAction: 'dysms:SendSms',
  required: ['PhoneNumbers', 'SignName', 'TemplateCode'],
  handle: async ({ params }) => {
    if (param(params, 'TemplateCode') === 'SMS_REFUSED')
      return businessError('isv.SMS_TEMPLATE_ILLEGAL', '模板不合法');
    const names = ['PhoneNumbers', 'SignName', 'TemplateCode', 'TemplateParam'];
    return { BizId: JSON.stringify(Object.fromEntries(names.map((name) => [name, param(params, name)]))) };
  },
};

beforeAll(async () => {
  const nonces = new Set<string>();
  app = fastify({ forceCloseConnections: true });
  await app.register(
    aliyunRpc({
      now: () => Date.now(),
      findKey: (accessKeyId) =>
        accessKeyId === KEY_ID
          ? { accessKeyId, secret: signingSecret(SECRET), status: 'Active', tenantId: 't' }
          : undefined,
      rememberNonce: async (accessKeyId, nonce) => {
        const isNew = !nonces.has(`${accessKeyId} ${nonce}`);
        nonces.add(`${accessKeyId} ${nonce}`);
        return isNew;
      },
      nonceDigest: () => '',
      requestId: () => crypto.randomUUID().toUpperCase(),
      table: actionTable([echo]),
      authorise: async () => undefined,
      reportFailure: ({ error }) => {
        throw error;
      },
      fallback: (_request, reply) => reply.code(404).send(),
    }),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  host = `127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});

afterAll(() => app.close());

interface Answer {
  code: string;
  message: string;
  bizId: string;
  requestId: string;
}

type Send = (keyId: string, secret: string, templateCode?: string) => Promise<Answer>;

/** The generated SDKs answer `{body: {code, bizId …}}` and throw errors with a `code`. */
function generated(packageName: string, settings: Record<string, string> = {}): Send {
  return async (keyId, secret, templateCode = SENT.TemplateCode) => {
    const sdk = require(packageName) as Loaded;
    const config = {
      accessKeyId: keyId,
      accessKeySecret: secret,
      endpoint: host,
      protocol: 'HTTP',
      ...settings,
    };
    const own = createRequire(require.resolve(packageName));
    const client = new sdk.default!(configFor(own, config));
    const request = new sdk.SendSmsRequest!({
      phoneNumbers: SENT.PhoneNumbers,
      signName: SENT.SignName,
      templateCode,
      templateParam: SENT.TemplateParam,
    });
    const answer = (await client.sendSms!(request)) as { body?: Answer } & Answer;
    return answer.body ?? answer;
  };
}

function configFor(own: NodeJS.Require, settings: Record<string, string>): unknown {
  const loaded = own('@alicloud/openapi-client') as Loaded;
  return new loaded.Config!(settings);
}

/** The older clients answer the wire's own field names. */
function wireNames(answer: unknown): Answer {
  const { Code, Message, BizId, RequestId } = answer as Record<string, string>;
  return { code: Code!, message: Message!, bizId: BizId!, requestId: RequestId! };
}

function popCore(packageName: string, method: 'GET' | 'POST'): Send {
  return async (keyId, secret, templateCode = SENT.TemplateCode) => {
    const PopCore = require(packageName) as Loaded[string];
    const client = new PopCore({
      accessKeyId: keyId,
      accessKeySecret: secret,
      endpoint: `http://${host}`,
      apiVersion: '2017-05-25',
    });
    const fields = { ...SENT, TemplateCode: templateCode };
    return wireNames(await client.request!('SendSms', fields, { method }));
  };
}

const smsSdk: Send = async (keyId, secret, templateCode = SENT.TemplateCode) => {
  const SmsClient = require('@alicloud/sms-sdk') as Loaded[string];
  const client = new SmsClient({
    accessKeyId: keyId,
    secretAccessKey: secret,
    smsApiEndpoint: `http://${host}`,
    baseApiEndpoint: `http://${host}`,
  });
  return wireNames(await client.sendSMS!({ ...SENT, TemplateCode: templateCode }));
};

const classic: Send = async (keyId, secret, templateCode = SENT.TemplateCode) => {
  const Client = require('@alicloud/dysmsapi-2017-05-25') as Loaded[string];
  const client = new Client({ accessKeyId: keyId, accessKeySecret: secret, endpoint: `http://${host}` });
  return wireNames(await client.sendSms!({ ...SENT, TemplateCode: templateCode }, { method: 'POST' }));
};

const clients: [string, Send, 'code in 200' | 'throws'][] = [
  ['@alicloud/dysmsapi20170525 4.6.0 (V3)', generated('@alicloud/dysmsapi20170525'), 'code in 200'],
  [
    '@alicloud/dysmsapi20170525 4.6.0 (V1)',
    generated('@alicloud/dysmsapi20170525', { signatureAlgorithm: 'v2' }),
    'code in 200',
  ],
  ['@alicloud/dysmsapi20170525 2.0.24', generated('dysmsapi-2-0-24'), 'code in 200'],
  ['@alicloud/dysmsapi20170525 2.0.1', generated('dysmsapi-2-0-1'), 'code in 200'],
  ['@alicloud/pop-core 1.8.0 GET', popCore('@alicloud/pop-core', 'GET'), 'throws'],
  ['@alicloud/pop-core 1.8.0 POST', popCore('@alicloud/pop-core', 'POST'), 'throws'],
  ['@alicloud/pop-core 1.7.13 GET', popCore('pop-core-1-7-13', 'GET'), 'throws'],
  ['@alicloud/pop-core 1.7.13 POST', popCore('pop-core-1-7-13', 'POST'), 'throws'],
  ['@alicloud/sms-sdk 1.1.6', smsSdk, 'throws'],
  ['@alicloud/dysmsapi-2017-05-25 1.0.1', classic, 'throws'],
];

describe.each(clients)('unmodified %s', (_name, send, refusal) => {
  it('sends, and reads our answer', async () => {
    const answer = await send(KEY_ID, SECRET);
    expect(answer).toMatchObject({ code: 'OK', message: 'OK' });
    expect(answer.requestId).toMatch(/^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
    expect(JSON.parse(answer.bizId)).toEqual(SENT);
  });

  it('is told of a wrong secret and an unknown key', async () => {
    await expect(send(KEY_ID, 'another-secret')).rejects.toMatchObject({
      code: expect.stringContaining('SignatureDoesNotMatch'),
    });
    await expect(send('LTAInobody', SECRET)).rejects.toMatchObject({
      code: expect.stringContaining('InvalidAccessKeyId.NotFound'),
    });
  });

  it('is told of a business refusal', async () => {
    const answer = send(KEY_ID, SECRET, 'SMS_REFUSED');
    if (refusal === 'throws')
      await expect(answer).rejects.toMatchObject({ code: 'isv.SMS_TEMPLATE_ILLEGAL' });
    else expect(await answer).toMatchObject({ code: 'isv.SMS_TEMPLATE_ILLEGAL', message: '模板不合法' });
  });
});
