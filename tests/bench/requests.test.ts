import http from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { openConnection, parseAnswer } from '../../benchmarks/http-connection.ts';
import {
  buildRequests,
  isAccepted,
  phoneOf,
  type RequestPlan,
  runningOf,
  signedRequest,
} from '../../benchmarks/requests.ts';
import { verifyAcs3 } from './signature-check.ts';

const credential = { accessKeyId: 'bench-key', accessKeySecret: 'bench-secret' };
const now = new Date('2026-11-21T22:53:36.910Z');
const sending = { ...credential, host: '127.0.0.1:8080', signName: '启明', templateCode: 'SMS_154950909' };

interface Parsed {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

function parse(request: Buffer): Parsed {
  const headEnd = request.indexOf('\r\n\r\n');
  const [first = '', ...lines] = request.subarray(0, headEnd).toString().split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { method, target, headers, body: request.subarray(headEnd + 4) };
}

function verify(request: Buffer, secret = credential.accessKeySecret): Map<string, string> {
  const { method, target, headers, body } = parse(request);
  expect(headers['content-length']).toBe(String(body.length));
  return verifyAcs3(method, target, headers, body, secret);
}

function plan(kind: 'sendSms' | 'sendBatchSms', first: number, messages: number): RequestPlan {
  return { kind, ...sending, first, messages };
}

describe('signed requests', () => {
  it('signs SendSms so that an independent check holds, with distinct numbers and nonces', () => {
    const requests = buildRequests(plan('sendSms', 7, 50), now);
    expect(requests).toHaveLength(50);
    const parameters = requests.map((request) => verify(request));
    expect(parameters[0]?.get('PhoneNumbers')).toBe('8613000000007');
    expect(parameters[0]?.get('SignName')).toBe('启明');
    expect(parameters[0]?.get('TemplateParam')).toMatch(/^\{"code":"\d{6}"\}$/);
    expect(new Set(parameters.map((one) => one.get('PhoneNumbers'))).size).toBe(50);
    expect(new Set(requests.map((request) => parse(request).headers['x-acs-signature-nonce'])).size).toBe(50);
  });

  it('is refused by the check with another secret', () => {
    const [request] = buildRequests(plan('sendSms', 0, 1), now);
    expect(() => verify(request!, 'another')).toThrow('signature differs');
  });

  it('packs 100 recipients into a SendBatchSms, the rest into the last', () => {
    const calls = buildRequests(plan('sendBatchSms', 1000, 250), now).map((request) => verify(request));
    const list = (index: number, name: string) => JSON.parse(calls[index]?.get(name) ?? '[]') as unknown[];
    expect(calls.map((_, index) => list(index, 'PhoneNumberJson').length)).toEqual([100, 100, 50]);
    expect(calls.map((_, index) => list(index, 'SignNameJson').length)).toEqual([100, 100, 50]);
    expect(calls.map((_, index) => list(index, 'TemplateParamJson').length)).toEqual([100, 100, 50]);
    expect(list(2, 'PhoneNumberJson')[49]).toBe(phoneOf(1249));
  });

  it('holds for any parameter text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (query, form) => {
        const call = { host: 'h:1', action: 'A', query: { q: query }, form: { f: form }, now, nonce: 'n' };
        const parameters = verify(signedRequest(credential, call));
        expect(parameters.get('q')).toBe(query);
        expect(parameters.get('f')).toBe(form);
      }),
    );
  });

  it('asks Kannel for final reports only when there is a place for them', () => {
    const kannel = { kind: 'kannel', host: 'h:1', user: 'u', password: 'p', first: 5, messages: 1 } as const;
    const [plain] = buildRequests(kannel, now);
    const [reported] = buildRequests({ ...kannel, reportUrl: 'http://127.0.0.1:9/r' }, now);
    expect(parse(plain!).target).not.toContain('dlr');
    const search = new URL(parse(reported!).target, 'http://h').searchParams;
    expect(search.get('dlr-mask')).toBe('3');
    expect(search.get('dlr-url')).toBe('http://127.0.0.1:9/r?running=5');
    expect(search.get('to')).toBe(phoneOf(5));
  });

  it('reads the running number back from every form of a number', () => {
    for (const form of [phoneOf(42), `+${phoneOf(42)}`, phoneOf(42).slice(2)])
      expect(runningOf(form)).toBe(42);
  });
});

describe('answers', () => {
  it('takes only Code OK, and only 202 with 0: from Kannel', () => {
    expect(isAccepted('sendSms', 200, '{"Code":"OK","Message":"OK"}')).toBe(true);
    expect(isAccepted('sendSms', 200, '{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"OK"}')).toBe(false);
    expect(isAccepted('sendBatchSms', 500, '{"Code":"OK"}')).toBe(false);
    expect(isAccepted('kannel', 202, '0: Accepted for delivery')).toBe(true);
    expect(isAccepted('kannel', 202, '3: Queued for later delivery')).toBe(false);
  });

  it('waits for the whole body, counted or chunked', () => {
    const counted = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody';
    for (let end = 0; end < counted.length; end++) expect(parseAnswer(counted.slice(0, end))).toBeUndefined();
    expect(parseAnswer(counted)).toEqual({ status: 200, body: 'body' });
    const chunked = 'HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n';
    expect(parseAnswer(chunked)).toBeUndefined();
    expect(parseAnswer(`${chunked}0\r\n\r\n`)?.status).toBe(400);
  });
});

describe('connection', () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('sends again over one connection and opens a lost one anew', async () => {
    let requests = 0;
    const server = http.createServer((_, response) => {
      requests += 1;
      if (requests === 2) response.socket?.destroy();
      else response.end('{"Code":"OK"}');
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const request = Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    const story: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const connection = openConnection((server.address() as AddressInfo).port, {
      open(opened) {
        story.push('open');
        opened.send(request);
      },
      answer(answered, answer) {
        story.push(`answer ${answer.status}`);
        if (requests === 3) resolve();
        else answered.send(request);
      },
      lost(_, inFlight) {
        story.push(`lost ${inFlight}`);
      },
    });
    await promise;
    connection.close();
    expect(story).toEqual(['open', 'answer 200', 'lost true', 'open', 'answer 200']);
  });
});
