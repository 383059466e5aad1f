import { createRequire } from 'node:module';

/** An answer in the wire's own field names; a client's error is one with its code and message. */
export type Answered = { Code: string; Message: string } & Readonly<Record<string, unknown>>;

export type Account = { url: string; keyId: string; secret: string };

/** A client package as its users call it: an action with fields in the wire's names. */
export type Client = {
  readonly name: string;
  call(account: Account, action: string, fields: Readonly<Record<string, unknown>>): Promise<Answered>;
};

/** The unmodified packages are CommonJS with typings of their own; the tests need only this much of them. */
type Methods = Record<string, (...args: unknown[]) => Promise<unknown>>;
type Loaded = Record<string, new (...args: unknown[]) => Methods>;

const require = createRequire(import.meta.url);
const VERSION = '2017-05-25';

const decapitalised = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** What a call comes to, thrown or answered. */
async function outcome(calling: Promise<unknown>): Promise<Answered> {
  try {
    const answer = (await calling) as { body?: unknown };
    const body = (answer.body ?? answer) as { toMap?(): Record<string, unknown> };
    return (body.toMap?.() ?? body) as Answered;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return { Code: String(error.code), Message: error.message };
  }
}

const HOUR_MS = 3_600_000;
const AGO_MS = 5 * 60_000;

/** The day in UTC+8, as `yyyyMMdd`, newest first: two while what was sent a moment ago may be of yesterday. */
export function recentDays(): string[] {
  const dayOf = (ms: number): string =>
    new Date(ms + 8 * HOUR_MS).toISOString().slice(0, 10).replaceAll('-', '');
  return [...new Set([dayOf(Date.now()), dayOf(Date.now() - AGO_MS)])];
}

type Config = (own: NodeJS.Require, settings: Record<string, unknown>) => unknown;

/** The newest SDK takes its settings from openapi-core, those before from openapi-client. */
const ofCore: Config = (own, settings) => {
  const { $OpenApiUtil } = own('@alicloud/openapi-core') as { $OpenApiUtil: Loaded };
  return new $OpenApiUtil.Config!(settings);
};
const ofClient: Config = (own, settings) => new (own('@alicloud/openapi-client') as Loaded).Config!(settings);

/** The generated SDKs: a request class for each action, camel-case fields, `{body}` as answer. */
function generated(
  name: string,
  packageName: string,
  config: Config,
  settings: Record<string, unknown> = {},
): Client {
  return {
    name,
    call({ url, keyId, secret }, action, fields) {
      const sdk = require(packageName) as Loaded;
      const own = createRequire(require.resolve(packageName));
      const place = { endpoint: new URL(url).host, protocol: 'HTTP' };
      const client = new sdk.default!(
        config(own, { accessKeyId: keyId, accessKeySecret: secret, ...place, ...settings }),
      );
      const request = new sdk[`${action}Request`]!(camelCase(sdk, action, fields));
      return outcome(client[decapitalised(action)]!(request));
    },
  };
}

function camelCase(
  sdk: Loaded,
  action: string,
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      // The elements of a list have a class of their own.
      const Element = sdk[`${action}Request${name}`];
      const typed =
        Element !== undefined && Array.isArray(value)
          ? value.map((element: Record<string, unknown>) => new Element(camelCase(sdk, action, element)))
          : value;
      return [decapitalised(name), typed];
    }),
  );
}

function popCore(name: string, packageName: string, method: 'GET' | 'POST'): Client {
  return {
    name,
    call({ url, keyId, secret }, action, fields) {
      const PopCore = require(packageName) as Loaded[string];
      const client = new PopCore!({
        accessKeyId: keyId,
        accessKeySecret: secret,
        endpoint: url,
        apiVersion: VERSION,
      });
      return outcome(client.request!(action, fields, { method }));
    },
  };
}

const SMS_SDK_METHODS: Record<string, string> = {
  SendSms: 'sendSMS',
  SendBatchSms: 'sendBatchSMS',
  QuerySendDetails: 'queryDetail',
};

const smsSdk: Client = {
  name: '@alicloud/sms-sdk 1.1.6',
  call({ url, keyId, secret }, action, fields) {
    const SmsClient = require('@alicloud/sms-sdk') as Loaded[string];
    const client = new SmsClient!({
      accessKeyId: keyId,
      secretAccessKey: secret,
      smsApiEndpoint: url,
      baseApiEndpoint: url,
    });
    return outcome(client[SMS_SDK_METHODS[action]!]!(fields));
  },
};

const classic: Client = {
  name: '@alicloud/dysmsapi-2017-05-25 1.0.1',
  call({ url, keyId, secret }, action, fields) {
    const Dysms = require('@alicloud/dysmsapi-2017-05-25') as Loaded[string];
    const client = new Dysms!({ accessKeyId: keyId, accessKeySecret: secret, endpoint: url });
    return outcome(client[decapitalised(action)]!(fields, { method: 'POST' }));
  },
};

const NEWEST = '@alicloud/dysmsapi20170525';
export const newest = generated(`${NEWEST} 4.6.0 (V3)`, NEWEST, ofCore);
const newestV1 = generated(`${NEWEST} 4.6.0 (V1)`, NEWEST, ofCore, { signatureAlgorithm: 'v2' });
const of2024 = generated(`${NEWEST} 2.0.24`, 'dysmsapi-2-0-24', ofClient);
const first = generated(`${NEWEST} 2.0.1`, 'dysmsapi-2-0-1', ofClient);
const popPost = popCore('@alicloud/pop-core 1.8.0 POST', '@alicloud/pop-core', 'POST');
const popGet = popCore('@alicloud/pop-core 1.8.0 GET', '@alicloud/pop-core', 'GET');
const olderPop = popCore('@alicloud/pop-core 1.7.13 POST', 'pop-core-1-7-13', 'POST');

/** 4.6.0 with a header on each call, as `globalParameters` of its configuration allows. */
export const withHeaders = (headers: Record<string, string>): Client =>
  generated(newest.name, NEWEST, ofCore, { globalParameters: { headers, queries: {} } });

/** Seven packages, nine ways of asking. */
export const SENDING_CLIENTS: readonly Client[] = [
  newest,
  newestV1,
  of2024,
  first,
  popGet,
  popPost,
  olderPop,
  smsSdk,
  classic,
];

/** Those that know the newer names (Create, Update, Get), and those that know the older ones (Add, Modify, Query). */
export const NEWER_CLIENTS: readonly Client[] = [newest, newestV1, popPost];
export const OLDER_CLIENTS: readonly Client[] = [newest, of2024, first, olderPop];
