import { describe, expect, it } from 'vitest';
import { businessAnswer, errorAnswer, formatOf, successAnswer } from './answers.ts';
import { type Action, type ActionCall, actionTable, type DispatchDeps, dispatch } from './dispatch.ts';
import {
  businessError,
  gatewayError,
  invalidParameter,
  missingParameter,
  signatureDoesNotMatch,
} from './errors.ts';
import { openNonce } from './open-nonce.ts';
import { signingSecret } from './signing-keys.ts';

const echo: Action = {
  name: 'SendSms',
  versions: ['2017-05-25'],
  ramAction: 'dysms:SendSms',
  required: ['PhoneNumbers', 'TemplateCode'],
  handle: async (call) => ({ BizId: `${call.params.get('PhoneNumbers')}^0` }),
};

function row(handle: Action['handle'], change: Partial<Action> = {}): Action {
  return { name: 'Try', versions: ['2017-05-25'], ramAction: 'dysms:Try', handle, ...change };
}

function call(action: string, params: Record<string, string> = {}, version = '2017-05-25'): ActionCall {
  return {
    principal: { accessKeyId: 'k', secret: signingSecret('s'), status: 'Active', tenantId: 't' },
    action,
    version,
    params: new Map(Object.entries(params)),
    requestId: 'R',
    now: 0,
    sourceIp: '127.0.0.1',
    header: () => undefined,
    nonce: null,
  };
}

function deps(...rows: Action[]): DispatchDeps & { failures: unknown[] } {
  const failures: unknown[] = [];
  return {
    failures,
    table: actionTable([echo, ...rows]),
    authorise: async () => undefined,
    reportFailure: (failure) => failures.push(failure),
  };
}

describe('the action table', () => {
  it('refuses a pair of version and name that is there twice', () => {
    expect(() => actionTable([echo, { ...echo }])).toThrow('2017-05-25 SendSms');
    expect(actionTable([echo, { ...echo, versions: ['2018-05-01'] }]).versions.size).toBe(2);
  });

  it('tells an unknown action from an unknown version', async () => {
    const code = async (action: string, version: string) => {
      const outcome = await dispatch(call(action, {}, version), deps());
      return outcome.kind === 'refused' && outcome.error;
    };
    expect(await code('Nothing', '2017-05-25')).toMatchObject({
      code: 'InvalidAction.NotFound',
      httpStatus: 404,
    });
    expect(await code('SendSms', '1999-01-01')).toMatchObject({ code: 'InvalidVersion', httpStatus: 400 });
  });
});

describe('dispatching a call', () => {
  it('hands the call to its row', async () => {
    const outcome = await dispatch(
      call('SendSms', { phoneNumbers: '1', PhoneNumbers: '2', templateCode: 'x' }),
      deps(),
    );
    expect(outcome).toEqual({ kind: 'done', action: echo, fields: { BizId: '2^0' } });
  });

  it.each<Record<string, string>>([{ PhoneNumbers: '1' }, { PhoneNumbers: '1', TemplateCode: '' }])(
    'misses a parameter in %j',
    async (params) => {
      expect(await dispatch(call('SendSms', params), deps())).toEqual({
        kind: 'refused',
        error: {
          kind: 'gateway',
          code: 'MissingTemplateCode',
          httpStatus: 400,
          message: 'TemplateCode is mandatory for this action.',
        },
      });
    },
  );

  it.each([
    ['done', async () => ({ BizId: '1' })],
    ['refused by the action', async () => businessError('isv.OUT_OF_SERVICE', 'no')],
    [
      'failed',
      async () => {
        throw new Error('broken');
      },
    ],
  ] satisfies [string, Action['handle']][])(
    'claims an open nonce before a call that is %s is answered',
    async (_name, handle) => {
      const claims: string[] = [];
      const asked = (fresh: boolean): ActionCall => ({
        ...call('Try'),
        nonce: openNonce({ digest: () => 'd', remember: async () => claims.push('claimed') > 0 && fresh }),
      });
      const own = deps(row(handle));
      expect(await dispatch(asked(true), own)).toEqual(await dispatch(call('Try'), own));
      expect(claims).toEqual(['claimed']);
      expect(await dispatch(asked(false), own)).toMatchObject({
        kind: 'refused',
        error: { code: 'SignatureNonceUsed', httpStatus: 400 },
      });
    },
  );

  it('leaves a nonce to the action that took it, and rejects when it cannot be stored', async () => {
    const nonce = openNonce({
      digest: () => 'd',
      remember: () => Promise.reject(new Error('store is down')),
    });
    const taking = row(async ({ nonce: open }) => ({ Taken: open!.take() }));
    expect(await dispatch({ ...call('Try'), nonce }, deps(taking))).toMatchObject({ fields: { Taken: 'd' } });
    const leaving = openNonce({
      digest: () => 'd',
      remember: () => Promise.reject(new Error('store is down')),
    });
    await expect(dispatch({ ...call('Try'), nonce: leaving }, deps(row(async () => ({}))))).rejects.toThrow(
      'store is down',
    );
  });

  it('misses a repeated parameter', async () => {
    const sign = row(async () => ({}), { required: ['SignFileList.N'] });
    const outcome = await dispatch(call('Try'), deps(sign));
    expect(outcome).toEqual({ kind: 'refused', error: missingParameter('SignFileList') });
    expect((await dispatch(call('Try', { 'SignFileList.1.FileSuffix': 'x' }), deps(sign))).kind).toBe('done');
  });

  it('asks for permission first, on the resources of the call, and denies when the answer fails', async () => {
    const seen: unknown[] = [];
    const denied = businessError('isp.RAM_PERMISSION_DENY', 'denied');
    const own = row(
      async () => {
        throw new Error('must not run');
      },
      { resources: ({ params }) => [`acs:dysms:*:*:template/${params.get('T')}`], required: ['Missing'] },
    );
    const refusing = {
      ...deps(own),
      authorise: async (_call: ActionCall, ramAction: string, resources: readonly string[]) => {
        seen.push(ramAction, resources);
        return denied;
      },
    };
    expect(await dispatch(call('Try', { T: 'SMS_1' }), refusing)).toEqual({ kind: 'refused', error: denied });
    expect(seen).toEqual(['dysms:Try', ['acs:dysms:*:*:template/SMS_1']]);
    const broken = { ...deps(own), authorise: () => Promise.reject(new Error('policy store is down')) };
    expect(await dispatch(call('Try'), broken)).toEqual({
      kind: 'refused',
      error: gatewayError('InternalError'),
    });
  });

  it('sends refusals, returned or thrown, and hides every other exception', async () => {
    const refusal = businessError('isv.BUSINESS_LIMIT_CONTROL', '触发分钟级流控Permits:1');
    const thrown = invalidParameter('PageSize');
    const returning = deps(row(async () => refusal));
    const throwing = deps(row(() => Promise.reject(thrown)));
    const failing = deps(row(() => Promise.reject(new Error('13800138000'))));
    expect(await dispatch(call('Try'), returning)).toEqual({ kind: 'refused', error: refusal });
    expect(await dispatch(call('Try'), throwing)).toEqual({ kind: 'refused', error: thrown });
    const outcome = await dispatch(call('Try'), failing);
    expect(JSON.stringify(outcome)).not.toContain('13800138000');
    expect(outcome).toEqual({ kind: 'refused', error: gatewayError('InternalError') });
    expect(failing.failures).toHaveLength(1);
    expect([...returning.failures, ...throwing.failures]).toEqual([]);
  });
});

