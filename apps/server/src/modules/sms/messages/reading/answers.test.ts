import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEnvelope } from '../model.ts';
import { type ReadingWorld, readingWorldForTests } from './reading.testing.ts';

const made = readingWorldForTests();
const world = () => made().world;
let reading: ReadingWorld['reading'];
let sender: ReadingWorld['sender'];
let other: ReadingWorld['other'];
let end: ReadingWorld['end'];
beforeAll(() => {
  ({ reading, sender, other, end } = made());
});

describe('what other modules ask', () => {
  it('gives reports in the order asked for, final ones of this tenant only', async () => {
    const [one, two, three] = await world().sent(sender, ['13900004001', '13900004002', '13900004003'], {
      kind: 'notice',
      outId: 'o',
    });
    await end(sender, [one!, two!], 'deliver', 'DELIVERED');
    const reports = await reading.reports(sender.tenantId, [two!, three!, one!, '1']);
    expect(reports.map((report) => report.messageId)).toEqual([two, one]);
    expect(reports[0]).toEqual({
      messageId: two,
      callId: one,
      phone: '+8613900004002',
      acceptedAt: world().now,
      finalAt: world().now,
      state: 'delivered',
      errCode: 'DELIVERED',
      segmentCount: 1,
      outId: 'o',
    });
    expect(await reading.reports(other.tenantId, [one!])).toEqual([]);
  });

  it('finds the last sender of 7 days, refused sends do not count', async () => {
    const key = world().vault.numberKey('+8613900004004');
    expect(await reading.lastSender(key)).toBeUndefined();
    await world().sent(sender, ['13900004004'], {});
    await world().sent(other, ['13900004004'], {});
    await world().send(sender, ['13900004004'], {});
    expect(await reading.lastSender(key)).toBe(other.tenantId);
    world().now += 8 * 86_400_000;
    expect(await reading.lastSender(key)).toBeUndefined();
  });

  it('keeps exempt numbers, 300 at most, each once, with a change of the registry', async () => {
    const version = async () =>
      (await world().owner.query<{ v: string }>('select registry_version as v from audit_head')).rows[0]!.v;
    const before = await version();
    await reading.addExempt({ tenantId: other.tenantId, e164: '+8613900005000', actor: 'user:1' });
    await reading.addExempt({ tenantId: other.tenantId, e164: '+8613900005000', actor: 'user:1' });
    expect(BigInt(await version())).toBe(BigInt(before) + 1n);
    expect(await reading.exemptNumbers(other.tenantId)).toEqual(
      new Set([world().vault.numberKey('+8613900005000').toString('hex')]),
    );
    expect((await reading.exemptNumbers(sender.tenantId)).size).toBe(0);
    const rest = Array.from({ length: 300 }, (_, i) => `+8613900006${String(i).padStart(3, '0')}`);
    const done = await Promise.allSettled(
      rest.map((e164) => reading.addExempt({ tenantId: other.tenantId, e164, actor: 'user:1' })),
    );
    expect((await reading.exemptNumbers(other.tenantId)).size).toBe(300);
    expect(done.filter((one) => one.status === 'rejected')).toMatchObject([
      { reason: { row: { code: 'message.too_many_exempt' } } },
    ]);
    const { rows } = await world().owner.query(
      'select sealed_number, number_key from exempt_numbers where tenant_id = $1 limit 1',
      [other.tenantId],
    );
    const place = {
      table: 'exempt_numbers',
      column: 'sealed_number',
      row: rows[0].number_key.toString('hex'),
    };
    expect(
      (await world().vault.sealer(other.tenantId)).open(place, rows[0].sealed_number).toString(),
    ).toMatch(/^\+86139/);
  });

  it('gives the stored answer of a key until it expires', async () => {
    const keyDigest = createHash('sha256').update('k').digest();
    const bodyDigest = createHash('sha256').update('b').digest();
    const answer = await world().send(sender, ['13900004005'], { repeat: { keyDigest, bodyDigest } });
    expect(await reading.storedAnswer(sender.tenantId, keyDigest)).toEqual({ bodyDigest, answer });
    expect(await reading.storedAnswer(other.tenantId, keyDigest)).toBeUndefined();
    world().now += 86_400_000;
    expect(await reading.storedAnswer(sender.tenantId, keyDigest)).toBeUndefined();
  });

  it('reads an envelope of which every field came back', async () => {
    const [id] = await world().sent(sender, ['13900004006'], { outId: 'x' });
    const { rows } = await world().owner.query('select sealed from messages where id = $1', [id]);
    const sealer = await world().vault.sealer(sender.tenantId);
    expect(
      openEnvelope(sealer.open({ table: 'messages', column: 'sealed', row: id! }, rows[0].sealed)),
    ).toMatchObject({ phone: '+8613900004006', outId: 'x', extendCode: '' });
    expect(() => sealer.open({ table: 'messages', column: 'sealed', row: '1' }, rows[0].sealed)).toThrow();
  });
});
