import { describe, expect, it } from 'vitest';
import type { Template, TemplateDraft } from '../../../modules/sms/templates/public.ts';
import type { DysmsDeps } from './deps.ts';
import { ACTOR, answer, door, type Sent, TENANT } from './testing/ask.ts';

/** 00:05 of the 22nd in UTC+8. */
const AT = Date.UTC(2026, 10, 21, 16, 5, 9);

/** A variable as a template writes it. */
const CONTENT = ['Your code is $', '{code}'].join('');

describe('templates', () => {
  const template: Template = {
    id: '66',
    code: 'SMS_100000001',
    name: 'login',
    kind: 'international',
    content: CONTENT,
    variables: { code: 'numberCaptcha' },
    relatedSignName: '示例',
    remark: 'r',
    state: 'withdrawn',
    reason: null,
    orderId: '78',
    createdAt: new Date(AT),
    decidedAt: new Date(AT + 61_000),
    supplement: { applyScene: 'shop', moreData: ['papers/1.png'], trafficDriving: 'none', intlType: 2 },
  };
  const registry = (kinds: readonly Template['kind'][] = ['international']) => {
    const seen: unknown[] = [];
    const templates: DysmsDeps['templates'] = {
      create: door(seen, 'create', template),
      update: door(seen, 'update', template),
      remove: door(seen, 'remove', undefined),
      get: door(seen, 'get', template),
      list: door(seen, 'list', { items: kinds.map((kind) => ({ ...template, kind })), total: kinds.length }),
    };
    return { seen, deps: { templates } };
  };
  const code = { TemplateCode: 'SMS_100000001' };
  const form = {
    TemplateName: 'login',
    TemplateContent: CONTENT,
    TemplateType: '3',
    Remark: 'r',
  };
  const draft: TemplateDraft = {
    name: 'login',
    kind: 'international',
    content: CONTENT,
    variables: {},
    relatedSignName: null,
    remark: 'r',
    supplement: { applyScene: '', moreData: [], trafficDriving: '', intlType: null },
  };
  const { supplement: _, ...olderDraft } = draft;

  it('apply in the newer and the older words', async () => {
    const { seen, deps } = registry();
    const rule = {
      TemplateRule: '{"code":"numberCaptcha"}',
      RelatedSignName: '示例',
      IntlType: '2',
      ApplySceneContent: 'https://example.com',
      'MoreData.1': 'papers/1.png',
      TrafficDriving: 'none',
    };
    const applied = { OrderId: '78', TemplateCode: 'SMS_100000001', TemplateName: 'login' };
    expect((await answer(deps, 'CreateSmsTemplate', { ...form, ...rule })).fields).toEqual(applied);
    expect((await answer(deps, 'UpdateSmsTemplate', { ...form, ...rule, ...code })).fields).toEqual(applied);
    expect((await answer(deps, 'AddSmsTemplate', form)).fields).toEqual(code);
    expect((await answer(deps, 'ModifySmsTemplate', { ...form, ...code })).fields).toEqual(code);
    expect((await answer(deps, 'DeleteSmsTemplate', code)).fields).toEqual(code);
    const ruled = {
      ...draft,
      variables: { code: 'numberCaptcha' },
      relatedSignName: '示例',
      supplement: {
        applyScene: 'https://example.com',
        moreData: ['papers/1.png'],
        trafficDriving: 'none',
        intlType: 2,
      },
    };
    const which = { code: 'SMS_100000001' };
    expect(seen).toEqual([
      ['create', TENANT, ruled, ACTOR],
      ['update', TENANT, which, ruled, ACTOR],
      ['create', TENANT, olderDraft, ACTOR],
      ['update', TENANT, which, olderDraft, ACTOR],
      ['remove', TENANT, which, ACTOR],
    ]);
  });

  it.each<[string, Sent, string]>([
    ['a type that is none', { TemplateType: '4' }, 'isv.INVALID_PARAMETERS'],
    ['IntlType at home', { TemplateType: '0', IntlType: '0' }, 'isv.INVALID_PARAMETERS'],
    ['rules that are no JSON', { TemplateRule: 'code' }, 'isv.INVALID_JSON_PARAM'],
    ['rules of an unknown type', { TemplateRule: '{"code":"digits"}' }, 'isv.INVALID_PARAMETERS'],
    ['a text beyond all', { TemplateContent: 'x'.repeat(2_001) }, 'isv.INVALID_PARAMETERS'],
  ])('refuse %s', async (_what, change, wire) => {
    const { seen, deps } = registry();
    const { error } = await answer(deps, 'CreateSmsTemplate', { ...form, ...change });
    expect([error, seen]).toMatchObject([{ kind: 'business', code: wire }, []]);
  });

  it('are shown as text in one action and as numbers in the other', async () => {
    const { deps } = registry();
    const { fields } = await answer(deps, 'GetSmsTemplate', code);
    expect(fields).toMatchObject({
      TemplateType: '3',
      TemplateStatus: '10',
      VariableAttribute: '{"code":"numberCaptcha"}',
      SignList: { SignList: ['示例'] },
      CreateDate: '2026-11-22 00:05:09',
      AuditInfo: { AuditDate: '2026-11-22 00:06:10', RejectInfo: '' },
      ApplyScene: 'shop',
      IntlType: 2,
      MoreDataFileUrlList: { MoreDataFileUrl: ['papers/1.png'] },
    });
    const older = await answer(deps, 'QuerySmsTemplate', code);
    expect(older.fields).toMatchObject({ TemplateType: 3, TemplateStatus: 10, Reason: '' });
  });

  it('have a scale of their own in the list, and its misspelt status', async () => {
    const { deps } = registry(['code', 'notice', 'marketing', 'international']);
    const { fields } = await answer(deps, 'QuerySmsTemplateList', {});
    const listed = fields!.SmsTemplateList as Record<string, unknown>[];
    expect(listed.map((row) => [row.TemplateType, row.OuterTemplateType])).toEqual([
      [2, 0],
      [0, 1],
      [1, 2],
      [6, 3],
    ]);
    expect(listed[0]).toMatchObject({ AuditStatus: 'AUDIT_SATE_CANCEL', TrafficDriving: 'none' });
    expect(listed[0]!.Reason).toEqual({ RejectInfo: '', RejectSubInfo: '' });
    const rejected = { ...template, state: 'rejected' as const, reason: 'too vague' };
    const list = async () => ({ items: [rejected], total: 1 });
    const again = await answer({ templates: { ...deps.templates, list } }, 'QuerySmsTemplateList', {});
    expect((again.fields!.SmsTemplateList as Record<string, unknown>[])[0]!.Reason).toEqual({
      RejectInfo: 'too vague',
      RejectSubInfo: '',
      RejectDate: '2026-11-22 00:06:10',
    });
  });
});