describe('answers', () => {
  const json = { requestId: 'ID', format: 'JSON' } as const;
  const xml = { requestId: 'ID', format: 'XML' } as const;

  it('take the format from the parameter, JSON without one', () => {
    for (const [asked, format] of [
      ['XML', 'XML'],
      ['xml', 'XML'],
      ['json', 'JSON'],
      ['', 'JSON'],
      ['YAML', 'JSON'],
    ]) {
      expect(formatOf(new Map([['Format', asked as string]]))).toBe(format);
    }
    expect(formatOf(new Map())).toBe('JSON');
  });

  it('say OK for coded products, and only the fields for bare ones', () => {
    const answer = successAnswer('SendSms', 'coded', { BizId: '1^0' }, json);
    expect(answer).toMatchObject({ httpStatus: 200, contentType: 'application/json;charset=utf-8' });
    expect(JSON.parse(answer.body)).toEqual({ RequestId: 'ID', Code: 'OK', Message: 'OK', BizId: '1^0' });
    expect(JSON.parse(successAnswer('ListUsers', 'bare', { Users: {} }, json).body)).toEqual({
      RequestId: 'ID',
      Users: {},
    });
  });

  it('refuse by business with HTTP 200', () => {
    const answer = businessAnswer('SendSms', businessError('isv.X', 'text'), json);
    expect(answer.httpStatus).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ RequestId: 'ID', Code: 'isv.X', Message: 'text' });
  });

  it('refuse by gateway with five fields, the retry header and the denial in detail', () => {
    const context = { ...json, hostId: 'h:1', recommend: '' };
    const throttled = errorAnswer(gatewayError('Throttling.User', { retryAfterMs: 12.2 }), context);
    expect(throttled).toMatchObject({
      httpStatus: 400,
      headers: { 'x-acs-retry-after': '13', 'x-acs-request-id': 'ID' },
    });
    expect(Object.keys(JSON.parse(throttled.body))).toEqual([
      'RequestId',
      'HostId',
      'Code',
      'Message',
      'Recommend',
    ]);
    const denied = errorAnswer(
      gatewayError('NoPermission', { accessDeniedDetail: { AuthAction: 'a:b' } }),
      context,
    );
    expect(JSON.parse(denied.body)).toMatchObject({
      Code: 'NoPermission',
      AccessDeniedDetail: { AuthAction: 'a:b' },
    });
  });

  it('write XML with repeated, nested and escaped elements', () => {
    const fields = { L: { D: [{ A: 1 }, { A: '<&>"\'\u0001\ud800' }] }, N: null, E: [], '1 x': true };
    const answer = successAnswer('Query', 'bare', fields, xml);
    expect(answer.contentType).toBe('text/xml;charset=utf-8');
    expect(answer.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><QueryResponse><RequestId>ID</RequestId><L><D><A>1</A></D>' +
        '<D><A>&lt;&amp;&gt;&quot;&apos;\ufffd\ufffd</A></D></L><_1_x>true</_1_x></QueryResponse>',
    );
    const error = errorAnswer(missingParameter('SignName'), { ...xml, hostId: 'h', recommend: 'r' });
    expect(error.body).toContain(
      '<Error><RequestId>ID</RequestId><HostId>h</HostId><Code>MissingSignName</Code>',
    );
  });

  it('bound the echoed string to sign', () => {
    expect(signatureDoesNotMatch('x'.repeat(1_000_000)).message.length).toBeLessThan(66_000);
    expect(signatureDoesNotMatch('GET&x').message).toBe(
      'Specified signature is not matched with our calculation. server string to sign is:GET&x',
    );
  });
});
