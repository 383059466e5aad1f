import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { Writable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actionTable } from './dispatch.ts';
import { businessError, gatewayError } from './errors.ts';
import { aliyunRpc, type CallRecord } from './routes.ts';
import { signingSecret } from './signing-keys.ts';

const log: string[] = [];
const records: CallRecord[] = [];
let app: FastifyInstance;
let origin: string;

beforeAll(async () => {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log.push(String(chunk));
      done();
    },
  });
  app = fastify({ logger: { level: 'trace', stream }, forceCloseConnections: true });
  await app.register(
    aliyunRpc({
      now: () => Date.parse('2026-03-01T10:00:00Z'),
      findKey: (accessKeyId) => {
        if (accessKeyId === 'down') return Promise.reject(new Error('store is down'));
        if (accessKeyId === 'busy') return Promise.reject(gatewayError('ServiceUnavailable'));
        return { accessKeyId, secret: signingSecret('s'), status: 'Active', tenantId: 't' };
      },
      rememberNonce: () => true,
      nonceDigest: () => '',
      requestId: () => '00000000-0000-4000-8000-00000000000A',
      table: actionTable([]),
      authorise: async () => businessError('isp.RAM_PERMISSION_DENY', 'no'),
      reportFailure: () => undefined,
      observe: (record) => records.push(record),
      recommend: (code) => `see ${code}`,
      bodyLimitOctets: 10_000,
      fallback: async (request, reply) => {
        if (request.headers['x-break'] !== undefined) throw new Error('console is broken');
        return reply.type('text/html').send('<p>console</p>');
      },
    }),
  );
  app.post('/api/thing', async (request) => ({ got: request.body }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
});

afterAll(() => app.close());

const attempt =
  '/?AccessKeyId=k&Action=SendSms&PhoneNumbers=13800138000&Signature=x&SignatureMethod=HMAC-SHA1&SignatureNonce=n&Timestamp=2026-03-01T10%3A00%3A00Z&Version=2017-05-25';

async function code(path: string, init: RequestInit = {}): Promise<[number, string]> {
  const response = await fetch(origin + path, init);
  expect(response.headers.get('content-type')).toBe('application/json;charset=utf-8');
  const body = (await response.json()) as Record<string, string>;
  expect(body.RequestId).toBe('00000000-0000-4000-8000-00000000000A');
  expect(body.HostId).toBe(origin.slice('http://'.length));
  expect(body.Recommend).toBe(`see ${body.Code}`);
  return [response.status, body.Code as string];
}

describe('the route /', () => {
  it('leaves everything that is no API call to the console', async () => {
    for (const path of ['/', '/?page=%', '/?from=mail&Signatur=1']) {
      const response = await fetch(origin + path);
      expect(await response.text()).toBe('<p>console</p>');
    }
    expect((await fetch(`${origin}/`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${origin}/`, { headers: { 'x-break': '1' } })).status).toBe(500);
  });

  it('leaves the body parsers of other routes as they are', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${origin}/api/thing`, { method: 'POST', headers, body: '{"a":1}' });
    expect(await response.json()).toEqual({ got: { a: 1 } });
  });

  it('refuses anonymous posts whatever their type and body', async () => {
    const types = [undefined, 'application/json', 'text/plain', 'multipart/form-data', 'a/b; c=d'];
    for (const type of types) {
      for (const body of [undefined, '', 'x', '{"a":1}']) {
        const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
        const octets = body === undefined ? undefined : new TextEncoder().encode(body);
        expect(await code('/', { method: 'POST', headers, body: octets })).toEqual([
          400,
          'MissingAccessKeyId',
        ]);
      }
    }
  });

  it('refuses a body whose content type is no media type, and looks away where there is no body', async () => {
    for (const type of ['x', ';;;', '']) {
      const empty = { method: 'POST', headers: { 'content-type': type } };
      expect(await code(attempt, empty)).toEqual([400, 'SignatureDoesNotMatch']);
      const init = {
        method: 'POST',
        headers: { 'content-type': type },
        body: new TextEncoder().encode('A=1'),
      };
      expect(await code('/', init)).toEqual([400, 'InvalidParameter.Format']);
    }
  });

  it('answers calls by GET, POST without a body, and chunked forms', async () => {
    expect(await code(attempt)).toEqual([400, 'SignatureDoesNotMatch']);
    expect(await code(attempt, { method: 'POST' })).toEqual([400, 'SignatureDoesNotMatch']);
    const chunked = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('AccessKeyId=k&Sig'));
        controller.enqueue(new TextEncoder().encode('nature=x'));
        controller.close();
      },
    });
    const init = { method: 'POST', body: chunked, duplex: 'half' } as RequestInit;
    expect(await code('/', init)).toEqual([400, 'MissingSignatureMethod']);
    expect(await code(attempt, { method: 'PUT' })).toEqual([400, 'UnsupportedHTTPMethod']);
    expect(await code('/?Signature=%')).toEqual([400, 'InvalidParameter.Format']);
  });

  it('refuses a body over the limit, announced or not', async () => {
    const body = `AccessKeyId=${'k'.repeat(20_000)}`;
    expect(await code('/', { method: 'POST', body })).toEqual([413, 'RequestBodyTooLarge']);
    const stream = new Blob([body]).stream();
    const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit;
    expect(await code('/', init)).toEqual([413, 'RequestBodyTooLarge']);
  });

  it('answers in XML when asked', async () => {
    const response = await fetch(`${origin + attempt}&Format=XML`);
    expect(response.headers.get('content-type')).toBe('text/xml;charset=utf-8');
    expect(await response.text()).toContain('<Error><RequestId>');
  });

  it('says nothing of a failure inside', async () => {
    expect(await code(attempt.replace('AccessKeyId=k', 'AccessKeyId=down'))).toEqual([500, 'InternalError']);
    expect(await code(attempt.replace('AccessKeyId=k', 'AccessKeyId=busy'))).toEqual([
      503,
      'ServiceUnavailable',
    ]);
  });

  it('takes odd targets straight from the wire without HTML', async () => {
    const { port } = app.server.address() as AddressInfo;
    const targets = [
      '/?Signature=%ff',
      '/?Signature=1#x',
      `http://h/${attempt.slice(1)}`,
      '/?Signature=\u00e9',
      '/?%00&Signature',
    ];
    for (const target of targets) {
      const answer = await new Promise<string>((resolve, reject) => {
        let received = '';
        const socket = connect(port, '127.0.0.1', () => {
          socket.write(`GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`, 'latin1');
        });
        socket.on('data', (chunk) => {
          received += chunk;
        });
        socket.on('close', () => resolve(received));
        socket.on('error', reject);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).toMatch(/content-type: application\/json/i);
    }
  });

  it('observes every call and logs neither numbers nor strings to sign', async () => {
    expect(records).toContainEqual({
      requestId: '00000000-0000-4000-8000-00000000000A',
      sourceIp: '127.0.0.1',
      httpStatus: 400,
      code: 'SignatureDoesNotMatch',
      accessKeyId: 'k',
    });
    expect(JSON.stringify(records)).not.toContain('13800138000');
    expect(log.join('')).toContain('console is broken');
    expect(log.join('')).not.toMatch(/13800138000|SignatureNonce|string to sign/);
  });
});
