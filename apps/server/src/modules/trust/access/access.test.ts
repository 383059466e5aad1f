import { operations } from '@signet/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccess, type Principal, type UserPrincipal } from './public.ts';

const FULL: Principal = {
  kind: 'key',
  keyId: 'LTAI1',
  tenantId: '1000',
  policies: ['AliyunDysmsFullAccess'],
};
const user = (role: UserPrincipal['role'], tenantId: string | null, sandbox = false): UserPrincipal => ({
  kind: 'user',
  userId: '7',
  name: 'somebody',
  role,
  tenantId,
  sandbox,
});

describe('decisions', () => {
  const access = createAccess();
  const effect = (principal: Principal, action: string, resource: string) =>
    access.decide(principal, action, resource, {}).effect;

  it('let a key do what its policies name, on its own account only', () => {
    expect(effect(FULL, 'dysms:SendSms', 'acs:dysms:*:1000:sign/示例')).toBe('allow');
    expect(effect(FULL, 'dysms:SendSms', '*')).toBe('allow');
    expect(effect(FULL, 'dysms:SendSms', 'acs:dysms:*:1001:sign/示例')).toBe('deny');
    expect(effect(FULL, 'dysms:SendSms', 'acs:dysms:*:10:sign/x:1000:y')).toBe('deny');
    expect(effect(FULL, 'signet:ListKeys', 'acs:signet:*:1000:key/*')).toBe('deny');
  });

  it('grant a key nothing for an unknown policy name, and reading only for the read-only one', () => {
    const unknown: Principal = { ...FULL, policies: ['Nobody', 'operator', 'tenant'] };
    expect(effect(unknown, 'dysms:SendSms', 'acs:dysms:*:1000:sign/x')).toBe('deny');
    const reading: Principal = { ...FULL, policies: ['AliyunDysmsReadOnlyAccess'] };
    expect(effect(reading, 'dysms:SendSms', '*')).toBe('deny');
    expect(effect(reading, 'dysms:QuerySendDetails', '*')).toBe('allow');
  });

  it('keep policy sets apart whose names run together', () => {
    const one: Principal = { ...FULL, policies: ['AliyunDysmsFullAccess'] };
    const two: Principal = { ...FULL, policies: ['Aliyun', 'DysmsFullAccess'] };
    expect(effect(one, 'dysms:SendSms', '*')).toBe('allow');
    expect(effect(two, 'dysms:SendSms', '*')).toBe('deny');
  });

  it('keep a user of a tenant on its own account, for every account number', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 18n), fc.bigInt(1n, 10n ** 18n), (own, other) => {
        const principal = user('tenant', String(own));
        const wanted = own === other ? 'allow' : 'deny';
        expect(effect(principal, 'signet:ListMessages', `acs:signet:*:${other}:message/*`)).toBe(wanted);
        const key: Principal = { ...FULL, tenantId: String(own) };
        expect(effect(key, 'dysms:SendSms', `acs:dysms:*:${other}:sign/x`)).toBe(wanted);
      }),
    );
  });

  it('open the sandbox phone to the operator and the sandbox tenant only', () => {
    expect(effect(user('tenant', '1000', true), 'signet:UseSandbox', '*')).toBe('allow');
    expect(effect(user('tenant', '1000'), 'signet:UseSandbox', '*')).toBe('deny');
    expect(effect(user('operator', null), 'signet:UseSandbox', '*')).toBe('allow');
    expect(effect(user('tenant', '1000', true), 'signet:ListTenants', '*')).toBe('deny');
  });

  it('give the operator every operation and the reviewer the queue alone', () => {
    const all = new Set(Object.values(operations).map(({ action }) => action));
    all.delete('open');
    expect(access.actionsOf(user('operator', null))).toEqual([...all].sort());
    expect(access.actionsOf(user('reviewer', null))).toEqual([
      'signet:DecideReview',
      'signet:ListReviews',
      'signet:ReadReviewFile',
    ]);
    const tenant = access.actionsOf(user('tenant', '1000'));
    expect(tenant).toContain('signet:CreateKey');
    expect(tenant).not.toContain('signet:ListCarriers');
    expect(tenant).not.toContain('signet:DecideReview');
    expect(effect(user('reviewer', null), 'signet:ListMessages', 'acs:signet:*:1000:message/*')).toBe('deny');
  });

  it('take under 3 µs each', () => {
    const conditions = { 'acs:SourceIp': '192.0.2.1' };
    // CPU time, and the best of some rounds: other work shares the machine.
    const round = (): number => {
      const before = process.threadCpuUsage();
      for (let i = 0; i < 20_000; i++)
        access.decide(FULL, 'dysms:SendSms', 'acs:dysms:*:1000:sign/示例', conditions);
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 20_000;
    };
    expect(Math.min(...Array.from({ length: 8 }, round))).toBeLessThan(3);
  });
});
