import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { changeWorldForTests } from '../../../../../../tests/world/changes.ts';
import type { DomainError } from '../../../platform/domain-error.ts';
import { createReviewBook } from '../../trust/approvals/public.ts';
import {
  hasRightCheckCharacter,
  isCreditCode,
  openContact,
  packContact,
  type QualificationDraft,
} from './model.ts';
import { createRegistration, type Registration } from './public.ts';

const TENANT = '1000';
const draft = (name: string): QualificationDraft => ({
  name,
  company: '示例科技有限公司',
  creditCode: '91350100M000100Y43',
  legalPerson: '张三',
  ownUse: true,
  contactName: '李四',
  contactPhone: '13800138000',
});
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: DomainError) => error.row?.code ?? String(error),
  );

describe('credit codes', () => {
  it('carry a check character that tells one wrong character', () => {
    // The example of GB 32100-2015, annex.
    expect(hasRightCheckCharacter('91350100M000100Y43')).toBe(true);
    fc.assert(
      fc.property(fc.nat(16), fc.constantFrom(...'0123456789ABCDEFGHJKLMNPQRTUWXY'), (at, character) => {
        const code = '91350100M000100Y43';
        const changed = code.slice(0, at) + character + code.slice(at + 1);
        expect(hasRightCheckCharacter(changed)).toBe(character === code[at]);
      }),
    );
    expect(isCreditCode('91350100m000100Y43')).toBe(false);
    expect(isCreditCode('91350100I000100Y43')).toBe(false);
  });

  it('keep a contact as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (name, phone) => {
        expect(openContact(Buffer.from(packContact({ name, phone })))).toEqual({ name, phone });
      }),
    );
  });
});

describe('registration', () => {
  const world = changeWorldForTests();
  let registration: Registration;

  beforeAll(async () => {
    const { db, ids } = world();
    registration = createRegistration({ ...world(), reviews: createReviewBook({ ids }) });
    await db.sweep((tx) =>
      tx.query(
        `insert into tenants values ($1, 'shop', 'active', false, now()), (1001, 'other', 'active', false, now())`,
        [TENANT],
      ),
    );
  });

  const decide = (subjectId: string, approve: boolean, reason = '') =>
    world().makeChange({
      tenants: [TENANT],
      run: (tx, log, now) =>
        registration.onDecision(
          tx,
          log,
          {
            id: '1',
            tenantId: TENANT,
            subject: 'qualification',
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

  it('take an application, to review within two hours, under an id that the SDKs can carry', async () => {
    const made = await Promise.all([
      registration.create(TENANT, draft('one'), 'user:1'),
      registration.create(TENANT, draft('two'), 'user:1'),
    ]);
    for (const one of made) expect(Number.isSafeInteger(Number(one.id))).toBe(true);
    expect(made[0]!.id).not.toBe(made[1]!.id);
    expect(made[0]).toMatchObject({ state: 'in_review', reason: null, company: '示例科技有限公司' });
    const { rows } = await world().db.sweep((tx) =>
      tx.query<{ subject_id: string; due_at: Date }>(
        `select subject_id, due_at from reviews where state = 'open' order by id`,
      ),
    );
    expect(rows.map((row) => row.subject_id)).toEqual(made.map((one) => one.id));
    expect(rows[0]!.due_at.getTime()).toBe(world().clock.ms + 2 * 3_600_000);
    expect((await world().audit.read(null, 1)).entries[0]).toMatchObject({
      action: 'qualification.requested',
      tenantId: TENANT,
    });
  });

  it('refuse a name twice and a credit code of the wrong form', async () => {
    await registration.create(TENANT, draft('taken'), 'user:1');
    expect(await codeOf(registration.create(TENANT, draft('taken'), 'user:1'))).toBe(
      'qualification.name_taken',
    );
    expect(await codeOf(registration.create('1001', draft('taken'), 'user:1'))).toBe('done');
    const wrong = { ...draft('wrong'), creditCode: '123' };
    expect(await codeOf(registration.create(TENANT, wrong, 'user:1'))).toBe('qualification.credit_code');
  });

  it('follow the decision once, and tell every process', async () => {
    const one = await registration.create(TENANT, draft('decided'), 'user:1');
    const two = await registration.create(TENANT, draft('rejected'), 'user:1');
    const approved = () => world().db.withTenants([TENANT], (tx) => registration.approvedIds(tx, TENANT));
    expect(await approved()).not.toContain(one.id);
    const version = world().registryVersion();
    await decide(one.id, true);
    await decide(two.id, false, 'no licence');
    expect(world().registryVersion()).not.toBe(version);
    expect(await approved()).toEqual([one.id]);
    expect(await registration.get(TENANT, two.id)).toMatchObject({
      state: 'rejected',
      reason: 'no licence',
      decidedAt: new Date(world().clock.ms),
    });
    expect(one.decidedAt).toBeNull();
    expect(await codeOf(decide(one.id, false, 'late'))).toBe('qualification.not_in_review');
  });

  it('show a qualification to its own tenant only', async () => {
    const one = await registration.create(TENANT, draft('mine'), 'user:1');
    expect(await codeOf(registration.get('1001', one.id))).toBe('qualification.not_found');
    const { items, total } = await registration.list('1001');
    expect(total).toBe(items.length);
    expect(items.map(({ id }) => id)).not.toContain(one.id);
    const page = await registration.list(TENANT, { limit: 1, offset: 0 });
    expect(page.items.map(({ name }) => name)).toEqual(['mine']);
    expect(page.total).toBeGreaterThan(1);
  });

  it('seal the contact, and show the reviewer its phone masked', async () => {
    const one = await registration.create(TENANT, draft('contact'), 'user:1');
    const described = (await registration.describe([{ tenantId: TENANT, subjectId: one.id }])).get(one.id);
    expect(described).toEqual({
      title: 'contact',
      facts: {
        company: '示例科技有限公司',
        creditCode: '91350100M000100Y43',
        creditCodeCheck: 'right',
        legalPerson: '张三',
        ownUse: true,
        contactPhone: '138****8000',
      },
      text: null,
      spans: [],
    });
    const { rows } = await world().db.sweep((tx) => tx.query('select * from qualifications'));
    const stored = JSON.stringify(rows) + JSON.stringify((await world().audit.read(null, 100)).entries);
    expect(stored).not.toContain('13800138000');
    expect(stored).not.toContain(Buffer.from('13800138000').toString('hex'));
    expect(stored).not.toContain('李四');
  });

  it('bound the qualifications of a tenant', async () => {
    const tenantId = '1001';
    const { total } = await registration.list(tenantId);
    for (let i = total; i < 100; i++) await registration.create(tenantId, draft(`many ${i}`), 'user:1');
    expect(await codeOf(registration.create(tenantId, draft('one more'), 'user:1'))).toBe(
      'qualification.too_many',
    );
  });
});
