import { problem as problemSchema } from '@signet/contract';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../platform/domain-error.ts';
import { CommitUncertain } from '../../platform/group-commit.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { consoleWorldForTests } from './testing/console-world.ts';

const SECRET = 'password of 13800138000 is hunter2';

describe('problems of the console API', () => {
  const given = consoleWorldForTests();

  it('names each field that is wrong, in the language that was asked for, without its value', async () => {
    const { ask, people, tenants } = given();
    const url = `/api/tenants/${tenants.a}/messages`;
    const payload = { phone: '1', signName: 'x', templateParams: { code: 246810 }, more: 1 };
    const english = (await ask(people.a, { method: 'POST', url, payload })).json();
    expect(problemSchema.parse(english)).toMatchObject({ status: 400, code: 'invalid_request' });
    const paths = english.fields.map(({ path }: { path: string }) => path);
    expect(paths.sort()).toEqual(['body', 'body.phone', 'body.templateCode', 'body.templateParams.code']);
    expect(JSON.stringify(english)).not.toContain('246810');
    const headers = { 'accept-language': 'zh-CN,zh;q=0.9' };
    const chinese = (await ask(people.a, { method: 'POST', url, payload, headers })).json();
    expect(chinese.title).toBe(PROBLEM_TEXTS.invalid_request.title.zh);
    expect(chinese.fields.map(({ path }: { path: string }) => path).sort()).toEqual(paths);
    for (const { detail } of chinese.fields) expect(detail).toMatch(/\p{Script=Han}/u);
  });

  it('refuses what it cannot read at all', async () => {
    const { ask, people, tenants, failures } = given();
    const url = `/api/tenants/${tenants.a}/keys`;
    const send = (payload: string, type = 'application/json') =>
      ask(people.a, { method: 'POST', url, payload, headers: { 'content-type': type } });
    const statuses: Record<string, number> = {};
    for (const [what, answer] of Object.entries({
      'no JSON': await send('{"remark":'),
      'a poisoned prototype': await send('{"__proto__":{"role":"operator"}}'),
      'another media type': await send('<x/>', 'text/xml'),
      'a large body': await send(JSON.stringify({ remark: 'x'.repeat(70_000) })),
      'an unknown parameter': await ask(people.a, { url: `${url}?all=1` }),
      'a parameter twice': await ask(people.a, { url: `/api/tenants/${tenants.a}/messages?limit=1&limit=2` }),
      'a strange id': await ask(people.operator, { url: '/api/tenants/x/keys' }),
      'a strange cursor': await ask(people.a, { url: `/api/tenants/${tenants.a}/inbound?cursor=x'` }),
      'a cursor beyond the store': await ask(people.operator, {
        url: '/api/audit?cursor=9999999999999999999',
      }),
    })) {
      expect([what, answer.json().code]).toEqual([what, 'invalid_request']);
      statuses[what] = answer.statusCode;
    }
    expect(statuses).toMatchObject({
      'another media type': 415,
      'a large body': 413,
      'a strange cursor': 400,
    });
    expect(failures).toEqual([]);
  });

  it('answers a failure of ours with an id and no text, and reports it', async () => {
    const { deps, serve, people, failures } = given();
    const broken = new Error(SECRET);
    const app = serve({ accounts: { ...deps.accounts, listTenants: () => Promise.reject(broken) } });
    const headers = { cookie: `signet_session=${people.operator.cookie}` };
    const answer = await app.inject({ url: '/api/tenants', headers });
    const told = answer.json();
    expect(told).toMatchObject({ status: 500, code: 'internal', detail: PROBLEM_TEXTS.internal.detail.en });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
    expect(failures.splice(0)).toEqual([{ requestId: told.id, operation: 'listTenants', error: broken }]);
  });

  it('does not say that something failed when nobody knows', async () => {
    const { deps, serve, people, failures } = given();
    const lost = new CommitUncertain(SECRET);
    const app = serve({ audit: { ...deps.audit, checkpoint: () => Promise.reject(lost) } });
    const headers = { cookie: `signet_session=${people.operator.cookie}`, 'x-signet-console': '1' };
    const answer = await app.inject({ method: 'POST', url: '/api/audit/checkpoint', headers });
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'unavailable']);
    expect(answer.body).not.toContain('hunter2');
    expect(failures.splice(0)).toHaveLength(1);
  });

  it('says a refusal in the words of its module, in English and in Chinese', async () => {
    const { ask, people } = given();
    const payload = { approve: true };
    const request = { method: 'POST', url: '/api/reviews/17/decision', payload } as const;
    const english = await ask(people.reviewer, request);
    expect(english.statusCode).toBe(404);
    expect(english.json()).toMatchObject({
      code: 'not_found',
      title: 'Not found',
      detail: expect.stringContaining('no such review'),
    });
    const headers = { 'accept-language': 'zh' };
    const chinese = (await ask(people.reviewer, { ...request, headers })).json();
    expect(chinese).toMatchObject({
      code: 'not_found',
      title: '未找到',
      detail: '没有该审核项，请刷新列表。',
    });
  });

  it('puts a refusal beside the field that its module names', async () => {
    const { ask, people, tenants } = given();
    const payload = { reportUrl: 'http://169.254.169.254/latest', inboundUrl: null };
    const answer = await ask(people.a, { method: 'PUT', url: `/api/tenants/${tenants.a}/webhook`, payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'endpoint_refused', fields: [{ path: 'body.reportUrl' }] });
  });

  it('treats a refusal with a code that the contract does not have as a failure of ours', async () => {
    const { deps, serve, people, failures } = given();
    const error = new DomainError({ code: 'x.y', http: 418, problem: 'teapot', wire: '' }, SECRET);
    const app = serve({ accounts: { ...deps.accounts, listTenants: () => Promise.reject(error) } });
    const headers = { cookie: `signet_session=${people.operator.cookie}` };
    const answer = await app.inject({ url: '/api/tenants', headers });
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal']);
    expect(failures.splice(0)).toHaveLength(1);
  });

  it('notices an answer that breaks the contract or says more', async () => {
    const { deps, serve, people, failures } = given();
    const tenant = { id: '1', name: 'x', state: 'active' as const, sandbox: false, createdAt: new Date(0) };
    for (const listed of [
      { ...tenant, sealed: 'x' },
      { ...tenant, name: 1 as unknown as string },
    ]) {
      const app = serve({ accounts: { ...deps.accounts, listTenants: async () => [listed] } });
      const headers = { cookie: `signet_session=${people.operator.cookie}` };
      expect((await app.inject({ url: '/api/tenants', headers })).statusCode).toBe(500);
    }
    expect(failures.splice(0).map(({ error }) => String(error))).toEqual([
      'Error: the answer of listTenants says more than the contract',
      expect.stringContaining('items.0.name'),
    ]);
  });

  it('knows nothing else under /api', async () => {
    const { ask, people } = given();
    for (const url of ['/api', '/api/', '/api/tenant', '/api/session/x', '/api/../api/none']) {
      const answer = await ask(people.operator, { url });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 404, 'not_found']);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
    expect((await ask(people.operator, { method: 'DELETE', url: '/api/tenants' })).json().code).toBe(
      'not_found',
    );
  });
});
