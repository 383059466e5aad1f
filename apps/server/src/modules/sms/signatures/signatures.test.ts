import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeWorldForTests } from '../../../../../../tests/world/changes.ts';
import type { DomainError } from '../../../platform/domain-error.ts';
import { createReviewBook } from '../../trust/approvals/public.ts';
import { faultOfFiles, isSignatureName, type SignatureDraft, sniffMediaType } from './model.ts';
import { createSignatures, type Signatures } from './public.ts';

const PNG_START = Buffer.from('89504e470d0a1a0a', 'hex');
const TENANT = '1000';
const OTHER = '1001';
const draft = (name: string, more: Partial<SignatureDraft> = {}): SignatureDraft => ({
  name,
  source: 0,
  codeOnly: false,
  qualificationId: null,
  remark: '',
  ...more,
});
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: DomainError) => error.row?.code ?? String(error),
  );

describe('names of signatures', () => {
  it.each(['示例', '示例商城2', 'AB', 'a1', '龘'.repeat(18), '𠀀𠀁'])('take %s', (name) => {
    expect(isSignatureName(name)).toBe(true);
  });
  it.each(['示', '龘'.repeat(19), '12', '123456', '【示例】', '示 例', '示例!', 'テスト', '', '示例\n'])(
    'refuse %j',
    (name) => {
      expect(isSignatureName(name)).toBe(false);
    },
  );
  it('never hold a bracket, a blank or a control character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        (name) => !isSignatureName(name) || !/[\s【】\p{Cc}\p{P}]/u.test(name),
      ),
    );
  });
  it('go with files that are few, small and pictures', () => {
    const file = (suffix: string, octets: number) => ({ suffix, contents: Buffer.alloc(octets) });
    expect(faultOfFiles([file('PNG', 2 * 1024 * 1024)])).toBeUndefined();
    expect(faultOfFiles([file('png', 2 * 1024 * 1024 + 1)])).toBe('too_big');
    expect(faultOfFiles([file('png', 0)])).toBe('empty');
    expect(faultOfFiles([file('exe', 5)])).toBe('suffix');
    expect(faultOfFiles(Array.from({ length: 7 }, () => file('png', 5)))).toBe('too_many');
  });
});

describe('files', () => {
  const start = (hex: string) => Buffer.from(`${hex}00112233`, 'hex');
  it.each([
    ['89504e470d0a1a0a', 'image/png'],
    ['ffd8ff', 'image/jpeg'],
    ['474946383961', 'image/gif'],
    ['474946383761', 'image/gif'],
    ['255044462d', 'application/pdf'],
    // a page, a drawing with a script, an archive
    ['3c68746d6c3e', 'application/octet-stream'],
    ['3c737667', 'application/octet-stream'],
    ['504b0304', 'application/octet-stream'],
  ])('that begin with %s are %s', (hex, mediaType) => {
    expect(sniffMediaType(start(hex))).toBe(mediaType);
  });
  it('are what their first octets say and never a page, whatever they hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) =>
        ['image/png', 'image/jpeg', 'image/gif', 'application/pdf', 'application/octet-stream'].includes(
          sniffMediaType(Buffer.from(octets)),
        ),
      ),
    );
  });
});

