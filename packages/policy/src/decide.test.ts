import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePolicies, decide, type NamedPolicy } from './decide.ts';
import { readPolicy } from './read-policy.ts';
import { SYSTEM_POLICIES } from './system-policies.ts';

type WireStatement = {
  Effect: 'Allow' | 'Deny';
  Action?: string | string[];
  NotAction?: string;
  Resource?: string;
  Condition?: unknown;
};

function policy(name: string, ...statements: WireStatement[]): NamedPolicy {
  const read = readPolicy({
    Version: '1',
    Statement: statements.map((statement) => ({ Resource: '*', ...statement })),
  });
  if (!read.ok) throw new Error(read.reason);
  return { name, policy: read.policy };
}

const SIGN = 'acs:dysms:*:1000:sign/示例';
const ask = (
  policies: NamedPolicy[],
  over: Partial<{ action: string; resource: string; conditions: Record<string, string | undefined> }> = {},
) => decide({ policies, action: 'dysms:SendSms', resource: SIGN, conditions: {}, ...over });
const allows = (statement: Omit<WireStatement, 'Effect'>, over: Parameters<typeof ask>[1] = {}) =>
  ask([policy('p', { Effect: 'Allow', ...statement })], over).effect === 'allow';

describe('decide', () => {
  it('denies by default and names the statement that decided', () => {
    const send = policy(
      'send',
      { Effect: 'Allow', Action: 'dysms:Query*' },
      { Effect: 'Allow', Action: 'dysms:SendSms' },
    );
    const stop = policy('stop', { Effect: 'Deny', Action: 'dysms:Send*' });
    expect(ask([])).toEqual({ effect: 'deny', reason: 'implicit_deny' });
    expect(ask([send])).toEqual({
      effect: 'allow',
      reason: 'explicit_allow',
      statement: { policy: 'send', index: 1 },
    });
    const denied = { effect: 'deny', reason: 'explicit_deny', statement: { policy: 'stop', index: 0 } };
    expect(ask([send, stop])).toEqual(denied);
    expect(ask([stop, send])).toEqual(denied);
    expect(ask([send], { action: 'ram:CreateUser' })).toEqual({ effect: 'deny', reason: 'implicit_deny' });
  });

  it('matches actions whatever their case, and NotAction all others', () => {
    expect(allows({ Action: 'DYSMS:sendsms' })).toBe(true);
    expect(allows({ Action: ['dysms:Get*', '*'] })).toBe(true);
    expect(allows({ NotAction: 'dysms:Send*' })).toBe(false);
    expect(allows({ NotAction: 'ram:*' })).toBe(true);
  });

  it.each([
    ['*', SIGN, true],
    ['acs:dysms:*:*:*', SIGN, true],
    ['acs:dysms:*:1000:sign/*', SIGN, true],
    [SIGN, SIGN, true],
    ['acs:dysms:*:1000:template/*', SIGN, false],
    ['acs:dysms:*:2000:sign/*', SIGN, false],
    ['acs:dysms:*:2000:sign/y', 'acs:dysms:*:1000:sign/x:2000:sign/y', false],
    ['acs:dysms:*:1000:sign/a', 'acs:dysms:*:1000:sign/A', false],
    ['acs:dysms:*:1000:sign/*', 'sign/x', false],
    ['acs:dysms:*:*:*', '*', true],
    ['acs:dysms:*:1000:*', '*', false],
    ['acs:ram:*:*:*', '*', false],
    ['*', '*', true],
  ])('resource %s covers %s: %s', (pattern, resource, expected) => {
    expect(allows({ Action: '*', Resource: pattern }, { resource })).toBe(expected);
  });

  it.each([
    [{ StringEquals: { 'acs:SourceVpc': ['a', 'b'] } }, { 'acs:SourceVpc': 'b' }, true],
    [{ StringEquals: { 'acs:SourceVpc': 'a' } }, { 'acs:SourceVpc': 'A' }, false],
    [{ StringEqualsIgnoreCase: { 'acs:SourceVpc': 'aB' } }, { 'acs:SourceVpc': 'Ab' }, true],
    [{ StringNotEquals: { 'acs:SourceVpc': ['a', 'b'] } }, { 'acs:SourceVpc': 'b' }, false],
    [{ StringNotEquals: { 'acs:SourceVpc': ['a', 'b'] } }, { 'acs:SourceVpc': 'c' }, true],
    [{ StringNotEqualsIgnoreCase: { 'acs:SourceVpc': 'A' } }, { 'acs:SourceVpc': 'a' }, false],
    [{ StringLike: { 'acs:SourceVpc': 'vpc-?*' } }, { 'acs:SourceVpc': 'vpc-1' }, true],
    [{ StringNotLike: { 'acs:SourceVpc': 'vpc-*' } }, { 'acs:SourceVpc': 'vpc-1' }, false],
    [{ NumericEquals: { 'x:N': '5' } }, { 'x:N': '5.0' }, true],
    [{ NumericNotEquals: { 'x:N': '5' } }, { 'x:N': '5.0' }, false],
    [{ NumericLessThan: { 'x:N': '10' } }, { 'x:N': '9' }, true],
    [{ NumericLessThan: { 'x:N': '10' } }, { 'x:N': '10' }, false],
    [{ NumericLessThanEquals: { 'x:N': '10' } }, { 'x:N': '10' }, true],
    [{ NumericGreaterThan: { 'x:N': '10' } }, { 'x:N': '10' }, false],
    [{ NumericGreaterThanEquals: { 'x:N': '10' } }, { 'x:N': '10' }, true],
    [{ NumericLessThan: { 'x:N': '10' } }, { 'x:N': 'few' }, false],
    [
      { DateEquals: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' } },
      { 'acs:CurrentTime': '2026-01-01T08:00:00+08:00' },
      true,
    ],
    [
      { DateNotEquals: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' } },
      { 'acs:CurrentTime': '2026-01-01T00:00:00Z' },
      false,
    ],
    [
      { DateLessThan: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' } },
      { 'acs:CurrentTime': '2025-12-31T23:59:59Z' },
      true,
    ],
    [
      { DateLessThanEquals: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' } },
      { 'acs:CurrentTime': '2026-01-01T00:00:01Z' },
      false,
    ],
    [
      { DateGreaterThan: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' } },
      { 'acs:CurrentTime': '2026-01-01T00:00:01Z' },
      true,
    ],
    [
      { DateGreaterThanEquals: { 'acs:CurrentTime': '2026-01-01T00:00:00Z' } },
      { 'acs:CurrentTime': '2026-01-01T00:00:00Z' },
      true,
    ],
    [{ Bool: { 'acs:MFAPresent': 'true' } }, { 'acs:MFAPresent': 'True' }, true],
    [{ Bool: { 'acs:MFAPresent': 'true' } }, { 'acs:MFAPresent': 'false' }, false],
    [
      { IpAddress: { 'acs:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] } },
      { 'acs:SourceIp': '2001:db8::1' },
      true,
    ],
    [{ IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } }, { 'acs:SourceIp': '192.0.2.1' }, false],
    [{ NotIpAddress: { 'acs:SourceIp': '10.0.0.0/8' } }, { 'acs:SourceIp': '::ffff:10.1.1.1' }, false],
    [{ NotIpAddress: { 'acs:SourceIp': '10.0.0.0/8' } }, { 'acs:SourceIp': '192.0.2.1' }, true],
    [{ StringEquals: { 'acs:SourceVpc': 'a' } }, {}, false],
    [{ StringNotEquals: { 'acs:SourceVpc': 'a' } }, { 'acs:SourceVpc': undefined }, true],
    [{ IpAddress: { 'acs:SourceIp': '0.0.0.0/0' } }, {}, false],
    [{ NotIpAddress: { 'acs:SourceIp': '0.0.0.0/0' } }, {}, true],
    [{ StringEquals: { 'acs:A': 'a', 'acs:B': 'b' } }, { 'acs:A': 'a' }, false],
    [{ StringEquals: { 'acs:A': 'a' }, Bool: { 'acs:B': 'true' } }, { 'acs:A': 'a', 'acs:B': 'true' }, true],
  ])('condition %j with %j: %s', (condition, conditions: Record<string, string | undefined>, expected) => {
    expect(allows({ Action: '*', Condition: condition }, { conditions })).toBe(expected);
  });

  it('knows the system policies', () => {
    const named = SYSTEM_POLICIES.map(({ name, document }) => {
      const read = readPolicy(document);
      if (!read.ok) throw new Error(read.reason);
      return { name, policy: read.policy };
    });
    const [reader, full] = named as [NamedPolicy, NamedPolicy];
    expect(named.map(({ name }) => name)).toEqual(['AliyunDysmsReadOnlyAccess', 'AliyunDysmsFullAccess']);
    expect(ask([reader]).effect).toBe('deny');
    expect(ask([reader], { action: 'dysms:QuerySendDetails' }).effect).toBe('allow');
    expect(ask([full]).effect).toBe('allow');
    expect(ask([full], { action: 'ram:CreateUser' }).effect).toBe('deny');
  });
});

describe('decide, for any policies', () => {
  const action = fc.constantFrom('dysms:SendSms', 'dysms:SendBatchSms', 'dysms:GetSmsSign', 'ram:CreateUser');
  const resource = fc.constantFrom(SIGN, 'acs:dysms:*:1000:template/SMS_1', 'acs:dysms:*:2000:sign/x', '*');
  const conditions = fc.record({ 'acs:SourceIp': fc.constantFrom('10.1.1.1', '192.0.2.1', undefined) });
  const statement = (effect: fc.Arbitrary<'Allow' | 'Deny'>): fc.Arbitrary<WireStatement> =>
    fc
      .record({
        Effect: effect,
        actions: fc.constantFrom('*', 'dysms:*', 'dysms:send*', 'dysms:Get*', 'ram:*'),
        not: fc.boolean(),
        Resource: fc.constantFrom('*', SIGN, 'acs:dysms:*:1000:*', 'acs:dysms:*:*:sign/*'),
        condition: fc.constantFrom(
          undefined,
          { IpAddress: { 'acs:SourceIp': '10.0.0.0/8' } },
          { NotIpAddress: { 'acs:SourceIp': '10.0.0.0/8' } },
        ),
      })
      .map(({ Effect, actions, not, Resource, condition }) => ({
        Effect,
        ...(not ? { NotAction: actions } : { Action: actions }),
        Resource,
        ...(condition ? { Condition: condition } : {}),
      }));
  const any = fc.array(statement(fc.constantFrom('Allow' as const, 'Deny' as const)), {
    minLength: 1,
    maxLength: 5,
  });
  const request = fc.record({ action, resource, conditions });

  it('a Deny never loses, wherever it stands', () => {
    fc.assert(
      fc.property(
        any,
        statement(fc.constant('Deny')),
        request,
        fc.boolean(),
        (others, deny, asked, first) => {
          const alone = ask([policy('deny', deny)], asked);
          const rest = policy('rest', ...others);
          const together = ask(first ? [policy('deny', deny), rest] : [rest, policy('deny', deny)], asked);
          if (alone.reason === 'explicit_deny') expect(together.reason).toBe('explicit_deny');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('an Allow more never takes away, and nothing is allowed without one that matches', () => {
    fc.assert(
      fc.property(any, statement(fc.constant('Allow')), request, (others, allow, asked) => {
        const before = ask([policy('rest', ...others)], asked);
        const after = ask([policy('rest', ...others), policy('allow', allow)], asked);
        if (before.effect === 'allow') expect(after.effect).toBe('allow');
        if (before.reason === 'implicit_deny' && after.effect === 'allow')
          expect(after.statement.policy).toBe('allow');
        if (before.effect === 'allow') {
          const deciding = others[before.statement.index]!;
          expect(ask([policy('one', deciding)], asked).effect).toBe('allow');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('compiled policies decide the same, again and again', () => {
    fc.assert(
      fc.property(any, fc.array(request, { maxLength: 5 }), (statements, requests) => {
        const compiled = compilePolicies([policy('p', ...statements)]);
        for (const asked of [...requests, ...requests])
          expect(compiled(asked)).toEqual(ask([policy('p', ...statements)], asked));
      }),
    );
  });
});
