import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDataDir, type RunningServer, removeDataDir, startServer } from '../world/server.ts';
import { type Account, type Answered, type Client, NEWER_CLIENTS, OLDER_CLIENTS } from './clients.ts';

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

const named = (clients: readonly Client[]) =>
  clients.map((client, place) => [client.name, client, place] as const);
const WIRE_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
const ORDER = expect.stringMatching(/^\d{18,19}$/);
/** A variable as a template writes it. */
const CODE = ['$', '{code}'].join('');

async function ok(answering: Promise<Answered>): Promise<Answered> {
  const answer = await answering;
  expect(answer).toMatchObject({ Code: 'OK' });
  return answer;
}

const rowsOf = (answer: Answered, name: string) => answer[name] as Record<string, unknown>[];

describe.each(named(NEWER_CLIENTS))('newer names through %s', (_name, client, place) => {
  const call = (action: string, fields: Record<string, unknown>) => client.call(account, action, fields);
  const SignName = `新签名${'甲乙丙'[place]}`;

  it('take a signature from application to deletion', async () => {
    const form = {
      SignName,
      SignSource: 0,
      // As callers write it who copy the number into their program.
      QualificationId: Number(server.ready.qualificationId),
      Remark: '登录',
    };
    const made = await ok(call('CreateSmsSign', { ...form, SignType: 1 }));
    expect(made).toMatchObject({ SignName, OrderId: ORDER });
    const shown = await ok(call('GetSmsSign', { SignName }));
    expect(shown).toMatchObject({
      SignName,
      SignStatus: 0,
      QualificationId: form.QualificationId,
      ThirdParty: false,
      Remark: '登录',
      OrderId: made.OrderId,
      CreateDate: WIRE_TIME,
    });
    const changed = await ok(call('UpdateSmsSign', { ...form, SignType: 0, Remark: '仅验证码' }));
    expect(changed.OrderId).not.toBe(made.OrderId);
    const list = await ok(call('QuerySmsSignList', { PageIndex: 1, PageSize: 50 }));
    expect(list).toMatchObject({ CurrentPage: 1, PageSize: 50 });
    expect(rowsOf(list, 'SmsSignList')).toHaveLength(Number(list.TotalCount));
    expect(rowsOf(list, 'SmsSignList').filter((row) => row.SignName === SignName)).toMatchObject([
      {
        AuditStatus: 'AUDIT_STATE_INIT',
        BusinessType: '验证码类型',
        OrderId: changed.OrderId,
        CreateDate: WIRE_TIME,
      },
    ]);
    expect(await ok(call('DeleteSmsSign', { SignName }))).toMatchObject({ SignName });
    expect(await call('GetSmsSign', { SignName })).toMatchObject({ Code: 'isv.SMS_SIGNATURE_ILLEGAL' });
  });

  it('take a template from application to deletion', async () => {
    const form = {
      TemplateName: `登录${place}`,
      TemplateContent: `您的登录验证码为${CODE}，请勿泄露。`,
      TemplateType: 0,
      RelatedSignName: server.ready.signName,
      TemplateRule: '{"code":"numberCaptcha"}',
      Remark: '登录',
    };
    const made = await ok(call('CreateSmsTemplate', form));
    const code = { TemplateCode: made.TemplateCode };
    expect(made).toMatchObject({
      OrderId: ORDER,
      TemplateName: form.TemplateName,
      TemplateCode: expect.stringMatching(/^SMS_\d{9}$/),
    });
    const shown = await ok(call('GetSmsTemplate', code));
    expect(shown).toMatchObject({
      ...code,
      TemplateContent: form.TemplateContent,
      TemplateType: '0',
      TemplateStatus: '0',
      RelatedSignName: server.ready.signName,
      VariableAttribute: '{"code":"numberCaptcha"}',
      OrderId: made.OrderId,
      CreateDate: WIRE_TIME,
    });
    const text = { TemplateContent: `您的动态码为${CODE}，请勿泄露。`, TemplateType: 1 };
    expect(await ok(call('UpdateSmsTemplate', { ...form, ...code, ...text }))).toMatchObject(code);
    const list = await ok(call('QuerySmsTemplateList', { PageIndex: 1, PageSize: 50 }));
    const rows = rowsOf(list, 'SmsTemplateList').filter((row) => row.TemplateCode === made.TemplateCode);
    expect(rows).toMatchObject([
      {
        TemplateContent: text.TemplateContent,
        TemplateType: 0,
        OuterTemplateType: 1,
        AuditStatus: 'AUDIT_STATE_INIT',
      },
    ]);
    expect(await ok(call('DeleteSmsTemplate', code))).toMatchObject(code);
    expect(await call('GetSmsTemplate', code)).toMatchObject({ Code: 'isv.SMS_TEMPLATE_ILLEGAL' });
  });

  it('tell what is wrong with an application', async () => {
    const { qualificationId, signName } = server.ready;
    const sign = { SignName: '新签名', SignSource: 0, QualificationId: Number(qualificationId) };
    const wrongSigns: [Record<string, unknown>, string][] = [
      [{ SignName: '1234' }, 'isv.SIGN_NAME_ILLEGAL'],
      [{ SignName: signName }, 'isv.SIGN_NAME_ILLEGAL'],
      [{ QualificationId: 1 }, 'isv.INVALID_PARAMETERS'],
      [{ SignSource: 9 }, 'isv.INVALID_PARAMETERS'],
    ];
    for (const [change, code] of wrongSigns) {
      expect(await call('CreateSmsSign', { ...sign, ...change })).toMatchObject({ Code: code });
    }
    const template = { TemplateName: '促销', TemplateContent: '新品上市，欢迎选购。', TemplateType: 2 };
    expect(await call('CreateSmsTemplate', template)).toMatchObject({ Code: 'isv.SMS_CONTENT_ILLEGAL' });
    const rule = { ...template, TemplateType: 1, TemplateRule: 'code' };
    expect(await call('CreateSmsTemplate', rule)).toMatchObject({ Code: 'isv.INVALID_JSON_PARAM' });
  });
});

