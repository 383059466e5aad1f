import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { consoleApi } from './console-api.ts';
import { consoleWorldForTests, type Person } from './testing/console-world.ts';

const HOUR_MS = 3_600_000;
const CHANGES = { method: 'POST', url: '/api/audit/checkpoint' } as const;

describe('sessions of the console', () => {
  const given = consoleWorldForTests();
  const signIn = ({ name, password }: { name: string; password: string }, remoteAddress = '127.0.0.1') =>
    given().ask(null, { method: 'POST', url: '/api/session', payload: { name, password }, remoteAddress });

  it('signs in with a cookie that scripts and other sites do not get', async () => {
    const { people, world } = given();
    const answer = await signIn(people.a);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ name: people.a.name, role: 'tenant', tenantId: people.a.tenantId });
    expect(answer.headers['cache-control']).toBe('no-store');
    const [cookie] = answer.cookies;
    expect(cookie).toMatchObject({
      name: 'signet_session',
      path: '/api',
      httpOnly: true,
      sameSite: 'Strict',
    });
    expect(cookie).not.toHaveProperty('secure');
    expect(cookie).not.toHaveProperty('domain');
    expect(cookie!.expires!.getTime()).toBe(world.now + 12 * HOUR_MS);
    expect(answer.body).not.toContain(cookie!.value);
  });

  it('marks the cookie as secure over TLS', async () => {
    const { deps, people } = given();
    const app = Fastify({ trustProxy: 'loopback' });
    await app.register(consoleApi(deps));
    const answer = await app.inject({
      method: 'POST',
      url: '/api/session',
      payload: { name: people.a.name, password: people.a.password },
      headers: { 'x-signet-console': '1', 'x-forwarded-proto': 'https' },
    });
    expect(answer.cookies[0]).toMatchObject({ secure: true, httpOnly: true });
    await app.close();
  });

  it('does not tell a wrong password from an unknown name', async () => {
    const { people } = given();
    const wrong = await signIn({ name: people.b.name, password: 'a wrong password' });
    const unknown = await signIn({ name: 'nobody-here', password: 'a wrong password' });
    for (const answer of [wrong, unknown]) {
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(answer.cookies).toEqual([]);
    }
    expect({ ...wrong.json(), id: '' }).toEqual({ ...unknown.json(), id: '' });
    expect(wrong.json().code).toBe('wrong_credentials');
  });

  it('stops guessing, and says when to come again', async () => {
    const { addPerson } = given();
    const person = await addPerson('reviewer', null);
    const codes: string[] = [];
    for (let i = 0; i < 11; i++) {
      codes.push((await signIn({ name: person.name, password: `guess ${i}` }, '192.0.2.1')).json().code);
    }
    expect(codes.at(0)).toBe('wrong_credentials');
    expect(codes.at(-1)).toBe('too_many_attempts');
    const right = await signIn(person, '192.0.2.1');
    expect([right.statusCode, right.json().code]).toEqual([429, 'too_many_attempts']);
    expect(Number(right.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('ends a session after 12 hours', async () => {
    const { addPerson, ask, world } = given();
    const person = await addPerson('operator', null);
    const until = world.now + 12 * HOUR_MS;
    world.now = until - 1;
    expect((await ask(person, { url: '/api/session' })).statusCode).toBe(200);
    world.now = until;
    const answer = await ask(person, { url: '/api/session' });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'not_signed_in']);
    expect((await ask(person, { url: '/api/tenants' })).json().code).toBe('not_signed_in');
  });

  it('signs out, takes the cookie back, and the token is worth nothing then', async () => {
    const { ask, people } = given();
    const cookie = (await signIn(people.operator)).cookies[0]!.value;
    const person = { cookie } as Person;
    expect((await ask(person, { url: '/api/tenants' })).statusCode).toBe(200);
    const answer = await ask(person, { method: 'DELETE', url: '/api/session' });
    expect(answer.json()).toEqual({ ok: true });
    expect(answer.cookies[0]).toMatchObject({ name: 'signet_session', value: '', path: '/api' });
    expect((await ask(person, { url: '/api/tenants' })).statusCode).toBe(401);
    expect((await ask(null, { method: 'DELETE', url: '/api/session' })).json()).toEqual({ ok: true });
  });

  it('changes a password only for one who knows the present one, and only to a good one', async () => {
    const { addPerson, ask } = given();
    const person = await addPerson('reviewer', null);
    const change = (payload: { current: string; next: string }, who: Person | null = person) =>
      ask(who, { method: 'PUT', url: '/api/session/password', payload });
    expect((await change({ current: 'not mine at all', next: 'another good one' })).json().code).toBe(
      'wrong_credentials',
    );
    expect((await change({ current: person.password, next: 'short' })).json().code).toBe('password_too_weak');
    expect((await change({ current: 'x', next: 'y' }, null)).json().code).toBe('not_signed_in');
    const other = (await signIn(person)).cookies[0]!.value;
    expect((await change({ current: person.password, next: 'another good one' })).statusCode).toBe(200);
    expect((await ask({ ...person, cookie: other }, { url: '/api/session' })).statusCode).toBe(401);
    expect((await ask(person, { url: '/api/session' })).statusCode).toBe(200);
  });

  describe('against other sites', () => {
    const refused: [string, Record<string, string | undefined>][] = [
      ['without the header', { 'x-signet-console': undefined }],
      ['with another value', { 'x-signet-console': '0' }],
      ['from another origin', { origin: 'https://evil.example' }],
      ['from the same host on another port', { origin: 'http://localhost:8081' }],
      ['from nowhere', { origin: 'null' }],
      ['from a sandboxed frame of another site', { 'sec-fetch-site': 'cross-site' }],
      ['from a sister host', { 'sec-fetch-site': 'same-site' }],
      ['typed into the address bar', { 'sec-fetch-site': 'none' }],
    ];
    const headersOf = (cookie: string, changed: Record<string, string | undefined>): Record<string, string> =>
      Object.fromEntries(
        Object.entries({ host: 'localhost:80', 'x-signet-console': '1', cookie, ...changed }).flatMap(
          ([name, value]) => (value === undefined ? [] : [[name, value]]),
        ),
      );

    for (const [what, changed] of refused) {
      it(`refuses a change ${what}`, async () => {
        const { app, addPerson } = given();
        const cookie = `signet_session=${(await addPerson('operator', null)).cookie}`;
        const answer = await app.inject({ ...CHANGES, headers: headersOf(cookie, changed) });
        expect([answer.statusCode, answer.json().code]).toEqual([403, 'cross_site']);
      });
    }

    it('takes it from the console, and from a script that sends the header', async () => {
      const { app, addPerson } = given();
      const cookie = `signet_session=${(await addPerson('operator', null)).cookie}`;
      const browser = { origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' };
      expect((await app.inject({ ...CHANGES, headers: headersOf(cookie, {}) })).statusCode).toBe(200);
      expect(
        (await app.inject({ ...CHANGES, headers: headersOf(cookie, { ...browser, host: 'localhost' }) }))
          .statusCode,
      ).toBe(200);
      const behindProxy = { origin: 'https://console.example', host: 'console.example' };
      expect((await app.inject({ ...CHANGES, headers: headersOf(cookie, behindProxy) })).statusCode).toBe(
        200,
      );
    });

    it('refuses a sign-in too, before the password is looked at', async () => {
      const { app, people } = given();
      const { name, password } = people.operator;
      const answer = await app.inject({ method: 'POST', url: '/api/session', payload: { name, password } });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'cross_site']);
      expect(answer.cookies).toEqual([]);
    });
  });
});
