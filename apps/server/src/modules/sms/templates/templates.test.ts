import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { changeWorldForTests } from '../../../../../../tests/world/changes.ts';
import type { DomainError } from '../../../platform/domain-error.ts';
import { createReviewBook } from '../../trust/approvals/public.ts';
import { faultOfDraft, hasOptOutLine, isCode, newCode, type TemplateDraft } from './model.ts';
import { createTemplates, type Templates } from './public.ts';

const TENANT = '1000';
const OTHER = '1001';
const CODE_TEXT = '您的验证码是${code}，五分钟内有效。';
const draft = (more: Partial<TemplateDraft> = {}): TemplateDraft => ({
  name: '登录验证',
  kind: 'code',
  content: CODE_TEXT,
  variables: { code: 'numberCaptcha' },
  relatedSignName: null,
  remark: '',
  ...more,
});
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: DomainError) => error.row?.code ?? String(error),
  );

describe('drafts', () => {
  it.each([
    '新品上市，拒收请回复R',
    '新品，回复TD退订',
    '新品，回T退订',
    '新品，拒收回Ｒ',
    '新品，退订回复T',
    '新品 回复退订',
  ])('of marketing may end like %s', (content) => {
    expect(hasOptOutLine(content)).toBe(true);
    expect(faultOfDraft(draft({ kind: 'marketing', content, variables: {} }))).toBeUndefined();
  });
  it.each(['新品上市', '新品上市，欢迎回复', '请勿拒收', '退订请致电客服'])(
    'of marketing may not end like %s',
    (content) => {
      expect(faultOfDraft(draft({ kind: 'marketing', content, variables: {} }))).toEqual({
        about: 'content',
        fault: 'opt_out_missing',
      });
    },
  );
  it('say what is wrong with them', () => {
    const fault = (more: Partial<TemplateDraft>) => faultOfDraft(draft({ variables: {}, ...more }))?.fault;
    expect(fault({ content: `${'长'.repeat(501)}` })).toBe('too_long');
    expect(fault({ content: '长'.repeat(500) })).toBeUndefined();
    expect(fault({ content: '码$'.concat('{code') })).toBe('unbalanced');
    expect(fault({ content: '$'.concat('{code}') })).toBe('full_variable');
    expect(fault({ content: '【示例】您好' })).toBe('brackets');
    expect(fault({ content: '  ' })).toBe('empty');
    expect(fault({ name: '' })).toBe('length');
    expect(fault({ name: '名'.repeat(31) })).toBe('length');
    expect(fault({ remark: 'x'.repeat(201) })).toBe('length');
    expect(fault({ variables: { code: 'nonsense' } })).toBe('unknown_type');
    expect(fault({ variables: { other: 'others' } })).toBe('not_in_content');
  });
  it('never throw', () => {
    const anything = fc.record({
      name: fc.string(),
      kind: fc.constantFrom(
        'code' as const,
        'notice' as const,
        'marketing' as const,
        'international' as const,
      ),
      content: fc.string({ maxLength: 600 }),
      variables: fc.dictionary(fc.string(), fc.string()),
      relatedSignName: fc.constant(null),
      remark: fc.string(),
    });
    fc.assert(fc.property(anything, (any) => faultOfDraft(any) === undefined || true));
  });
  it('get codes of nine digits', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (octets) =>
        isCode(newCode(() => Buffer.from(octets))),
      ),
    );
  });
});

