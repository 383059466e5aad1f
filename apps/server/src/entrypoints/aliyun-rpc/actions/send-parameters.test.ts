import { array, assert, constantFrom, oneof, property, record, string, stringMatching } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_BATCH,
  MAX_NUMBERS,
  readNumbers,
  readOutId,
  readSendBatchSms,
  readSendSms,
} from './send-parameters.ts';

type Sent = Record<string, string>;
const SMS: Sent = {
  PhoneNumbers: '13800138000,+8613900001111',
  SignName: '示例',
  TemplateCode: 'SMS_100000001',
  TemplateParam: '{"code":"1234"}',
};
const BATCH: Sent = {
  PhoneNumberJson: '["13800138000","13900001111"]',
  SignNameJson: '["示例","示例二"]',
  TemplateCode: 'SMS_100000001',
  TemplateParamJson: '[{"code":"1234"},{"code":5678}]',
};

const sms = (change: Sent = {}) => readSendSms(new Map(Object.entries({ ...SMS, ...change })));
const batch = (change: Sent = {}) => readSendBatchSms(new Map(Object.entries({ ...BATCH, ...change })));
const wireOf = (reading: ReturnType<typeof sms>) => (reading.ok ? 'OK' : reading.refusal.wire);

describe('SendSms', () => {
  it('is one recipient a number, which share the values', () => {
    const reading = sms({ SmsUpExtendCode: '01', OutId: 'order 7' });
    const rest = {
      signName: '示例',
      templateCode: 'SMS_100000001',
      params: { code: '1234' },
      extendCode: '01',
    };
    expect(reading).toEqual({
      ok: true,
      recipients: [
        { number: '13800138000', ...rest },
        { number: '+8613900001111', ...rest },
      ],
    });
    expect(reading.ok && reading.recipients[0]!.params).toBe(reading.ok && reading.recipients[1]!.params);
  });

  it.each<[string, Sent, string]>([
    [
      'too many numbers',
      {
        PhoneNumbers: Array(MAX_NUMBERS + 1)
          .fill('1')
          .join(),
      },
      'isv.MOBILE_COUNT_OVER_LIMIT',
    ],
    ['as many numbers as allowed', { PhoneNumbers: Array(MAX_NUMBERS).fill('1').join() }, 'OK'],
    ['values that are no JSON', { TemplateParam: '{code:1}' }, 'isv.INVALID_JSON_PARAM'],
    ['values beyond the bound', { TemplateParam: `{"a":"${'x'.repeat(20_000)}"}` }, 'isv.PARAM_LENGTH_LIMIT'],
    ['an extension code of letters', { SmsUpExtendCode: '12a' }, 'isv.EXTEND_CODE_ERROR'],
    ['an extension code with a line end', { SmsUpExtendCode: '12\n' }, 'isv.EXTEND_CODE_ERROR'],
    ['an extension code that is too long', { SmsUpExtendCode: '123456789' }, 'isv.EXTEND_CODE_ERROR'],
    ['an OutId that is too long', { OutId: 'x'.repeat(257) }, 'isv.INVALID_PARAMETERS'],
    ['an OutId as long as allowed', { OutId: 'x'.repeat(256) }, 'OK'],
    ['a signature that is too long', { SignName: '名'.repeat(65) }, 'isv.SMS_SIGNATURE_ILLEGAL'],
    ['a template code that is too long', { TemplateCode: 'S'.repeat(65) }, 'isv.SMS_TEMPLATE_ILLEGAL'],
  ])('with %s', (_what, change, wire) => {
    expect(wireOf(sms(change))).toBe(wire);
  });

  it('names its parameters with the first letter in either case', () => {
    const reading = readSendSms(
      new Map(Object.entries({ ...SMS, PhoneNumbers: '1', smsUpExtendCode: '77' })),
    );
    expect(reading.ok && reading.recipients[0]!.extendCode).toBe('77');
    expect(readOutId(new Map([['outId', 'x']]))).toBe('x');
  });

  it('splits numbers at commas only, and keeps empty places for the refusal to count', () => {
    assert(
      property(array(stringMatching(/^[^,]*$/), { minLength: 1, maxLength: 50 }), (numbers) => {
        expect(readNumbers(numbers.join(','))).toEqual(numbers);
      }),
    );
  });
});

