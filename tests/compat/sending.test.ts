import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { type Account, type Client, newest, recentDays, SENDING_CLIENTS, withHeaders } from './clients.ts';

let dataDir: string;
let server: RunningServer;
let account: Account;

beforeAll(async () => {
  dataDir = makeDataDir('signet-compat-');
  server = await startServer({ dataDir });
  const { url, accessKeyId, accessKeySecret } = server.ready;
  account = { url, keyId: accessKeyId, secret: accessKeySecret };
});

afterAll(async () => {
  await server?.stop();
  removeDataDir(dataDir);
});

function sms(change: Record<string, unknown> = {}): Record<string, unknown> {
  const { phone, signName, templateCode } = server.ready;
  return {
    PhoneNumbers: phone,
    SignName: signName,
    TemplateCode: templateCode,
    TemplateParam: '{"code":"246810"}',
    ...change,
  };
}

type Detail = Record<string, unknown>;

async function details(client: Client, phone: string, bizId: unknown): Promise<Detail[]> {
  const found: Detail[] = [];
  for (const SendDate of recentDays()) {
    const query = { PhoneNumber: phone, SendDate, PageSize: 50, CurrentPage: 1, BizId: bizId };
    const answer = await client.call(account, 'QuerySendDetails', query);
    expect(answer).toMatchObject({ Code: 'OK' });
    // The generated SDKs type the count as text, the others leave it a number.
    const { SmsSendDetailDTOs, TotalCount } = answer as { SmsSendDetailDTOs?: unknown; TotalCount?: unknown };
    const rows = (SmsSendDetailDTOs as { SmsSendDetailDTO: Detail[] }).SmsSendDetailDTO;
    expect(Number(TotalCount)).toBe(rows.length);
    found.push(...rows);
  }
  return found;
}

const delivered = (client: Client, phone: string, bizId: unknown): Promise<Detail> =>
  eventually(`the receipt of ${bizId}`, async () => {
    const [row] = await details(client, phone, bizId);
    return row?.SendStatus === 3 ? row : undefined;
  });

/** A number of its own for each client and use, so that no client meets another's limits. */
const numberOf = (client: Client, use: 1 | 2 | 3): string =>
  `13900000${use}0${SENDING_CLIENTS.indexOf(client)}`;

