import { describe, expect, it } from 'vitest';
import type { Refusal, SendAnswer, SendCall } from '../../../modules/sms/messages/public.ts';
import { dysmsActions } from './dysms-actions.ts';
import { ACTOR, answer, doors, type Sent, TENANT } from './testing/ask.ts';

const SEND = {
  PhoneNumbers: '13800138000',
  SignName: '示例',
  TemplateCode: 'SMS_1',
  TemplateParam: '{"code":"1234"}',
};

/** The door to the accept path, which gives this answer and keeps what it was handed. */
function accepting(given: SendAnswer) {
  const calls: { call: SendCall; refusal?: Refusal }[] = [];
  const send = async (call: SendCall) => {
    calls.push({ call });
    return given;
  };
  const refuse = async (call: SendCall, refusal: Refusal): Promise<SendAnswer> => {
    calls.push({ call, refusal });
    return { code: refusal.wire, message: refusal.message, refusal };
  };
  return { calls, deps: { send, refuse } };
}

describe('sending', () => {
  it('hands the call to the accept path and answers its BizId', async () => {
    const { calls, deps } = accepting({ code: 'OK', bizId: '7^0' });
    const { asks, fields } = await answer(deps, 'SendSms', { ...SEND, outId: 'order 9' });
    expect(fields).toEqual({ BizId: '7^0' });
    expect(asks).toEqual(['dysms:SendSms', 'acs:dysms:*:1001:sign/示例', 'acs:dysms:*:1001:template/SMS_1']);
    expect(calls).toEqual([
      {
        call: {
          tenantId: TENANT,
          actor: ACTOR,
          requestId: 'R-1',
          outId: 'order 9',
          repeat: null,
          nonce: null,
          recipients: [
            {
              number: '13800138000',
              signName: '示例',
              templateCode: 'SMS_1',
              params: { code: '1234' },
              extendCode: '',
            },
          ],
        },
      },
    ]);
  });

  it('has a malformed call stored as a refusal', async () => {
    const { calls, deps } = accepting({ code: 'OK', bizId: '7^0' });
    const { error } = await answer(deps, 'SendSms', { ...SEND, TemplateParam: 'code=1234' });
    expect(error).toMatchObject({ kind: 'business', code: 'isv.INVALID_JSON_PARAM' });
    expect(calls[0]).toMatchObject({
      call: { recipients: [], requestId: 'R-1' },
      refusal: { code: 'message.parameters_unreadable', step: 6 },
    });
  });

  it('asks a policy about each signature of a batch once', async () => {
    const { deps } = accepting({ code: 'OK', bizId: '7^0' });
    const batch = {
      PhoneNumberJson: '["13800138000","13900001111","13900002222"]',
      SignNameJson: '["示例","乙","示例"]',
      TemplateCode: 'SMS_1',
      templateParamJson: '[{},{},{}]',
    };
    const { asks, fields } = await answer(deps, 'SendBatchSms', batch);
    expect(fields).toEqual({ BizId: '7^0' });
    expect(asks).toEqual([
      'dysms:SendBatchSms',
      'acs:dysms:*:1001:sign/示例',
      'acs:dysms:*:1001:sign/乙',
      'acs:dysms:*:1001:template/SMS_1',
    ]);
    const unread = await answer(deps, 'SendBatchSms', { ...batch, SignNameJson: 'x' });
    expect(unread.asks?.[1]).toBe('acs:dysms:*:1001:sign/*');
    expect(unread.error).toMatchObject({ code: 'isv.INVALID_JSON_PARAM' });
  });

  it('answers a refusal with its code in HTTP 200, and a key used for another body with 409', async () => {
    const refusing = async (code: Refusal['code'], wire: string) => {
      const refusal: Refusal = { code, step: 3, wire, message: 'why' };
      const { error } = await answer(
        accepting({ code: wire, message: 'why', refusal }).deps,
        'SendSms',
        SEND,
      );
      return error;
    };
    expect(await refusing('message.frequency', 'isv.BUSINESS_LIMIT_CONTROL')).toEqual({
      kind: 'business',
      code: 'isv.BUSINESS_LIMIT_CONTROL',
      message: 'why',
    });
    expect(await refusing('message.repeat_differs', 'IdempotencyKeyReused')).toEqual({
      kind: 'gateway',
      code: 'IdempotencyKeyReused',
      httpStatus: 409,
      message: 'why',
    });
  });

  it('digests an Idempotency-Key with what was asked, whatever the spelling and the client', async () => {
    const digests = async (params: Sent, key = 'k-1', action = 'SendSms') => {
      const { calls, deps } = accepting({ code: 'OK', bizId: '7^0' });
      await answer(deps, action, params, { 'idempotency-key': key });
      const { keyDigest, bodyDigest } = calls[0]!.call.repeat!;
      return [keyDigest.toString('hex'), bodyDigest.toString('hex')];
    };
    const first = await digests(SEND);
    const { PhoneNumbers, ...rest } = SEND;
    expect(
      await digests({ ...rest, SignatureNonce: 'n', Timestamp: 't', phoneNumbers: PhoneNumbers }),
    ).toEqual(first);
    expect((await digests({ ...SEND, OutId: '1' }))[0]).toBe(first[0]);
    expect((await digests({ ...SEND, OutId: '1' }))[1]).not.toBe(first[1]);
    expect((await digests(SEND, 'k-2'))[0]).not.toBe(first[0]);
    for (const key of ['', 'x'.repeat(129), 'tab\t', '键']) {
      const { error } = await answer({}, 'SendSms', SEND, { 'idempotency-key': key });
      expect(error).toMatchObject({ code: 'InvalidIdempotencyKey', httpStatus: 400 });
    }
  });
});

describe('the table', () => {
  it('holds the twenty actions that must be there, and no later one', async () => {
    const rows = dysmsActions(doors);
    expect(rows.map(({ name }) => name).sort()).toEqual(
      [
        'AddSmsSign AddSmsTemplate CreateSmsSign CreateSmsTemplate DeleteSmsSign DeleteSmsTemplate GetSmsSign',
        'GetSmsTemplate ModifySmsSign ModifySmsTemplate QuerySendDetails QuerySendStatistics QuerySmsSign',
        'QuerySmsSignList QuerySmsTemplate QuerySmsTemplateList SendBatchSms SendSms UpdateSmsSign UpdateSmsTemplate',
      ]
        .join(' ')
        .split(' '),
    );
    const later = await answer({}, 'SendCardSms', {});
    expect(later.error).toMatchObject({ code: 'InvalidAction.NotFound', httpStatus: 404 });
  });
});
