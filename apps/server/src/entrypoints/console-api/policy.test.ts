import { type Operation, type OperationName, operations } from '@signet/contract';
import { describe, expect, it } from 'vitest';
import type { UserPrincipal } from '../../modules/trust/access/public.ts';
import { fillResource } from './guards.ts';
import { OPEN_OPERATIONS } from './operation-call.ts';
import { consoleWorldForTests, type Person } from './testing/console-world.ts';

const all = Object.entries(operations) as [OperationName, Operation][];
const guarded = all.filter(([, { action }]) => action !== 'open');

/** A request with good parameters and an empty body: what it wants is read only after it is allowed. */
function requestOf({ method, path }: Operation, tenantId: string) {
  const values: Record<string, string> = { tenantId, id: '1', keyId: 'LTAIunknown', position: '0' };
  const url = `/api${path.replaceAll(/:(\w+)/g, (_, name: string) => values[name]!)}`;
  return method === 'GET' ? { method, url } : { method, url, payload: {} };
}

describe('policy of the console API', () => {
  const given = consoleWorldForTests();

  const principalOf = (person: Person, role: UserPrincipal['role']): UserPrincipal => ({
    kind: 'user',
    userId: person.userId,
    name: person.name,
    role,
    tenantId: person.tenantId,
  });

  it('leaves open exactly the session operations', () => {
    expect(all.filter(([, { action }]) => action === 'open').map(([name]) => name)).toEqual([
      ...OPEN_OPERATIONS,
    ]);
  });

  const roles: readonly (readonly ['operator' | 'reviewer' | 'a', UserPrincipal['role']])[] = [
    ['operator', 'operator'],
    ['reviewer', 'reviewer'],
    ['a', 'tenant'],
  ];
  for (const [who, role] of roles) {
    it(`lets a ${role} do what its actions name, and nothing else`, async () => {
      const { ask, people, tenants, access } = given();
      const person = people[who];
      const allowed = new Set(access.actionsOf(principalOf(person, role)));
      const seen: Record<string, boolean> = {};
      const wanted: Record<string, boolean> = {};
      for (const [name, operation] of guarded) {
        const answer = await ask(person, requestOf(operation, tenants.a));
        expect([name, answer.statusCode]).not.toEqual([name, 500]);
        seen[name] = !(answer.statusCode === 403 && answer.json().code === 'forbidden');
        wanted[name] = allowed.has(operation.action);
      }
      expect(seen).toEqual(wanted);
    });
  }

  it('names the actions of each role in the session', async () => {
    const { ask, people, access } = given();
    for (const [who, role] of roles) {
      const { actions } = (await ask(people[who], { url: '/api/session' })).json();
      expect(actions).toEqual(access.actionsOf(principalOf(people[who], role)));
    }
    const { actions } = (await ask(people.reviewer, { url: '/api/session' })).json();
    expect(actions).toEqual(['signet:DecideReview', 'signet:ListReviews', 'signet:ReadReviewFile']);
  });

  it('keeps a tenant out of another one, in every operation that names a tenant', async () => {
    const { ask, people, tenants } = given();
    const ofTenant = guarded.filter(([, { path }]) => path.includes(':tenantId'));
    expect(ofTenant.length).toBeGreaterThan(20);
    for (const [name, operation] of ofTenant) {
      const answer = await ask(people.a, requestOf(operation, tenants.b));
      expect([name, answer.statusCode, answer.json().code]).toEqual([name, 403, 'forbidden']);
    }
    expect((await ask(people.a, { url: `/api/tenants/${tenants.b}/live` })).json().code).toBe('forbidden');
  });

  it('keeps a tenant from what belongs to the platform', async () => {
    const { ask, people } = given();
    for (const [name, operation] of guarded.filter(([, { resource }]) => resource === '*')) {
      const answer = await ask(people.a, requestOf(operation, ''));
      expect([name, answer.statusCode]).toEqual([name, 403]);
    }
  });

  it('wants a session for everything that is not open', async () => {
    const { ask, tenants } = given();
    for (const [name, operation] of guarded) {
      const answer = await ask(null, requestOf(operation, tenants.a));
      expect([name, answer.statusCode, answer.json().code]).toEqual([name, 401, 'not_signed_in']);
    }
    for (const path of [`/tenants/${tenants.a}/live`, '/reviews/live', '/sandbox/phone/live']) {
      expect((await ask(null, { url: `/api${path}` })).json().code).toBe('not_signed_in');
    }
  });

  it('opens nothing but the session to a one-time password', async () => {
    const { ask, accounts, tenants } = given();
    const { oneTimePassword } = await accounts.createOperator({
      name: 'fresh',
      role: 'operator',
      actor: 'system:test',
    });
    const payload = { name: 'fresh', password: oneTimePassword };
    const signedIn = await ask(null, { method: 'POST', url: '/api/session', payload });
    expect(signedIn.json().mustChangePassword).toBe(true);
    const person = { cookie: signedIn.cookies[0]!.value } as Person;
    for (const [name, operation] of guarded) {
      const answer = await ask(person, requestOf(operation, tenants.a));
      expect([name, answer.statusCode, answer.json().code]).toEqual([name, 403, 'password_change_required']);
    }
    expect((await ask(person, { url: `/api/tenants/${tenants.a}/live` })).json().code).toBe(
      'password_change_required',
    );
    expect((await ask(person, { url: '/api/session' })).statusCode).toBe(200);
    const next = 'something quite different';
    const url = '/api/session/password';
    const changed = await ask(person, { method: 'PUT', url, payload: { current: oneTimePassword, next } });
    expect(changed.json()).toMatchObject({ name: 'fresh', mustChangePassword: false });
    expect((await ask(person, { url: '/api/tenants' })).statusCode).toBe(200);
  });

  it('gives the decision what its conditions ask for', async () => {
    const asked: [string, string, Readonly<Record<string, string | undefined>>][] = [];
    const { serve, access, people, tenants, world } = given();
    const app = serve({
      access: {
        ...access,
        decide(principal, action, resource, conditions) {
          asked.push([action, resource, conditions]);
          return access.decide(principal, action, resource, conditions);
        },
      },
    });
    const headers = { cookie: `signet_session=${people.a.cookie}` };
    await app.inject({ url: `/api/tenants/${tenants.a}/messages/17`, headers, remoteAddress: '192.0.2.7' });
    expect(asked).toEqual([
      [
        'signet:ReadMessage',
        `acs:signet:*:${tenants.a}:message/17`,
        {
          'acs:SourceIp': '192.0.2.7',
          'acs:SecureTransport': 'false',
          'acs:CurrentTime': new Date(world.now).toISOString(),
        },
      ],
    ]);
  });

  it('lets no parameter stand for another account in the resource', async () => {
    const { ask, people, tenants } = given();
    const keyId = encodeURIComponent(`x:${tenants.a}:y`);
    const answer = await ask(people.a, {
      method: 'PATCH',
      url: `/api/tenants/${tenants.b}/keys/${keyId}`,
      payload: { state: 'inactive' },
    });
    expect(answer.json().code).toBe('forbidden');
    expect(fillResource('acs:signet:*:{tenantId}:key/{keyId}', { tenantId: '2', keyId: 'x:1:y/*' })).toBe(
      'acs:signet:*:2:key/x%3A1%3Ay%2F*',
    );
  });

  it('does not bring a tenant into being because staff looked at it', async () => {
    const { ask, people, world } = given();
    for (const tenantId of ['0', '17', '9223372036854775807']) {
      const answer = await ask(people.operator, { url: `/api/tenants/${tenantId}/messages` });
      expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found']);
    }
    const beyond = await ask(people.operator, { url: '/api/tenants/9999999999999999999/messages' });
    expect([beyond.statusCode, beyond.json().code]).toEqual([400, 'invalid_request']);
    const { rows } = await world.owner.query('select owner_id from data_keys where owner_id = 17');
    expect(rows).toEqual([]);
  });
});
