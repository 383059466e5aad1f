import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSmsc } from '@signet/simulators/smsc';
import { afterAll, describe, expect, it } from 'vitest';
import { WORLD_START } from '../../../../../tests/world/messages.ts';
import { consoleWorldForTests, type Person } from './testing/console-world.ts';

const AT = new Date(WORLD_START).toISOString();
// A code whose check character is right (GB 32100-2015), of no company.
const QUALIFICATION = {
  name: 'main licence',
  company: 'Example Ltd',
  creditCode: '91350100M000100Y43',
  legalPerson: 'Zhang San',
  contactName: 'Li Si',
  contactPhone: '13800138000',
};

describe('operations of the console API', () => {
  const given = consoleWorldForTests();
  const closing: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const close of closing) await close();
  });

  const done = async (
    person: Person,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    payload?: object,
  ) => {
    const answer = await given().ask(person, {
      method,
      url: `/api${path}`,
      ...(payload === undefined ? {} : { payload }),
    });
    expect([path, answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([path, 200, '']);
    return answer.json();
  };
  const refused = async (
    person: Person,
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET',
    path: string,
    payload?: object,
  ) =>
    (
      await given().ask(person, { method, url: `/api${path}`, ...(payload === undefined ? {} : { payload }) })
    ).json().code;

  it('creates a tenant whose first user can sign in', async () => {
    const { people, ask } = given();
    const made = await done(people.operator, 'POST', '/tenants', { name: 'tenant c', userName: 'carol' });
    const { items } = await done(people.operator, 'GET', '/tenants');
    expect(items).toContainEqual({
      id: made.tenantId,
      name: 'tenant c',
      state: 'active',
      sandbox: false,
      createdAt: AT,
    });
    const payload = { name: 'carol', password: made.oneTimePassword };
    const signedIn = await ask(null, { method: 'POST', url: '/api/session', payload });
    expect(signedIn.json()).toMatchObject({ tenantId: made.tenantId, mustChangePassword: true });
    expect(await refused(people.operator, 'POST', '/tenants', { name: 'tenant c', userName: 'dave' })).toBe(
      'conflict',
    );
  });

  it('takes qualification, signature and template through application and review', async () => {
    const { people, tenants } = given();
    const own = `/tenants/${tenants.a}`;
    const qualification = await done(people.a, 'POST', `${own}/qualifications`, QUALIFICATION);
    expect(qualification).toMatchObject({ state: 'in_review', ownUse: true, createdAt: AT });
    expect(JSON.stringify(qualification)).not.toContain('13800138000');
    expect(await refused(people.a, 'POST', `${own}/qualifications`, QUALIFICATION)).toBe('conflict');
    const decide = async (subject: string, approve: boolean, reason = '') => {
      const { items } = await done(people.reviewer, 'GET', `/reviews?subject=${subject}`);
      expect(items).toHaveLength(1);
      return done(people.reviewer, 'POST', `/reviews/${items[0].id}/decision`, { approve, reason });
    };
    expect(await decide('qualification', true)).toMatchObject({ state: 'approved', tenantName: 'tenant a' });

    const draft = { name: '示例科技', source: 0, qualificationId: qualification.id };
    const signature = await done(people.a, 'POST', `${own}/signatures`, draft);
    expect(signature).toMatchObject({ state: 'in_review', codeOnly: false });
    expect(await decide('signature', false, 'no such brand')).toMatchObject({
      state: 'rejected',
      decidedBy: people.reviewer.name,
    });
    expect((await done(people.a, 'GET', `${own}/signatures`)).items).toMatchObject([
      { state: 'rejected', reason: 'no such brand', decidedAt: AT },
    ]);

    const content = '您的验证码是${code}';
    const template = await done(people.a, 'POST', `${own}/templates`, {
      name: 'code',
      kind: 'code',
      content,
      variables: {},
    });
    const changed = { name: 'login', kind: 'code', content: `${content}。`, variables: {} };
    expect(await done(people.a, 'PUT', `${own}/templates/${template.id}`, changed)).toMatchObject({
      name: 'login',
      code: template.code,
    });
    expect(await done(people.a, 'GET', `${own}/overview`)).toMatchObject({
      held: 0,
      inReview: 1,
      webhook: 'unset',
    });
    expect(await decide('template', true)).toMatchObject({ state: 'approved', text: `${content}。` });
    expect(await refused(people.a, 'PUT', `${own}/templates/${template.id}`, changed)).toBe('conflict');
    const { items } = await done(people.reviewer, 'GET', '/reviews?state=decided');
    // The template was changed while its first review was open.
    const states = items.map(({ state }: { state: string }) => state).sort();
    expect(states).toEqual(['approved', 'approved', 'lapsed', 'rejected']);

    await done(people.a, 'DELETE', `${own}/templates/${template.id}`);
    await done(people.a, 'DELETE', `${own}/signatures/${signature.id}`);
    expect(await refused(people.a, 'DELETE', `${own}/signatures/17`)).toBe('not_found');
    expect((await done(people.a, 'GET', `${own}/templates`)).items).toEqual([]);
  });

  it('sends through the accept path as the person who is signed in', async () => {
    const { people, tenants, sent, serve } = given();
    const body = {
      phone: '138 0013 8000',
      signName: '示例',
      templateCode: 'SMS_100000001',
      templateParams: { code: '1234' },
    };
    const path = `/tenants/${tenants.a}/messages`;
    expect(await done(people.a, 'POST', path, body)).toEqual({ code: 'OK', message: 'OK', bizId: '1^0' });
    expect(sent.splice(0)).toEqual([
      {
        tenantId: tenants.a,
        actor: `user:${people.a.userId}`,
        requestId: expect.stringMatching(/^request-\d+$/),
        recipients: [
          {
            number: '138 0013 8000',
            signName: '示例',
            templateCode: 'SMS_100000001',
            params: { code: '1234' },
            extendCode: '',
          },
        ],
        outId: null,
        repeat: null,
        nonce: null,
      },
    ]);
    const refusal = {
      code: 'message.signature_unusable',
      step: 5,
      wire: 'isv.X',
      message: 'not approved',
    } as const;
    const app = serve({ send: async () => ({ code: 'isv.X', message: 'not approved', refusal }) });
    const headers = { cookie: `signet_session=${people.a.cookie}`, 'x-signet-console': '1' };
    const answer = await app.inject({ method: 'POST', url: `/api${path}`, headers, payload: body });
    expect(answer.json()).toEqual({ code: 'isv.X', message: 'not approved', bizId: null });
  });

  it('shows messages masked, one in its steps, and one in clear for a reason that is audited', async () => {
    const { people, tenants, world } = given();
    const sender = await world.addSender('sender');
    const [id] = await world.sent(sender, ['13900000001']);
    const own = `/tenants/${sender.tenantId}/messages`;
    const { items, total } = await done(people.operator, 'GET', `${own}?search=13900000001&limit=10`);
    expect([total, items[0].id, items[0].phone]).toEqual([1, id, '139****0001']);
    const detail = await done(people.operator, 'GET', `${own}/${id}`);
    expect(detail.steps).toHaveLength(20);
    expect(JSON.stringify(detail)).not.toContain('13900000001');
    expect(await refused(people.operator, 'POST', `${own}/${id}/unmask`, { reason: ' ' })).toBe(
      'invalid_request',
    );
    const clear = await done(people.operator, 'POST', `${own}/${id}/unmask`, {
      reason: 'the customer asked',
    });
    expect(clear.phone).toContain('13900000001');
    const { items: entries } = await done(people.operator, 'GET', '/audit?limit=5');
    expect(entries[0]).toMatchObject({ action: 'message.unmasked', actor: `user:${people.operator.userId}` });
    expect(await refused(people.a, 'GET', `/tenants/${tenants.a}/messages/${id}`)).toBe('not_found');
    await done(people.a, 'GET', `/tenants/${tenants.a}/refusals`);
    expect(await done(people.a, 'GET', `/tenants/${tenants.a}/inbound`)).toEqual({
      items: [],
      total: 0,
      next: null,
    });
  });

  it('lists opt-outs and lifts one for a reason', async () => {
    const { people, tenants, deps } = given();
    const { add } = deps.optOuts as unknown as {
      add(tenantId: string, number: string, actor: string): Promise<void>;
    };
    for (const number of ['13900000002', '13900000003']) await add(tenants.a, number, 'user:1');
    const path = `/tenants/${tenants.a}/opt-outs`;
    const first = await done(people.a, 'GET', `${path}?limit=1`);
    expect(first).toMatchObject({
      total: 2,
      items: [{ phone: '139****0003', source: 'console', signName: null, at: AT }],
    });
    const second = await done(people.a, 'GET', `${path}?limit=1&cursor=${first.next}`);
    expect(second).toMatchObject({ next: null, items: [{ phone: '139****0002' }] });
    await done(people.a, 'DELETE', `${path}/${second.items[0].id}`, { reason: 'consent renewed' });
    expect(await refused(people.a, 'DELETE', `${path}/${second.items[0].id}`, { reason: 'again' })).toBe(
      'not_found',
    );
  });

  it('makes, stops and rotates access keys, each secret told once', async () => {
    const { people, tenants } = given();
    const path = `/tenants/${tenants.a}/keys`;
    const { key, secret } = await done(people.a, 'POST', path, { remark: 'billing' });
    expect(key).toEqual({
      id: expect.stringMatching(/^LTAI/),
      state: 'active',
      remark: 'billing',
      createdAt: AT,
      lastUsedAt: null,
    });
    const rotated = await done(people.a, 'POST', `${path}/${key.id}/rotation`);
    expect(rotated.secret).not.toBe(secret);
    expect(await done(people.a, 'PATCH', `${path}/${key.id}`, { state: 'inactive' })).toMatchObject({
      state: 'inactive',
    });
    const listed = await done(people.a, 'GET', path);
    expect(listed.items).toHaveLength(1);
    expect(JSON.stringify(listed)).not.toContain(rotated.secret);
    for (let i = 1; i < 5; i++) await done(people.a, 'POST', path, {});
    expect(await refused(people.a, 'POST', path, {})).toBe('limit_reached');
    expect(await refused(people.b, 'POST', `/tenants/${tenants.b}/keys/${key.id}/rotation`)).toBe(
      'not_found',
    );
  });

  it('sets and tries the webhook', async () => {
    const { people, tenants } = given();
    const endpoint = createServer((_request, response) => response.end('{"code":0,"msg":"ok"}')).listen(
      0,
      '127.0.0.1',
    );
    await once(endpoint, 'listening');
    closing.push(async () => endpoint.close());
    const reportUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/reports`;
    const path = `/tenants/${tenants.a}/webhook`;
    const { webhook, secret } = await done(people.a, 'PUT', path, { reportUrl, inboundUrl: null });
    expect(webhook).toMatchObject({ reportUrl, inboundUrl: null, state: 'healthy', waiting: 0 });
    expect(secret).toBeTypeOf('string');
    expect(await done(people.a, 'PUT', path, { reportUrl, inboundUrl: null })).toMatchObject({
      secret: null,
    });
    expect(await done(people.a, 'POST', `${path}/test`, { kind: 'report' })).toMatchObject({
      delivered: true,
      status: 200,
    });
    expect(await done(people.a, 'POST', `${path}/test`, { kind: 'inbound' })).toMatchObject({
      delivered: false,
      status: null,
    });
    expect(await done(people.a, 'GET', path)).toEqual(webhook);
    const { owner } = given().world;
    await owner.query(
      `insert into deliveries (tenant_id, id, kind, event_ids, state, tries, last_status, created_at, next_at)
       values ($1, 5, 'report', '{7,8}', 'dead', 9, 'timeout', $2, $2)`,
      [tenants.a, new Date(WORLD_START)],
    );
    const { items } = await done(people.a, 'GET', `/tenants/${tenants.a}/deliveries?state=dead`);
    expect(items).toEqual([
      {
        id: '5',
        kind: 'report',
        events: 2,
        state: 'dead',
        attempts: 9,
        lastStatus: 'timeout',
        createdAt: AT,
        nextAt: null,
      },
    ]);
    const replayed = await done(people.a, 'POST', `/tenants/${tenants.a}/deliveries/5/replay`);
    expect(replayed).toMatchObject({ state: 'waiting', nextAt: AT });
    expect(await refused(people.b, 'POST', `/tenants/${tenants.b}/deliveries/5/replay`)).toBe('not_found');
  });

  it('adds a carrier, binds to it, pauses it; its phone shows, answers and behaves', async () => {
    const { people } = given();
    const world = given();
    expect(await refused(people.operator, 'GET', '/sandbox/phone')).toBe('sandbox_off');
    const smsc = await startSmsc(
      { host: '127.0.0.1', port: 0, systemId: 'sandbox', password: 'sandbox' },
      { now: Date.now },
    );
    closing.push(() => smsc.close());
    world.phones = smsc;
    const draft = {
      name: 'carrier one',
      host: '127.0.0.1',
      port: smsc.port,
      systemId: 'sandbox',
      password: 'sandbox',
      sourceAddress: '10690000',
    };
    const reply = { to: '10690000', text: '退订' };
    expect(await refused(people.operator, 'POST', '/sandbox/phone/replies', reply)).toBe(
      'carrier_unreachable',
    );
    expect(await done(people.operator, 'POST', '/carriers/test', draft)).toMatchObject({ bound: true });
    expect(
      await done(people.operator, 'POST', '/carriers/test', { ...draft, password: 'wrong' }),
    ).toMatchObject({ bound: false });

    const created = await done(people.operator, 'POST', '/carriers', draft);
    expect(created).toMatchObject({
      name: 'carrier one',
      window: 32,
      perSecond: 0,
      sandbox: false,
      enabled: true,
      queued: 3,
    });
    expect(JSON.stringify(created)).not.toContain('assword');
    expect(await refused(people.operator, 'POST', '/carriers', draft)).toBe('conflict');
    const link = async () => (await done(people.operator, 'GET', '/carriers')).items[0];
    await expect.poll(async () => (await link()).link).toBe('bound');

    const sent = await done(people.operator, 'POST', '/sandbox/phone/replies', reply);
    expect(sent).toMatchObject({
      direction: 'sent',
      from: '13800138000',
      to: '10690000',
      text: '退订',
      segments: 1,
    });
    await done(people.operator, 'PUT', '/sandbox/phone/behaviour', { behaviour: 'reject' });
    await done(people.operator, 'POST', '/sandbox/phone/replies', { ...reply, text: 'second' });
    const phone = await done(people.operator, 'GET', '/sandbox/phone');
    expect(phone).toMatchObject({ number: '13800138000', behaviour: 'reject' });
    expect(phone.messages.map(({ text }: { text: string }) => text)).toEqual(['second', '退订']);

    const paused = await done(people.operator, 'PATCH', `/carriers/${created.id}`, { enabled: false });
    expect(paused).toMatchObject({ enabled: false, link: 'closed' });
    const nobody = { ...draft, name: 'carrier two', port: 1 };
    await done(people.operator, 'POST', '/carriers', nobody);
    const reasons = async () => (await done(people.operator, 'GET', '/carriers')).items[1].linkReason;
    await expect.poll(reasons).toContain('nobody answers at this address');
    expect(await refused(people.operator, 'PATCH', '/carriers/17', { enabled: true })).toBe('not_found');
  });

  it('pages through the audit log and signs it', async () => {
    const { people } = given();
    const first = await done(people.operator, 'GET', '/audit?limit=3');
    expect(first.items.map(({ index }: { index: string }) => Number(index))).toEqual(
      [1, 2, 3].map((i) => first.total - i),
    );
    expect(first.next).toBe(first.items[2].index);
    const rest = await done(people.operator, 'GET', `/audit?limit=200&cursor=${first.next}`);
    expect(rest.items[0].index).toBe(String(Number(first.next) - 1));
    expect([rest.items.at(-1).index, rest.next]).toEqual(['0', null]);
    const { checkpoint, verifierKey, size } = await done(people.operator, 'POST', '/audit/checkpoint');
    expect(checkpoint).toContain(`signet/audit\n${size}\n`);
    expect(verifierKey).toContain('signet/audit+');
  });
});
