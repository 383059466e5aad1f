import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeWorldForTests } from '../../../../../../tests/world/changes.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { Principal, UserPrincipal } from '../access/public.ts';
import {
  type Approvals,
  createApprovals,
  createReviewBook,
  type DecisionEffect,
  type ReviewBook,
  type ReviewSubject,
} from './public.ts';

const REVIEWER: UserPrincipal = {
  kind: 'user',
  userId: '70',
  name: 'rita',
  role: 'reviewer',
  tenantId: null,
};
const TENANT = '1000';
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: DomainError) => error.row?.code ?? String(error),
  );

describe('approvals', () => {
  const world = changeWorldForTests();
  let book: ReviewBook;
  let approvals: Approvals;
  let effects: { subject: string; subjectId: string; approve: boolean }[];
  let released: { id: string; durable: Promise<string> }[];
  let refuseEffect: DomainError | undefined;
  let made = 100;

  beforeAll(async () => {
    const { db, ids } = world();
    book = createReviewBook({ ids });
    await db.sweep((tx) =>
      tx.query(
        `insert into tenants values ($1, 'shop', 'active', false, now()), (1001, 'other', 'active', false, now())`,
        [TENANT],
      ),
    );
    const effect =
      (subject: ReviewSubject): DecisionEffect<string> =>
      async (_tx, log, { subjectId }, { approve }) => {
        effects.push({ subject, subjectId, approve });
        log.append({
          action: `${subject}.effect`,
          actor: 'user:70',
          tenantId: TENANT,
          subject: 'x_1',
          facts: {},
        });
        if (refuseEffect !== undefined) throw refuseEffect;
        return subjectId;
      };
    const nothing = async () => new Map();
    approvals = createApprovals({
      db,
      makeChange: world().makeChange,
      onDecision: {
        qualification: effect('qualification'),
        signature: effect('signature'),
        template: effect('template'),
        message: effect('message'),
      },
      afterDecision: {
        message: (subjectId) => {
          released.push({ id: subjectId, durable: stateOfSubject(subjectId) });
        },
      },
      describe: {
        qualification: nothing,
        signature: async (subjects) =>
          new Map(
            subjects.map(({ subjectId }) => [
              subjectId,
              { title: `【${subjectId}】`, facts: { use: 'general' }, text: null, spans: [] },
            ]),
          ),
        template: nothing,
        message: nothing,
      },
      tenantNames: async (tenantIds) => new Map(tenantIds.map((id) => [id, `tenant ${id}`])),
    });
  });

  beforeEach(() => {
    effects = [];
    released = [];
    refuseEffect = undefined;
  });

  const open = async (subject: ReviewSubject, dueInMs = 7_200_000, tenantId = TENANT) => {
    const subjectId = String(++made);
    const id = await world().makeChange({
      tenants: [tenantId],
      run: (tx, log, now) =>
        book.openReview({ subject, subjectId, tenantId, dueAt: now + dueInMs }, tx, log, now),
    });
    return { id, subjectId };
  };
  const stateOfSubject = async (subjectId: string): Promise<string> =>
    (
      await world().db.sweep((tx) =>
        tx.query<{ state: string }>('select state from reviews where subject_id = $1', [subjectId]),
      )
    ).rows[0]!.state;
  const decide = (reviewId: string, approve: boolean, reason = '', principal: Principal = REVIEWER) =>
    approvals.decide({ reviewId, principal, approve, reason });

  it('decide and take effect as one, and say who and why', async () => {
    const { id, subjectId } = await open('signature');
    const before = world().clock.ms;
    const decided = await decide(id, false, '  no proof  ');
    expect(decided).toMatchObject({
      id,
      state: 'rejected',
      reason: 'no proof',
      decidedBy: 'rita',
      tenantName: 'tenant 1000',
      title: `【${subjectId}】`,
    });
    expect(decided.decidedAt!.getTime()).toBe(before);
    expect(effects).toEqual([{ subject: 'signature', subjectId, approve: false }]);
    const { entries } = await world().audit.read(null, 2);
    expect(entries.map(({ action }) => action)).toEqual(['signature.effect', 'review.rejected']);
    expect(entries[1]).toMatchObject({ actor: 'user:70', subject: `rev_${id}`, tenantId: TENANT });
    // A reason may name a person; the log cannot forget.
    expect(JSON.stringify(entries)).not.toContain('no proof');
  });

  it('undo the decision when its effect is refused', async () => {
    const { id, subjectId } = await open('template');
    refuseEffect = new DomainError(
      { code: 'x.gone', http: 409, problem: 'conflict', wire: 'x' },
      'It is gone.',
    );
    const { size } = await world().audit.read(null, 1);
    expect(await codeOf(decide(id, true))).toBe('x.gone');
    expect(await stateOfSubject(subjectId)).toBe('open');
    expect((await world().audit.read(null, 1)).size).toBe(size);
  });

  it('let one of many deciders win', async () => {
    const { id } = await open('qualification');
    const codes = await Promise.all(
      [true, false, true, false].map((approve) => codeOf(decide(id, approve, 'because'))),
    );
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'review.decided_already')).toHaveLength(3);
    expect(effects).toHaveLength(1);
  });

  it('ask for a reason of a rejection, for a person of the operator, and for a review', async () => {
    const { id, subjectId } = await open('signature');
    expect(await codeOf(decide(id, false, '  '))).toBe('review.reason_missing');
    const own: Principal = { ...REVIEWER, role: 'tenant', tenantId: TENANT };
    expect(await codeOf(decide(id, true, '', own))).toBe('review.not_yours');
    const key: Principal = { kind: 'key', keyId: 'LTAI1', tenantId: TENANT, policies: [] };
    expect(await codeOf(decide(id, true, '', key))).toBe('review.not_yours');
    expect(await codeOf(decide('5', true))).toBe('review.not_found');
    expect(await stateOfSubject(subjectId)).toBe('open');
  });

  it('hand on what the effect returned once it is durable', async () => {
    const { id, subjectId } = await open('message', 60_000);
    await decide(id, true);
    expect(released.map((one) => one.id)).toEqual([subjectId]);
    expect(await released[0]!.durable).toBe('approved');
    const signature = await open('signature');
    await decide(signature.id, true);
    expect(released).toHaveLength(1);
  });

  it('close the review of a subject that went away', async () => {
    const { id, subjectId } = await open('signature');
    await world().makeChange({
      tenants: [TENANT],
      run: (tx, log, now) =>
        book.closeReview({ subject: 'signature', subjectId, tenantId: TENANT }, tx, log, now),
    });
    expect(await codeOf(decide(id, true))).toBe('review.decided_already');
    expect((await world().audit.read(null, 1)).entries[0]).toMatchObject({
      action: 'review.lapsed',
      subject: `rev_${id}`,
    });
  });

  it('open many in one go', async () => {
    const wanted = [TENANT, '1001'].map((tenantId) => ({
      subject: 'message' as const,
      subjectId: String(++made),
      tenantId,
      dueAt: world().clock.ms + 60_000,
    }));
    const ids = await world().makeChange({
      tenants: [TENANT, '1001'],
      run: (tx, log, now) => book.openReviews(wanted, tx, log, now),
    });
    expect(await approvals.findOpen('message', wanted[1]!.subjectId)).toBe(ids[1]);
    expect(await approvals.findOpen('message', '5')).toBeUndefined();
  });

  it('lapse messages past their time and no forms', async () => {
    const message = await open('message', 60_000);
    const form = await open('signature', 60_000);
    const later = await open('message', 60_001);
    world().clock.ms += 60_000;
    expect(await approvals.lapse(world().clock.ms)).toBeGreaterThan(0);
    expect(await stateOfSubject(message.subjectId)).toBe('lapsed');
    expect(await stateOfSubject(form.subjectId)).toBe('open');
    expect(await stateOfSubject(later.subjectId)).toBe('open');
    expect(await approvals.lapse(world().clock.ms)).toBe(0);
  });

  it('list the most urgent first, page by page, each once', async () => {
    const due = [500_000, 100_000, 300_000, 300_000, 200_000];
    const opened: string[] = [];
    for (const dueInMs of due) opened.push((await open('template', dueInMs)).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await approvals.list({ state: 'open', subject: 'template', cursor, limit: 2 });
      seen.push(...page.items.map((item) => item.id));
      cursor = page.next ?? undefined;
      expect(page.total).toBeGreaterThanOrEqual(5);
    } while (cursor !== undefined);
    expect(seen.filter((id) => opened.includes(id))).toEqual([1, 4, 2, 3, 0].map((at) => opened[at]));
    expect(new Set(seen).size).toBe(seen.length);
    for (const id of opened) await decide(id, true);
    const decided = await approvals.list({ state: 'decided', subject: 'template', limit: 200 });
    expect(decided.items.map((item) => item.id).filter((id) => opened.includes(id))).toEqual(
      [...opened].reverse(),
    );
    expect(await codeOf(approvals.list({ state: 'open', cursor: "1'", limit: 2 }))).toBe('review.bad_cursor');
  });

  it('leave a log that verifies', async () => {
    await world().audit.checkpoint();
    expect(await world().audit.verify()).toMatchObject({ ok: true });
  });
});