describe.each(SENDING_CLIENTS.map((client) => [client.name, client] as const))(
  'unmodified %s',
  (_name, client) => {
    it('sends a code, which is delivered', async () => {
      const answer = await client.call(account, 'SendSms', sms({ OutId: 'order 42', SmsUpExtendCode: '90' }));
      expect(answer).toMatchObject({
        Code: 'OK',
        Message: 'OK',
        BizId: expect.stringMatching(/^\d{18,19}\^0$/),
      });
      const row = await delivered(client, server.ready.phone, answer.BizId);
      expect(row).toMatchObject({
        PhoneNum: server.ready.phone,
        ErrCode: 'DELIVERED',
        TemplateCode: server.ready.templateCode,
        Content: expect.stringMatching(`^【${server.ready.signName}】.*246810`),
        SendDate: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        ReceiveDate: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
        OutId: 'order 42',
      });
    });

    it('sends a batch under one BizId', async () => {
      const { phone, signName, templateCode } = server.ready;
      const phones = [phone, numberOf(client, 1), numberOf(client, 2)];
      const answer = await client.call(account, 'SendBatchSms', {
        PhoneNumberJson: JSON.stringify(phones),
        SignNameJson: JSON.stringify(phones.map(() => signName)),
        TemplateCode: templateCode,
        TemplateParamJson: JSON.stringify([{ code: '111111' }, { code: 222222 }, { code: '333333' }]),
      });
      expect(answer).toMatchObject({ Code: 'OK', BizId: expect.stringMatching(/^\d{18,19}\^0$/) });
      expect(await delivered(client, phone, answer.BizId)).toMatchObject({
        Content: expect.stringContaining('111111'),
      });
      expect(await details(client, phones[1]!, answer.BizId)).toMatchObject([
        { Content: expect.stringContaining('222222') },
      ]);
      expect(await details(client, phones[2]!, answer.BizId)).toMatchObject([
        { Content: expect.stringContaining('333333') },
      ]);
    });

    it('is told of the limit of one code a minute', async () => {
      // A minute of the clock may end between two calls, and does so once: one of the two must be refused.
      const number = numberOf(client, 3);
      const codes: string[] = [];
      for (let i = 0; i < 3; i++) {
        const { Code, Message } = await client.call(account, 'SendSms', sms({ PhoneNumbers: number }));
        codes.push(Code);
        if (Code !== 'OK') expect(Message).toContain('触发分钟级流控Permits:1');
      }
      expect(codes[0]).toBe('OK');
      expect(codes).toContain('isv.BUSINESS_LIMIT_CONTROL');
    });

    it.each<[string, Record<string, unknown>, string]>([
      ['an unknown template', { TemplateCode: 'SMS_999' }, 'isv.SMS_TEMPLATE_ILLEGAL'],
      ['an unknown signature', { SignName: '无此签名' }, 'isv.SMS_SIGNATURE_ILLEGAL'],
      ['a number that is none', { PhoneNumbers: '1380013800' }, 'isv.MOBILE_NUMBER_ILLEGAL'],
      ['values that are no JSON', { TemplateParam: 'code=1' }, 'isv.INVALID_JSON_PARAM'],
      ['a variable without a value', { TemplateParam: '{}' }, 'isv.TEMPLATE_MISSING_PARAMETERS'],
      ['a missing parameter', { TemplateCode: '' }, 'MissingTemplateCode'],
    ])('is told of %s', async (_what, change, code) => {
      const fields = Object.entries(sms(change)).filter(([, value]) => value !== undefined);
      const answer = await client.call(account, 'SendSms', Object.fromEntries(fields));
      expect(answer).toMatchObject({ Code: code });
    });

    it('is told of a wrong secret', async () => {
      const answer = await client.call({ ...account, secret: 'another-secret' }, 'SendSms', sms());
      expect(answer).toMatchObject({ Code: 'SignatureDoesNotMatch' });
      expect(answer.Message).toContain('server string to sign is:');
    });
  },
);

describe('every client', () => {
  it('finds its refused calls nowhere among the sent', async () => {
    const days = recentDays();
    const query = { IsGlobe: 1, StartDate: days.at(-1), EndDate: days[0], PageIndex: 1, PageSize: 10 };
    const before = await newest.call(account, 'QuerySendStatistics', query);
    await newest.call(account, 'SendSms', sms({ TemplateParam: 'code=1' }));
    const after = await newest.call(account, 'QuerySendStatistics', query);
    const counted = (answer: typeof after) =>
      (answer.Data as { TargetList: Record<string, number>[] }).TargetList.map((day) => day.TotalCount);
    expect(counted(after)).toEqual(counted(before));
    const sent = counted(after).reduce<number>((sum, count) => sum + count!, 0);
    expect(sent).toBeGreaterThanOrEqual(SENDING_CLIENTS.length);
  });

  it('gets the same answer for the same Idempotency-Key, and 409 for another body', async () => {
    const client = withHeaders({ 'Idempotency-Key': 'compat-1' });
    const answer = await client.call(account, 'SendSms', sms({ OutId: 'once' }));
    expect(answer).toMatchObject({ Code: 'OK' });
    const again = await client.call(account, 'SendSms', sms({ OutId: 'once' }));
    expect(again.BizId).toBe(answer.BizId);
    const differs = await client.call(account, 'SendSms', sms({ OutId: 'twice' }));
    expect(differs).toMatchObject({ Code: 'IdempotencyKeyReused' });
  });
});