describe('signatures', () => {
  const world = changeWorldForTests();
  let signatures: Signatures;
  let approved: string[];

  beforeAll(async () => {
    const { db, ids } = world();
    signatures = createSignatures({
      ...world(),
      reviews: createReviewBook({ ids }),
      approvedQualifications: async (_tx, tenantId) => (tenantId === TENANT ? approved : []),
    });
    await db.sweep(async (tx) => {
      await tx.query(
        `insert into tenants values ($1, 'shop', 'active', false, now()), ($2, 'other', 'active', false, now())`,
        [TENANT, OTHER],
      );
      for (const id of [7, 8]) {
        await tx.query(
          `insert into qualifications values ($1, $2, $3, 'c', 'c', 'p', true, '', 'approved', null, now())`,
          [id, TENANT, `q${id}`],
        );
      }
    });
  });
  beforeEach(() => {
    approved = ['7'];
  });

  const decide = (subjectId: string, approve: boolean, reason = '') =>
    world().makeChange({
      tenants: [TENANT],
      run: (tx, log, now) =>
        signatures.onDecision(
          tx,
          log,
          {
            id: '1',
            tenantId: TENANT,
            subject: 'signature',
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

  it('wait for a review and then can be sent under', async () => {
    const one = await signatures.create(TENANT, draft('示例甲', { codeOnly: true, source: 2 }), 'key:LTAI1');
    expect(one).toMatchObject({
      state: 'in_review',
      qualificationId: '7',
      codeOnly: true,
      source: 2,
      reason: null,
    });
    expect(await signatures.lookup(TENANT, '示例甲')).toMatchObject({
      id: one.id,
      state: 'in_review',
      codeOnly: true,
    });
    await decide(one.id, true);
    expect(await signatures.lookup(TENANT, '示例甲')).toEqual({
      id: one.id,
      name: '示例甲',
      codeOnly: true,
      state: 'approved',
      qualificationApproved: true,
    });
    expect(signatures.lookup(TENANT, '示例甲')).not.toBeInstanceOf(Promise);
    expect(await signatures.lookup(OTHER, '示例甲')).toBeUndefined();
    expect(await signatures.lookup(TENANT, '未知')).toBeUndefined();
    expect(await codeOf(decide(one.id, false, 'late'))).toBe('signature.not_in_review');
  });

  it('lean on an approved qualification', async () => {
    approved = [];
    expect(await codeOf(signatures.create(TENANT, draft('示例乙'), 'user:1'))).toBe(
      'signature.qualification_unusable',
    );
    approved = ['7', '8'];
    expect(await codeOf(signatures.create(TENANT, draft('示例乙'), 'user:1'))).toBe(
      'signature.qualification_unusable',
    );
    expect(await codeOf(signatures.create(TENANT, draft('示例乙', { qualificationId: '9' }), 'user:1'))).toBe(
      'signature.qualification_unusable',
    );
    const one = await signatures.create(TENANT, draft('示例乙', { qualificationId: '8' }), 'user:1');
    expect(one.qualificationId).toBe('8');
    approved = ['7'];
    expect(await codeOf(decide(one.id, true))).toBe('signature.qualification_unusable');
    expect(await signatures.get(TENANT, { id: one.id })).toMatchObject({ state: 'in_review' });
    approved = ['8'];
    await decide(one.id, true);
    expect(await signatures.lookup(TENANT, '示例乙')).toMatchObject({ qualificationApproved: true });
  });

  it('are refused for a wrong name, source, remark or file, and stored nowhere', async () => {
    const before = await signatures.list(TENANT);
    const refused = async (wrong: SignatureDraft) => codeOf(signatures.create(TENANT, wrong, 'user:1'));
    expect(await refused(draft('12345'))).toBe('signature.name_illegal');
    expect(await refused(draft('示例丙', { source: 6 }))).toBe('signature.source_illegal');
    expect(await refused(draft('示例丙', { remark: 'x'.repeat(201) }))).toBe('signature.remark_too_long');
    expect(await refused(draft('示例丙', { files: [{ suffix: 'exe', contents: Buffer.from('x') }] }))).toBe(
      'signature.files_illegal',
    );
    expect((await signatures.list(TENANT)).total).toBe(before.total);
  });

  it('have one name once in a tenant, also when asked for twice at once', async () => {
    const codes = await Promise.all(
      [1, 2].map(() => codeOf(signatures.create(TENANT, draft('示例丁'), 'user:1'))),
    );
    expect(codes.sort()).toEqual(['done', 'signature.name_taken']);
  });

  it('go to review again when they are changed, and do not send meanwhile', async () => {
    const one = await signatures.create(TENANT, draft('示例戊'), 'user:1');
    await decide(one.id, true);
    expect(await signatures.lookup(TENANT, '示例戊')).toMatchObject({ state: 'approved' });
    const changed = await signatures.update(TENANT, draft('示例戊', { source: 5, remark: 'new' }), 'user:1');
    expect(changed).toMatchObject({
      id: one.id,
      state: 'in_review',
      source: 5,
      remark: 'new',
      decidedAt: null,
    });
    expect(changed.orderId).not.toBe(one.orderId);
    expect(await signatures.lookup(TENANT, '示例戊')).toMatchObject({ state: 'in_review' });
    await signatures.update(TENANT, draft('示例戊'), 'user:1');
    expect(await reviewsOf(one.id)).toEqual(['lapsed', 'lapsed', 'open']);
    await decide(one.id, false, 'no proof');
    expect(await signatures.get(TENANT, { name: '示例戊' })).toMatchObject({
      state: 'rejected',
      reason: 'no proof',
      decidedAt: new Date(world().clock.ms),
    });
    expect(await signatures.update(TENANT, draft('示例戊'), 'user:1')).toMatchObject({
      state: 'in_review',
      reason: null,
      decidedAt: null,
    });
    expect(await codeOf(signatures.update(TENANT, draft('没有这个'), 'user:1'))).toBe('signature.not_found');
  });

  it('are gone when deleted, but for the messages that name them, and can be applied for again', async () => {
    const one = await signatures.create(
      TENANT,
      draft('示例己', { files: [{ suffix: 'png', contents: Buffer.from('proof') }] }),
      'user:1',
    );
    await decide(one.id, true);
    expect(await signatures.lookup(TENANT, '示例己')).toMatchObject({ state: 'approved' });
    await signatures.remove(TENANT, { name: '示例己' }, 'user:1');
    expect(await codeOf(signatures.get(TENANT, { name: '示例己' }))).toBe('signature.not_found');
    expect((await signatures.list(TENANT)).items.map(({ name }) => name)).not.toContain('示例己');
    expect(await signatures.lookup(TENANT, '示例己')).toMatchObject({ state: 'withdrawn' });
    expect(await codeOf(signatures.readFile(TENANT, one.id, 0, 'user:70'))).toBe('signature.file_not_found');
    expect(await codeOf(signatures.remove(TENANT, { id: one.id }, 'user:1'))).toBe('signature.not_found');
    const again = await signatures.create(TENANT, draft('示例己'), 'user:1');
    expect(again).toMatchObject({ id: one.id, state: 'in_review' });
    expect(await reviewsOf(one.id)).toEqual(['lapsed', 'open']);
    const known = (name: string) =>
      world().db.withTenants([TENANT], (tx) => signatures.isKnown(tx, TENANT, name));
    expect([await known('示例己'), await known('没有这个')]).toEqual([true, false]);
  });

  it('keep their files sealed and show them for an audited reason only', async () => {
    const contents = Buffer.concat([PNG_START, Buffer.from('a scan of a licence')]);
    const one = await signatures.create(
      TENANT,
      draft('示例庚', { files: [{ suffix: 'JPG', contents }] }),
      'user:1',
    );
    const { rows } = await world().db.sweep((tx) =>
      tx.query<{ sealed_contents: Buffer }>('select sealed_contents from signature_files'),
    );
    expect(rows.every((row) => !row.sealed_contents.includes(contents))).toBe(true);
    // What it is, not what the applicant called it.
    expect(await signatures.readFile(TENANT, one.id, 0, 'user:70')).toEqual({
      name: `signature-${one.id}-1.png`,
      mediaType: 'image/png',
      contents,
    });
    expect((await world().audit.read(null, 1)).entries[0]).toMatchObject({
      action: 'signature.file.viewed',
      actor: 'user:70',
      subject: `sig_${one.id}`,
      facts: { position: 0 },
    });
    const { size } = await world().audit.read(null, 1);
    for (const [tenantId, position] of [
      [OTHER, 0],
      [TENANT, 1],
    ] as const) {
      expect(await codeOf(signatures.readFile(tenantId, one.id, position, 'user:70'))).toBe(
        'signature.file_not_found',
      );
    }
    expect((await world().audit.read(null, 1)).size).toBe(size);
    const described = (await signatures.describe([{ tenantId: TENANT, subjectId: one.id }])).get(one.id);
    expect(described).toEqual({
      title: '【示例庚】',
      facts: { source: 'enterprise', use: 'general', qualificationId: '7', remark: '', files: 1 },
      text: null,
      spans: [],
    });
  });

  it('keep what the caller said beside the form until the caller says something else', async () => {
    const supplement = {
      thirdParty: true,
      applyScene: 'https://example.com/shop',
      moreData: ['papers/1.png'],
      authorizationLetterId: '1000001',
      trademarkId: null,
      appIcpRecordId: '9007199254740991',
    };
    const one = await signatures.create(TENANT, draft('示例壬', { supplement }), 'user:1');
    expect((await signatures.get(TENANT, { id: one.id })).supplement).toEqual(supplement);
    const described = await signatures.describe([{ tenantId: TENANT, subjectId: one.id }]);
    expect(described.get(one.id)?.facts).toMatchObject({
      thirdParty: true,
      applyScene: 'https://example.com/shop',
    });
    await signatures.update(TENANT, draft('示例壬', { remark: 'old words' }), 'user:1');
    expect((await signatures.get(TENANT, { id: one.id })).supplement).toEqual(supplement);
    const said = { ...supplement, thirdParty: false, moreData: [] };
    await signatures.update(TENANT, draft('示例壬', { supplement: said }), 'user:1');
    expect((await signatures.get(TENANT, { id: one.id })).supplement).toEqual(said);
    await signatures.remove(TENANT, { id: one.id }, 'user:1');
    const again = await signatures.create(TENANT, draft('示例壬'), 'user:1');
    expect(again).toMatchObject({
      id: one.id,
      supplement: { thirdParty: null, applyScene: '', moreData: [] },
    });
  });

  it('are listed newest first, by pages, to their own tenant', async () => {
    world().clock.ms += 1_000;
    await signatures.create(TENANT, draft('示例辛'), 'user:1');
    const page = await signatures.list(TENANT, { limit: 1, offset: 0 });
    expect(page.items.map(({ name }) => name)).toEqual(['示例辛']);
    expect(page.total).toBe((await signatures.list(TENANT)).items.length);
    expect(await signatures.list(OTHER)).toEqual({ items: [], total: 0 });
  });

  it('are taken a hundred times a day', async () => {
    world().clock.ms += 86_400_000;
    for (let i = 0; i < 100; i++) await signatures.create(TENANT, draft(`每日${i}`), 'user:1');
    expect(await codeOf(signatures.create(TENANT, draft('每日够了'), 'user:1'))).toBe(
      'signature.too_many_today',
    );
    world().clock.ms += 86_400_000;
    expect(await codeOf(signatures.create(TENANT, draft('每日够了'), 'user:1'))).toBe('done');
  });
});
