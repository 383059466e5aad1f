import { describe, expect, it } from 'vitest';
import type { Qualification } from '../../../modules/sms/registration/public.ts';
import type { Signature } from '../../../modules/sms/signatures/public.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { DysmsDeps } from './deps.ts';
import { ACTOR, answer, door, type Sent, TENANT } from './testing/ask.ts';

/** 00:05 of the 22nd in UTC+8. */
const AT = Date.UTC(2026, 10, 21, 16, 5, 9);
const NOTHING_SAID = {
  thirdParty: null,
  applyScene: '',
  moreData: [],
  authorizationLetterId: null,
  trademarkId: null,
  appIcpRecordId: null,
};

describe('signatures', () => {
  const sign: Signature = {
    id: '55',
    name: '示例',
    source: 0,
    codeOnly: true,
    qualificationId: '9007',
    remark: 'r',
    state: 'rejected',
    reason: 'no proof',
    orderId: '77',
    createdAt: new Date(AT),
    decidedAt: new Date(AT + 61_000),
    supplement: {
      thirdParty: null,
      applyScene: 'shop',
      moreData: ['papers/1.png'],
      authorizationLetterId: '1000001',
      trademarkId: null,
      appIcpRecordId: null,
    },
  };
  /** Every door to the module leads here: its name and what came through it. */
  const registry = () => {
    const seen: unknown[] = [];
    const signatures: DysmsDeps['signatures'] = {
      create: door(seen, 'create', sign),
      update: door(seen, 'update', sign),
      remove: door(seen, 'remove', undefined),
      get: door(seen, 'get', sign),
      list: door(seen, 'list', {
        items: [
          sign,
          { ...sign, codeOnly: false, state: 'approved' as const, reason: null, supplement: NOTHING_SAID },
        ],
        total: 12,
      }),
    };
    const registration = { get: door(seen, 'qualification', { ownUse: true } as Qualification) };
    return { seen, deps: { signatures, registration } };
  };
  const form = { SignName: '示例', SignSource: '5', Remark: 'why' };
  const draft = { name: '示例', source: 5, codeOnly: false, remark: 'why' };

  it('apply in the newer words', async () => {
    const { seen, deps } = registry();
    for (const action of ['CreateSmsSign', 'UpdateSmsSign']) {
      const { fields } = await answer(deps, action, { ...form, QualificationId: '9007', SignType: '0' });
      expect(fields).toEqual({ OrderId: '77', SignName: '示例' });
    }
    const wanted = { ...draft, codeOnly: true, qualificationId: '9007', supplement: NOTHING_SAID };
    expect(seen).toEqual([
      ['create', TENANT, wanted, ACTOR],
      ['update', TENANT, wanted, ACTOR],
    ]);
    const none = await answer(deps, 'CreateSmsSign', form);
    expect(none.error).toMatchObject({ code: 'MissingQualificationId', httpStatus: 400 });
  });

  it('keep what is said beside the form, and refuse what has not its form', async () => {
    const { seen, deps } = registry();
    const newer = { ...form, QualificationId: '9007' };
    const beside = {
      ThirdParty: 'true',
      ApplySceneContent: 'https://example.com',
      MoreData: '["papers/1.png","papers/2.png"]',
      AuthorizationLetterId: '1000001',
      TrademarkId: '12',
      AppIcpRecordId: '9007199254740991',
    };
    await answer(deps, 'CreateSmsSign', { ...newer, ...beside });
    expect(seen[0]).toMatchObject([
      'create',
      TENANT,
      {
        supplement: {
          thirdParty: true,
          applyScene: 'https://example.com',
          moreData: ['papers/1.png', 'papers/2.png'],
          authorizationLetterId: '1000001',
          trademarkId: '12',
          appIcpRecordId: '9007199254740991',
        },
      },
      ACTOR,
    ]);
    const wrongs: Sent[] = [
      { ThirdParty: 'perhaps' },
      { ApplySceneContent: 'x'.repeat(501) },
      { MoreData: '[{"a":"b"}]' },
      { MoreData: 'papers/1.png' },
      { MoreData: JSON.stringify(Array.from({ length: 21 }, () => 'p')) },
      { TrademarkId: 'twelve' },
      { AppIcpRecordId: '9007199254740992' },
    ];
    for (const wrong of wrongs) {
      const { error } = await answer(deps, 'CreateSmsSign', { ...newer, ...wrong });
      expect([wrong, error]).toMatchObject([wrong, { code: 'isv.INVALID_PARAMETERS' }]);
    }
  });

  it('apply in the older words, with files', async () => {
    const { seen, deps } = registry();
    const file = {
      'SignFileList.1.FileSuffix': 'png',
      'SignFileList.1.FileContents': 'data:image/png;base64,AQID',
    };
    for (const action of ['AddSmsSign', 'ModifySmsSign']) {
      expect((await answer(deps, action, { ...form, ...file })).fields).toEqual({ SignName: '示例' });
    }
    const wanted = {
      ...draft,
      qualificationId: null,
      files: [{ suffix: 'png', contents: Buffer.of(1, 2, 3) }],
    };
    expect(seen).toEqual([
      ['create', TENANT, wanted, ACTOR],
      ['update', TENANT, wanted, ACTOR],
    ]);
    const noFile = await answer(deps, 'AddSmsSign', form);
    expect(noFile.error).toMatchObject({ code: 'MissingSignFileList' });
    const broken = await answer(deps, 'AddSmsSign', { ...form, ...file, 'SignFileList.1.FileContents': '*' });
    expect(broken.error).toMatchObject({ code: 'isv.SIGN_FILE_LIMIT' });
  });

  it('are shown in the numbers and words of each action', async () => {
    const { deps } = registry();
    const one = { SignName: '示例' };
    expect((await answer(deps, 'GetSmsSign', one)).fields).toMatchObject({
      SignStatus: 2,
      AuditInfo: { AuditDate: '2026-11-22 00:06:10', RejectInfo: 'no proof' },
      ApplyScene: 'shop',
      AuthorizationLetterId: 1000001,
      QualificationId: 9007,
      ThirdParty: false,
      OrderId: '77',
      CreateDate: '2026-11-22 00:05:09',
      FileUrlList: ['papers/1.png'],
    });
    const waiting = { ...deps.signatures, get: async () => ({ ...sign, decidedAt: null }) };
    const undecided = await answer({ ...deps, signatures: waiting }, 'GetSmsSign', one);
    expect(undecided.fields!.AuditInfo).toEqual({ RejectInfo: 'no proof' });
    const said = { ...sign, supplement: { ...sign.supplement, thirdParty: true } };
    const third = { ...deps.signatures, get: async () => said };
    const shown = await answer({ ...deps, signatures: third }, 'GetSmsSign', one);
    expect(shown.fields).toMatchObject({ ThirdParty: true });
    expect((await answer(deps, 'QuerySmsSign', one)).fields).toEqual({
      SignName: '示例',
      SignStatus: 2,
      Reason: 'no proof',
      CreateDate: '2026-11-22 00:05:09',
    });
    const { asks, fields } = await answer(deps, 'QuerySmsSignList', { PageIndex: '3', PageSize: '5' });
    expect(asks).toEqual(['dysms:QuerySmsSignList', 'acs:dysms:*:1001:sign/*']);
    expect(fields).toMatchObject({
      TotalCount: 12,
      CurrentPage: 3,
      PageSize: 5,
      SmsSignList: [
        {
          AuditStatus: 'AUDIT_STATE_NOT_PASS',
          BusinessType: '验证码类型',
          Reason: { RejectInfo: 'no proof', RejectSubInfo: '', RejectDate: '2026-11-22 00:06:10' },
        },
        { AuditStatus: 'AUDIT_STATE_PASS', BusinessType: '通用类型', Reason: { RejectInfo: '' } },
      ],
    });
    const [rejected, passed] = fields!.SmsSignList as Record<string, unknown>[];
    expect(rejected).toMatchObject({ AuthorizationLetterId: 1000001 });
    // A date of rejection is one of a rejection.
    expect(passed!.Reason).toEqual({ RejectInfo: '', RejectSubInfo: '' });
    expect(passed).not.toHaveProperty('AuthorizationLetterId');
  });

  it('page from 1, ten at a time', async () => {
    const { seen, deps } = registry();
    await answer(deps, 'QuerySmsSignList', { PageIndex: '3', PageSize: '5' });
    await answer(deps, 'QuerySmsSignList', {});
    expect(seen).toEqual([
      ['list', TENANT, { limit: 5, offset: 10 }],
      ['list', TENANT, { limit: 10, offset: 0 }],
    ]);
  });

  it('go, and a refusal of the module has its code of the wire', async () => {
    const { seen, deps } = registry();
    expect((await answer(deps, 'DeleteSmsSign', { SignName: '示例' })).fields).toEqual({ SignName: '示例' });
    expect(seen).toEqual([['remove', TENANT, { name: '示例' }, ACTOR]]);
    const row = {
      code: 'signature.not_found',
      http: 404,
      problem: 'not_found',
      wire: 'isv.SMS_SIGNATURE_ILLEGAL',
    };
    const gone = async () => {
      throw new DomainError(row, 'Look again.');
    };
    const { error } = await answer({ signatures: { ...deps.signatures, remove: gone } }, 'DeleteSmsSign', {
      SignName: '示例',
    });
    expect(error).toEqual({ kind: 'business', code: 'isv.SMS_SIGNATURE_ILLEGAL', message: 'Look again.' });
  });
});