describe('SendBatchSms', () => {
  it('is one recipient a place of the lists', () => {
    expect(batch({ SmsUpExtendCodeJson: '["1",2]' })).toEqual({
      ok: true,
      recipients: [
        {
          number: '13800138000',
          signName: '示例',
          templateCode: 'SMS_100000001',
          params: { code: '1234' },
          extendCode: '1',
        },
        {
          number: '13900001111',
          signName: '示例二',
          templateCode: 'SMS_100000001',
          params: { code: '5678' },
          extendCode: '2',
        },
      ],
    });
  });

  it('may leave out values and extension codes, and takes bare numbers and values as JSON text', () => {
    const reading = batch({ PhoneNumberJson: '[13800138000, 13900001111]', TemplateParamJson: '' });
    expect(
      reading.ok && reading.recipients.map(({ number, params, extendCode }) => [number, params, extendCode]),
    ).toEqual([
      ['13800138000', {}, ''],
      ['13900001111', {}, ''],
    ]);
    const nested = batch({ TemplateParamJson: JSON.stringify(['{"code":"1"}', '{"code":"2"}']) });
    expect(nested.ok && nested.recipients[1]!.params).toEqual({ code: '2' });
  });

  const numbers = (count: number) => ({
    PhoneNumberJson: JSON.stringify(Array(count).fill('13800138000')),
    SignNameJson: JSON.stringify(Array(count).fill('示例')),
    TemplateParamJson: JSON.stringify(Array(count).fill({ code: '1' })),
  });

  it.each<[string, Sent, string]>([
    ['as many as allowed', numbers(MAX_BATCH), 'OK'],
    ['more than allowed', numbers(MAX_BATCH + 1), 'isv.MOBILE_COUNT_OVER_LIMIT'],
    ['nobody', numbers(0), 'isv.INVALID_PARAMETERS'],
    ['numbers that are no JSON', { PhoneNumberJson: '13800138000,13900001111' }, 'isv.INVALID_JSON_PARAM'],
    ['numbers that are no list', { PhoneNumberJson: '{"a":"13800138000"}' }, 'isv.INVALID_JSON_PARAM'],
    ['a number that is a list', { PhoneNumberJson: '[["13800138000"],"1"]' }, 'isv.INVALID_JSON_PARAM'],
    ['one signature too few', { SignNameJson: '["示例"]' }, 'isv.INVALID_PARAMETERS'],
    ['one set of values too many', { TemplateParamJson: '[{},{},{}]' }, 'isv.INVALID_PARAMETERS'],
    ['values that are no list', { TemplateParamJson: '{"code":"1"}' }, 'isv.INVALID_JSON_PARAM'],
    ['values that nest', { TemplateParamJson: '[{"a":{}},{}]' }, 'isv.INVALID_JSON_PARAM'],
    ['one extension code too few', { SmsUpExtendCodeJson: '["1"]' }, 'isv.INVALID_PARAMETERS'],
    ['an extension code of letters', { SmsUpExtendCodeJson: '["1","b"]' }, 'isv.EXTEND_CODE_ERROR'],
    [
      'a list beyond its bound',
      { SignNameJson: JSON.stringify(['x'.repeat(20_000), 'x']) },
      'isv.INVALID_JSON_PARAM',
    ],
    ['an OutId that is too long', { OutId: 'x'.repeat(257) }, 'isv.INVALID_PARAMETERS'],
  ])('with %s', (_what, change, wire) => {
    expect(wireOf(batch(change))).toBe(wire);
  });

  it('never throws, and a list of one length is read whole', () => {
    const piece = constantFrom(
      '[',
      ']',
      '{',
      '}',
      '"',
      ',',
      ':',
      '1',
      'a',
      '{"a":1}',
      '["x"]',
      'null',
      '\\u00',
    );
    const text = oneof(
      string(),
      array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    );
    assert(
      property(
        record({
          PhoneNumberJson: text,
          SignNameJson: text,
          TemplateParamJson: text,
          SmsUpExtendCodeJson: text,
        }),
        (sent) => {
          const reading = batch(sent);
          if (reading.ok)
            expect(reading.recipients.length).toBe((JSON.parse(sent.PhoneNumberJson) as unknown[]).length);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