describe('templates', () => {
  const world = changeWorldForTests();
  let templates: Templates;

  beforeAll(async () => {
    const { db, ids } = world();
    templates = createTemplates({
      ...world(),
      reviews: createReviewBook({ ids }),
      isSignatureKnown: async (_tx, tenantId, name) => tenantId === TENANT && name === '示例',
      screen: (text, kind) => ({
        verdict: text.includes('奖') ? 'review' : 'pass',
        labels: [kind],
        spans: [{ start: 0, end: 1, restored: text[0]!, rule: 'lexicon:test/1', label: null }],
      }),
    });
    await db.sweep((tx) =>
      tx.query(
        `insert into tenants values ($1, 'shop', 'active', false, now()), ($2, 'other', 'active', false, now())`,
        [TENANT, OTHER],
      ),
    );
  });

  const decide = (subjectId: string, approve: boolean, reason = '') =>
    world().makeChange({
      tenants: [TENANT],
      run: (tx, log, now) =>
        templates.onDecision(
          tx,
          log,
          {
            id: '1',
            tenantId: TENANT,
            subject: 'template',
            subjectId,
            state: 'approved',
            openedAt: new Date(now),
            dueAt: new Date(now),
            decidedAt: null,
            decidedBy: null,
            reason: null,
          },
          { approve, reason, actor: 'user:70' },
          now,
        ),
    });
  const reviewsOf = async (subjectId: string) =>
    (
      await world().db.sweep((tx) =>
        tx.query<{ state: string }>('select state from reviews where subject_id = $1 order by id', [
          subjectId,
        ]),
      )
    ).rows.map(({ state }) => state);

  it('wait for a review and then can be sent, parsed', async () => {
    const one = await templates.create(TENANT, draft({ relatedSignName: '示例' }), 'key:LTAI1');
    expect(one.code).toMatch(/^SMS_\d{9}$/);
    expect(await templates.lookup(TENANT, one.code)).toMatchObject({ state: 'in_review' });
    await decide(one.id, true);
    const found = await templates.lookup(TENANT, one.code);
    expect(found).toMatchObject({ id: one.id, kind: 'code', state: 'approved', relatedSignName: '示例' });
    expect(found!.template).toEqual({ literals: ['您的验证码是', '，五分钟内有效。'], variables: ['code'] });
    expect(found!.rules.byName.get('code')!.name).toBe('numberCaptcha');
    expect(templates.lookup(TENANT, one.code)).not.toBeInstanceOf(Promise);
    expect(await templates.lookup(OTHER, one.code)).toBeUndefined();
    expect(templates.lookup(TENANT, "SMS_1' or")).toBeUndefined();
    expect(await templates.get(TENANT, { id: one.id })).toEqual({
      ...one,
      state: 'approved',
      decidedAt: new Date(world().clock.ms),
    });
  });

  it('are refused with the reason, and stored nowhere', async () => {
    const before = await templates.list(TENANT);
    const refused = async (more: Partial<TemplateDraft>) =>
      codeOf(templates.create(TENANT, draft(more), 'user:1'));
    expect(await refused({ content: '' })).toBe('template.content_illegal');
    expect(await refused({ variables: { code: 'nonsense' } })).toBe('template.variables_illegal');
    expect(await refused({ name: '' })).toBe('template.name_illegal');
    expect(await refused({ remark: 'x'.repeat(201) })).toBe('template.remark_too_long');
    expect(await refused({ relatedSignName: '别人的' })).toBe('template.signature_unknown');
    expect((await templates.list(TENANT)).total).toBe(before.total);
  });

  it('change until they are approved, each time with a new review', async () => {
    const one = await templates.create(TENANT, draft(), 'user:1');
    const two = await templates.update(TENANT, { code: one.code }, draft({ name: '改名' }), 'user:1');
    expect(two).toMatchObject({ id: one.id, code: one.code, name: '改名', state: 'in_review' });
    expect(two.orderId).not.toBe(one.orderId);
    expect(await reviewsOf(one.id)).toEqual(['lapsed', 'open']);
    await decide(one.id, false, 'too vague');
    expect(await templates.get(TENANT, { id: one.id })).toMatchObject({
      state: 'rejected',
      reason: 'too vague',
      decidedAt: new Date(world().clock.ms),
    });
    expect(await templates.update(TENANT, { id: one.id }, draft(), 'user:1')).toMatchObject({
      state: 'in_review',
      reason: null,
      decidedAt: null,
    });
    expect((await templates.get(TENANT, { id: one.id })).decidedAt).toBeNull();
    await decide(one.id, true);
    expect(await codeOf(templates.update(TENANT, { id: one.id }, draft(), 'user:1'))).toBe(
      'template.approved_already',
    );
    expect(await codeOf(templates.update(OTHER, { id: one.id }, draft(), 'user:1'))).toBe(
      'template.not_found',
    );
    expect(await codeOf(decide(one.id, false, 'late'))).toBe('template.not_in_review');
  });

  it('are gone when deleted, but for the messages that name them', async () => {
    const one = await templates.create(TENANT, draft(), 'user:1');
    expect(await templates.lookup(TENANT, one.code)).toMatchObject({ state: 'in_review' });
    await templates.remove(TENANT, { code: one.code }, 'user:1');
    expect(await codeOf(templates.get(TENANT, { id: one.id }))).toBe('template.not_found');
    expect(await templates.lookup(TENANT, one.code)).toMatchObject({ state: 'withdrawn' });
    expect((await templates.list(TENANT)).items.map(({ id }) => id)).not.toContain(one.id);
    expect(await reviewsOf(one.id)).toEqual(['lapsed']);
    expect(await codeOf(templates.update(TENANT, { id: one.id }, draft(), 'user:1'))).toBe(
      'template.not_found',
    );
    expect(await codeOf(templates.remove(TENANT, { id: one.id }, 'user:1'))).toBe('template.not_found');
  });

  it('are listed newest first, by pages and filters, to their own tenant', async () => {
    const one = await templates.create(
      TENANT,
      draft({ name: '特别的名字', kind: 'notice', variables: {} }),
      'user:1',
    );
    expect((await templates.list(TENANT, { limit: 1, offset: 0 })).items[0]!.id).toBe(one.id);
    expect(await templates.list(TENANT, { limit: 9, offset: 0, search: '特别' })).toMatchObject({
      total: 1,
      items: [{ id: one.id }],
    });
    expect(await templates.list(TENANT, { limit: 9, offset: 0, search: one.code })).toMatchObject({
      total: 1,
    });
    expect((await templates.list(TENANT, { limit: 9, offset: 0, kind: 'notice' })).total).toBe(1);
    expect((await templates.list(TENANT, { limit: 9, offset: 0, state: 'rejected' })).total).toBe(0);
    expect(await templates.list(OTHER)).toEqual({ items: [], total: 0 });
  });

  it('come to the reviewer with their text and what screening says', async () => {
    const one = await templates.create(
      TENANT,
      draft({ content: '您中奖了', variables: {}, kind: 'notice' }),
      'user:1',
    );
    const described = (await templates.describe([{ tenantId: TENANT, subjectId: one.id }])).get(one.id);
    expect(described).toMatchObject({
      title: '登录验证',
      text: '您中奖了',
      facts: { code: one.code, kind: 'notice', screening: 'review', labels: ['notice'] },
    });
    expect(described!.spans).toHaveLength(1);
  });

  it('keep what the caller said beside the form, also when the console changes the rest', async () => {
    const supplement = {
      applyScene: 'https://example.com',
      moreData: ['a.png', 'b.png'],
      trafficDriving: 'none',
      intlType: 2,
    };
    const one = await templates.create(TENANT, draft({ supplement }), 'key:LTAI1');
    const facts = async () =>
      (await templates.describe([{ tenantId: TENANT, subjectId: one.id }])).get(one.id)?.facts;
    expect(await facts()).toMatchObject({
      applyScene: 'https://example.com',
      trafficDriving: 'none',
      variables: { code: 'numberCaptcha' },
    });
    await templates.update(TENANT, { id: one.id }, draft({ name: '控制台' }), 'user:1');
    expect(await templates.get(TENANT, { id: one.id })).toMatchObject({ name: '控制台', supplement });
    const said = { ...supplement, moreData: [], intlType: null };
    await templates.update(TENANT, { id: one.id }, draft({ supplement: said }), 'key:LTAI1');
    expect((await templates.get(TENANT, { id: one.id })).supplement).toEqual(said);
  });

  it('are taken a hundred times a day', async () => {
    world().clock.ms += 86_400_000;
    for (let i = 0; i < 100; i++) await templates.create(TENANT, draft(), 'user:1');
    expect(await codeOf(templates.create(TENANT, draft(), 'user:1'))).toBe('template.too_many_today');
    world().clock.ms += 86_400_000;
    expect(await codeOf(templates.create(TENANT, draft(), 'user:1'))).toBe('done');
  });
});
