import { operations } from '@signet/contract';
import { maskNumber } from '@signet/sms-text';
import { beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, type ReadingWorld, readingWorldForTests } from './reading.testing.ts';

const made = readingWorldForTests();
const world = () => made().world;
let reading: ReadingWorld['reading'];
let sender: ReadingWorld['sender'];
let other: ReadingWorld['other'];
let end: ReadingWorld['end'];
let addSegment: ReadingWorld['addSegment'];
beforeAll(() => {
  ({ reading, sender, other, end, addSegment } = made());
});

const stepsOf = async (id: string) => {
  const detail = operations.readMessage.answer.parse(await reading.detail({ tenantId: sender.tenantId, id }));
  return { detail, steps: detail.steps, outcome: (step: number) => detail.steps[step - 1]!.outcome };
};

describe('one message', () => {
  it('shows 20 steps from accepted to pushed', async () => {
    world().now = Date.UTC(2026, 4, 1, 2);
    const [id] = await world().sent(sender, ['13900003001'], { kind: 'notice' });
    const waiting = await stepsOf(id!);
    expect(waiting.steps.map((step) => step.outcome)).toEqual([
      ...Array(10).fill('done'),
      ...Array(10).fill('waiting'),
    ]);
    expect(waiting.detail).toMatchObject({
      content: null,
      phone: '139****3001',
      screening: { verdict: 'pass' },
      attempts: [],
    });

    await world().owner.query(
      `insert into attempts (id, carrier_id, chunk_id, message_ids, tenant_ids, attempt_numbers, routes, owner, at)
       values (1, $1, 1, $2, $3, '{4,1}', '{none_ready,only_sandbox_configured}', 7, $4)`,
      [CARRIER, ['5', id], ['9', sender.tenantId], new Date(world().now + 1)],
    );
    const intended = await stepsOf(id!);
    expect(intended.detail.attempts).toMatchObject([{ carrier: 'north', state: 'intended', segment: 1 }]);
    expect([12, 14, 15, 16].map(intended.outcome)).toEqual(['done', 'done', 'waiting', 'waiting']);
    expect(intended.steps[11]!.facts).toEqual({ carrier: 'north', route: 'only_sandbox_configured' });
    expect(intended.steps[13]!.at).toBe(new Date(world().now + 1).toISOString());

    await world().owner.query('delete from attempts');
    world().now += 5_000;
    await addSegment(id!, 1, 'delivered', { status: 'DELIVERED', receiptAt: world().now });
    await end(sender, [id!], 'deliver', 'DELIVERED');
    await world().owner.query(
      `insert into deliveries (tenant_id, id, kind, event_ids, state, tries, last_status, created_at, next_at)
       values ($1, $2, 'report', $3, 'waiting', 2, '503', $4, $4)`,
      [sender.tenantId, id, [id], new Date(world().now)],
    );
    const ended = await stepsOf(id!);
    expect(ended.steps.map((step) => step.outcome)).toEqual([
      ...Array(18).fill('done'),
      'waiting',
      'waiting',
    ]);
    expect(ended.steps[11]!.facts).toEqual({ carrier: 'north', route: 'least_backlog' });
    expect(ended.steps[13]!.at).toBe(new Date(world().now - 3).toISOString());
    expect(ended.steps[16]).toMatchObject({
      at: new Date(world().now).toISOString(),
      facts: { received: 1, of: 1 },
    });
    expect(ended.steps[17]).toMatchObject({
      at: new Date(world().now).toISOString(),
      facts: { state: 'delivered', code: 'DELIVERED' },
    });
    expect(ended.steps[18]!.facts).toMatchObject({ tries: 2, status: '503' });
    expect(ended.detail.attempts).toMatchObject([
      { carrier: 'north', state: 'delivered', carrierMessageId: 'id-1' },
    ]);
  });

  it('names the rule that refused and when it is free again', async () => {
    world().now = Date.UTC(2026, 4, 2, 2, 0, 10);
    const [, id] = await world().sent(sender, ['13900003002', '13900003002'], {});
    const { steps, outcome, detail } = await stepsOf(id!);
    expect(steps[8]).toEqual({
      step: 9,
      name: 'count quotas and frequency',
      outcome: 'refused',
      at: new Date(world().now).toISOString(),
      facts: {
        code: 'isv.BUSINESS_LIMIT_CONTROL',
        scope: 'signature',
        window: 'minute',
        permits: 1,
        freeAt: '2026-05-02T02:01:00.000Z',
      },
    });
    expect([10, 11, 15, 17, 18, 19].map(outcome)).toEqual([
      'done',
      'skipped',
      'skipped',
      'skipped',
      'done',
      'skipped',
    ]);
    expect(detail.screening).toBeNull();
  });

  it('shows an opt-out at step 7 and marketing that waits for the morning at step 11', async () => {
    world().now = Date.UTC(2026, 4, 3, 13);
    world().optedOut.add(world().vault.numberKey('+8613900003003').toString('hex'));
    const [out, waits] = await world().sent(sender, ['13900003003', '13900003004'], { kind: 'marketing' });
    const optedOut = await stepsOf(out!);
    expect([7, 8, 9, 11].map(optedOut.outcome)).toEqual(['refused', 'done', 'skipped', 'skipped']);
    expect(optedOut.steps[6]!.facts).toEqual({ code: 'MOBILE_IN_BLACK' });
    expect((await stepsOf(waits!)).steps[10]).toMatchObject({
      outcome: 'waiting',
      facts: { notBefore: '2026-05-04T00:00:00.000Z' },
    });
  });

  it('shows a held message with labels and evidence, and the facts for the reviewer without the number', async () => {
    const [id] = await world().sent(sender, ['13900003005'], { kind: 'notice', params: { code: '审' } });
    const { detail, steps, outcome } = await stepsOf(id!);
    expect(detail.state).toBe('held');
    expect(steps[7]).toMatchObject({
      outcome: 'waiting',
      facts: { labels: 'prohibited', rules: 'lexicon:world/1', review: 'open' },
    });
    expect(outcome(11)).toBe('waiting');
    expect(detail.screening).toEqual({
      verdict: 'review',
      labels: ['prohibited'],
      spans: [{ start: 10, end: 11, restored: '', rule: 'lexicon:world/1', label: 'prohibited' }],
    });
    const [gone, mine] = [
      { tenantId: other.tenantId, subjectId: id! },
      { tenantId: sender.tenantId, subjectId: id! },
    ];
    const facts = (await reading.describe([gone, mine])).get(id!);
    expect(facts).toMatchObject({
      text: '【查询公司】您的订单审已发货。',
      facts: { signature: '查询公司', kind: 'notice', labels: ['prohibited'] },
      spans: [{ start: 10, restored: '审' }],
    });
    expect(JSON.stringify(facts)).not.toContain('3900003005');
    expect((await reading.describe([gone])).size).toBe(0);
    expect((await reading.describe([])).size).toBe(0);
    expect(await reading.reviewFacts(sender.tenantId, id!)).toEqual(facts);
    expect((await reading.overview(sender.tenantId)).held).toBe(1);
  });

  it('shows a rejection that is tried again, and one that ended it', async () => {
    const [id] = await world().sent(sender, ['13900003006'], { kind: 'notice' });
    await addSegment(id!, 1, 'rejected', { status: 'SMPP:0058' });
    const retried = await stepsOf(id!);
    expect(retried.steps[15]).toMatchObject({
      outcome: 'waiting',
      facts: { attempt: 1, rejected: 1, status: 'SMPP:0058' },
    });
    await addSegment(id!, 1, 'rejected', { attempt: 2, status: 'SMPP:000B' });
    await end(sender, [id!], 'fail', 'SMPP:000B');
    const { steps, outcome, detail } = await stepsOf(id!);
    expect(steps[15]).toMatchObject({ outcome: 'refused', facts: { attempt: 2, status: 'SMPP:000B' } });
    expect([17, 18, 19].map(outcome)).toEqual(['skipped', 'done', 'skipped']);
    expect(detail.attempts).toHaveLength(2);
  });

  it('is not there for another tenant, nor for what is no id', async () => {
    const [id] = await world().sent(sender, ['13900003007'], { kind: 'notice' });
    for (const wrong of [
      { tenantId: other.tenantId, id: id! },
      { tenantId: sender.tenantId, id: '9999999999999999999' },
      { tenantId: sender.tenantId, id: 'x' },
    ]) {
      await expect(reading.detail(wrong)).rejects.toMatchObject({ row: { code: 'message.not_found' } });
      await expect(reading.unmask({ ...wrong, reason: 'because', actor: 'user:1' })).rejects.toMatchObject({
        row: { code: 'message.not_found' },
      });
    }
  });

  it('is unmasked for a reason that is in the audit log first, without numbers in it', async () => {
    const [id] = await world().sent(sender, ['13900003008'], {});
    const asked = { tenantId: sender.tenantId, id: id!, actor: 'user:1' };
    await expect(reading.unmask({ ...asked, reason: '  ' })).rejects.toMatchObject({
      row: { code: 'message.reason_required' },
    });
    const clear = await reading.unmask({ ...asked, reason: ' complaint of +86 139 0000 3008, case 4711 ' });
    expect(clear).toEqual({
      phone: '+8613900003008',
      content: '【查询公司】您的验证码是246810，请勿告诉他人。',
    });
    const { entries } = await world().audit.read(null, 1);
    expect(entries[0]).toMatchObject({
      action: 'message.unmasked',
      actor: 'user:1',
      subject: `msg_${id}`,
      facts: { reason: `complaint of ${maskNumber('+8613900003008')}, case 4711` },
    });
  });
});