describe.each(named(OLDER_CLIENTS))('older names through %s', (_name, client, place) => {
  const call = (action: string, fields: Record<string, unknown>) => client.call(account, action, fields);
  const SignName = `旧签名${'甲乙丙丁'[place]}`;

  it('take a signature from application to deletion', async () => {
    // pop-core sends the fields of the wire as they are; the generated SDKs build them from a list.
    const FileContents = Buffer.from('a scan of the licence').toString('base64');
    const files = client.name.includes('pop-core')
      ? { 'SignFileList.1.FileContents': FileContents, 'SignFileList.1.FileSuffix': 'png' }
      : { SignFileList: [{ FileContents, FileSuffix: 'png' }] };
    const form = { SignName, SignSource: 0, Remark: '登录', ...files };
    expect(await ok(call('AddSmsSign', form))).toMatchObject({ SignName });
    expect(await ok(call('QuerySmsSign', { SignName }))).toMatchObject({
      SignName,
      SignStatus: 0,
      Reason: '',
      CreateDate: WIRE_TIME,
    });
    expect(await ok(call('ModifySmsSign', { ...form, Remark: '登录和通知' }))).toMatchObject({ SignName });
    expect(await ok(call('DeleteSmsSign', { SignName }))).toMatchObject({ SignName });
    expect(await call('QuerySmsSign', { SignName })).toMatchObject({ Code: 'isv.SMS_SIGNATURE_ILLEGAL' });
  });

  it('take a template from application to deletion', async () => {
    const form = {
      TemplateName: `旧模板${place}`,
      TemplateContent: `验证码${CODE}。`,
      TemplateType: 0,
      Remark: '登录',
    };
    const { TemplateCode } = await ok(call('AddSmsTemplate', form));
    expect(await ok(call('QuerySmsTemplate', { TemplateCode }))).toMatchObject({
      TemplateCode,
      TemplateName: form.TemplateName,
      TemplateContent: form.TemplateContent,
      TemplateType: 0,
      TemplateStatus: 0,
      CreateDate: WIRE_TIME,
    });
    const changed = { ...form, TemplateCode, TemplateContent: `动态码${CODE}。` };
    expect(await ok(call('ModifySmsTemplate', changed))).toMatchObject({ TemplateCode });
    expect(await ok(call('DeleteSmsTemplate', { TemplateCode }))).toMatchObject({ TemplateCode });
    expect(await call('QuerySmsTemplate', { TemplateCode })).toMatchObject({
      Code: 'isv.SMS_TEMPLATE_ILLEGAL',
    });
  });
});
