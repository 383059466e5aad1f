import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_POLICY_CHARACTERS } from './model.ts';
import { readPolicy } from './read-policy.ts';
import { SYSTEM_POLICIES } from './system-policies.ts';

const good = { Effect: 'Allow', Action: 'dysms:SendSms', Resource: '*' };
const withStatement = (statement: unknown) => ({ Version: '1', Statement: [statement] });
const withCondition = (condition: unknown) => withStatement({ ...good, Condition: condition });

describe('readPolicy', () => {
  it('reads a document as text or as a value', () => {
    const policy = {
      version: '1',
      statements: [
        {
          effect: 'Allow',
          actions: ['dysms:SendSms'],
          actionsExcluded: false,
          resources: ['*'],
          conditions: [],
        },
      ],
    };
    expect(readPolicy(withStatement(good))).toEqual({ ok: true, policy });
    expect(readPolicy(JSON.stringify(withStatement(good)))).toEqual({ ok: true, policy });
    expect(readPolicy({ Version: '1', Statement: good })).toEqual({ ok: true, policy });
  });

  it.each<[unknown]>([
    [
      withStatement({
        Effect: 'Deny',
        NotAction: ['dysms:Get*', 'ram:*'],
        Resource: ['acs:dysms:*:1000:sign/示例'],
      }),
    ],
    [withStatement({ ...good, Resource: 'acs:ram::1000:user/x' })],
    [
      withCondition({
        IpAddress: { 'acs:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] },
        Bool: { 'acs:MFAPresent': true },
      }),
    ],
    [
      withCondition({
        DateLessThan: { 'acs:CurrentTime': '2026-12-31T23:59:59+08:00' },
        NumericEquals: { 'dysms:Count': [1, '2.5'] },
      }),
    ],
    ...SYSTEM_POLICIES.map((policy): [unknown] => [policy.document]),
  ])('reads case %#', (document) => {
    expect(readPolicy(document)).toMatchObject({ ok: true });
  });

  it.each([
    ['{', 'not_json'],
    [undefined, 'not_json'],
    [1n, 'not_json'],
    ['[]', 'not_an_object'],
    ['null', 'not_an_object'],
    [{ Version: '2', Statement: [good] }, 'bad_version'],
    [{ Version: 1, Statement: [good] }, 'bad_version'],
    [{ Version: '1', Statement: [] }, 'bad_statement'],
    [{ Version: '1' }, 'bad_statement'],
    [{ Version: '1', Statement: [good], Id: 'x' }, 'unknown_element'],
    [withStatement({ ...good, Principal: '*' }), 'unknown_element'],
    [withStatement({ ...good, effect: 'Deny' }), 'unknown_element'],
    [withStatement({ ...good, Effect: 'allow' }), 'bad_effect'],
    [withStatement({ ...good, NotAction: 'ram:*' }), 'bad_action'],
    [withStatement({ Effect: 'Allow', Resource: '*' }), 'bad_action'],
    [withStatement({ ...good, Action: [] }), 'bad_action'],
    [withStatement({ ...good, Action: ['dysms:SendSms', 1] }), 'bad_action'],
    [withStatement({ ...good, Action: 'SendSms' }), 'bad_action'],
    [withStatement({ ...good, Action: `dysms:${'a'.repeat(512)}` }), 'bad_action'],
    [withStatement({ Effect: 'Allow', Action: '*' }), 'bad_resource'],
    [withStatement({ ...good, Resource: 'sign/x' }), 'bad_resource'],
    [withStatement({ ...good, Resource: 'acs:dysms:*:1000' }), 'bad_resource'],
    [withStatement({ ...good, Resource: 'arn:aws:s3:::x' }), 'bad_resource'],
    [withCondition([]), 'bad_condition'],
    [withCondition(null), 'bad_condition'],
    [withCondition({ StringSounds: { 'acs:SourceVpc': 'x' } }), 'bad_condition'],
    [withCondition({ constructor: { 'acs:SourceVpc': 'x' } }), 'bad_condition'],
    [withCondition({ StringEquals: {} }), 'bad_condition'],
    [withCondition({ StringEquals: { SourceVpc: 'x' } }), 'bad_condition'],
    [withCondition({ StringEquals: { 'acs:SourceVpc': [] } }), 'bad_condition'],
    [withCondition({ StringEquals: { 'acs:SourceVpc': { a: 1 } } }), 'bad_condition'],
    [withCondition({ IpAddress: { 'acs:SourceIp': '10.0.0.0/40' } }), 'bad_condition'],
    [withCondition({ Bool: { 'acs:MFAPresent': 'yes' } }), 'bad_condition'],
    [withCondition({ NumericLessThan: { 'dysms:Count': '1e9' } }), 'bad_condition'],
    [withCondition({ DateLessThan: { 'acs:CurrentTime': '2026-12-31' } }), 'bad_condition'],
  ])('refuses case %# as %s', (document, reason) => {
    expect(readPolicy(document)).toEqual({ ok: false, reason });
  });

  it('refuses one character too many, and reads the last that fits', () => {
    const text = JSON.stringify(withStatement(good));
    expect(readPolicy(text.padEnd(MAX_POLICY_CHARACTERS))).toMatchObject({ ok: true });
    expect(readPolicy(text.padEnd(MAX_POLICY_CHARACTERS + 1))).toEqual({ ok: false, reason: 'too_long' });
  });

  it('never throws', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.Statement = cyclic;
    expect(readPolicy(cyclic)).toEqual({ ok: false, reason: 'not_json' });
    let deep = '[';
    while (deep.length < MAX_POLICY_CHARACTERS) deep += '[';
    expect(readPolicy(deep).ok).toBe(false);
    const element = fc.constantFrom(
      'Version',
      'Statement',
      'Effect',
      'Action',
      'Resource',
      'Condition',
      'StringEquals',
      'acs:SourceIp',
    );
    const near = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('1', 'Allow', 'Deny', '*', 'dysms:*', null, true, 1),
        fc.dictionary(element, tie('node')),
        fc.array(tie('node'), { maxLength: 3 }),
      ),
    })).node;
    fc.assert(
      fc.property(
        fc.oneof(
          near,
          fc.anything({ withBigInt: true, withNullPrototype: true, withMap: true }),
          fc.json(),
          fc.string(),
        ),
        (document) => {
          expect(typeof readPolicy(document).ok).toBe('boolean');
          expect(typeof readPolicy(withStatement(document)).ok).toBe('boolean');
          expect(typeof readPolicy(withCondition(document)).ok).toBe('boolean');
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
