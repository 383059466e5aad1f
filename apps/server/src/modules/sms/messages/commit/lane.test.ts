import { createHash, hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { messageWorldForTests } from '../../../../../../../tests/world/messages.ts';

const world = messageWorldForTests();
const digest = (text: string) => createHash('sha256').update(text).digest();
const countOf = async (table: string, tenantId: string): Promise<number> => {
  const { rows } = await world().owner.query<{ count: number }>(
    `select count(*)::int as count from ${table} where tenant_id = $1`,
    [tenantId],
  );
  return rows[0]!.count;
};

describe('accept lane', () => {
  it('holds the limit exactly when 50 calls to one number arrive at once, and takes the next minute', async () => {
    const sender = await world().addSender('同时发送');
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => world().send(sender, ['13800138000'])),
    );
    expect(answers.filter((answer) => answer.code === 'OK')).toHaveLength(1);
    const refused = answers.filter((answer) => answer.code === 'isv.BUSINESS_LIMIT_CONTROL');
    expect(refused).toHaveLength(49);
    expect(refused[0]).toMatchObject({ message: '触发分钟级流控Permits:1' });
    const { rows } = await world().owner.query(
      `select state, counted, count(*)::int from messages where tenant_id = $1 group by 1, 2 order by 1`,
      [sender.tenantId],
    );
    expect(rows).toEqual([
      { state: 'accepted', counted: true, count: 1 },
      { state: 'refused', counted: false, count: 49 },
    ]);
    world().now += 60_000;
    expect(await world().send(sender, ['+8613800138000'])).toMatchObject({ code: 'OK' });
  });

  it('counts a number once in whatever form it comes within one call', async () => {
    const sender = await world().addSender('一号多写');
    const [first, second] = await world().sent(sender, ['13800138001', '0086 13800138001'.replace(' ', '')]);
    const { rows } = await world().owner.query(
      'select id, state, err_code, finding from messages where id = any ($1) order by id',
      [[first, second]],
    );
    expect(rows[0]).toMatchObject({ state: 'accepted', err_code: null });
    expect(rows[1]).toMatchObject({
      state: 'refused',
      err_code: 'isv.BUSINESS_LIMIT_CONTROL',
      finding: { step: 9, window: 'minute', permits: 1 },
    });
  });

  it('answers the same key twice at once with one message and the same answer', async () => {
    const sender = await world().addSender('重复请求');
    const repeat = { keyDigest: digest('key-1'), bodyDigest: digest('body-1') };
    const [first, second] = await Promise.all([
      world().send(sender, ['13800138002'], { repeat }),
      world().send(sender, ['13800138002'], { repeat }),
    ]);
    expect(first).toMatchObject({ code: 'OK' });
    expect(second).toEqual(first);
    expect(await world().send(sender, ['13800138002'], { repeat })).toEqual(first);
    expect(await countOf('messages', sender.tenantId)).toBe(1);
    const other = { keyDigest: digest('key-1'), bodyDigest: digest('body-2') };
    expect(await world().send(sender, ['13800138002'], { repeat: other })).toMatchObject({
      code: 'IdempotencyKeyReused',
      refusal: { code: 'message.repeat_differs' },
    });
    expect(await countOf('messages', sender.tenantId)).toBe(1);
    world().now += 86_400_000;
    expect(await world().send(sender, ['13800138002'], { repeat: other })).toMatchObject({ code: 'OK' });
    expect(await countOf('messages', sender.tenantId)).toBe(2);
  });

  it('takes a signed request once, at once or later, and stores nothing of its repeat', async () => {
    const sender = await world().addSender('重放请求');
    const nonce = digest('nonce-1').toString('hex').slice(0, 32);
    const answers = await Promise.all([
      world().send(sender, ['13800138020'], { nonce }),
      world().send(sender, ['13800138021'], { nonce }),
    ]);
    answers.push(await world().send(sender, ['13800138022'], { nonce }));
    const replayed = { code: 'SignatureNonceUsed', refusal: { code: 'message.request_replayed' } };
    expect(answers).toMatchObject([{ code: 'OK' }, replayed, replayed]);
    expect(await countOf('messages', sender.tenantId)).toBe(1);
    expect(await countOf('refusals', sender.tenantId)).toBe(0);
  });

  it('claims the nonce of a refused call too, and of one whose registry moved meanwhile', async () => {
    const sender = await world().addSender('拒绝重放');
    const nonceOf = (text: string) => digest(text).toString('hex').slice(0, 32);
    const refused = { nonce: nonceOf('refused'), params: { code: '禁123456' } };
    expect(await world().send(sender, ['13800138023'], refused)).not.toMatchObject({ code: 'OK' });
    expect(await world().send(sender, ['13800138023'], refused)).toMatchObject({
      code: 'SignatureNonceUsed',
    });
    // As another process does: this one learns of it in its commit and judges again.
    await world().owner.query('update audit_head set registry_version = registry_version + 1');
    expect(await world().send(sender, ['13800138024'], { nonce: nonceOf('stale') })).toMatchObject({
      code: 'OK',
    });
    expect(await world().send(sender, ['13800138025'], { nonce: nonceOf('stale') })).toMatchObject({
      code: 'SignatureNonceUsed',
    });
  });

  it('tells two bodies under one key apart when they come at once', async () => {
    const sender = await world().addSender('同键异文');
    const answers = await Promise.all(
      ['body-1', 'body-2'].map((body, i) =>
        world().send(sender, [`1380013801${i}`], {
          repeat: { keyDigest: digest('key'), bodyDigest: digest(body) },
        }),
      ),
    );
    expect(answers.map((answer) => answer.code)).toEqual(['OK', 'IdempotencyKeyReused']);
    expect(await countOf('messages', sender.tenantId)).toBe(1);
  });

  it('stores of a refused call the refusal and nothing else', async () => {
    const sender = await world().addSender('整单拒绝');
    const answer = await world().send(sender, ['13800138003', '12345'], {});
    expect(answer).toMatchObject({ code: 'isv.MOBILE_NUMBER_ILLEGAL' });
    const blocked = await world().send(sender, ['13800138003'], { kind: 'notice', params: { code: '禁' } });
    expect(blocked).toMatchObject({ code: 'isv.SMS_CONTENT_ILLEGAL' });
    for (const table of ['messages', 'held_messages', 'idempotent_answers', 'segments'])
      expect(await countOf(table, sender.tenantId)).toBe(0);
    const { rows } = await world().owner.query(
      'select step, code, reason from refusals where tenant_id = $1 order by id',
      [sender.tenantId],
    );
    expect(rows).toMatchObject([
      { step: 4, code: 'isv.MOBILE_NUMBER_ILLEGAL' },
      { step: 8, code: 'isv.SMS_CONTENT_ILLEGAL' },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/13800138003|12345/);
    const { rows: chunks } = await world().owner.query(
      'select id from dispatch_chunks where $1 = any (tenant_ids)',
      [sender.tenantId],
    );
    expect(chunks).toEqual([]);
  });

  it('keeps tenants apart under row-level security', async () => {
    const [one, two] = [await world().addSender('甲公司'), await world().addSender('乙公司')];
    const [id] = await world().sent(one, ['13800138004']);
    const seen = (as: string[]) =>
      world().db.withTenants(as, (tx) => tx.query('select id from messages where id = $1', [id]));
    expect((await seen([one.tenantId])).rowCount).toBe(1);
    expect((await seen([two.tenantId])).rowCount).toBe(0);
    expect((await seen([])).rowCount).toBe(0);
    await expect(
      world().db.withTenants([two.tenantId], (tx) =>
        tx.query('insert into held_messages (tenant_id, message_id, expires_at) values ($1, $2, now())', [
          one.tenantId,
          id,
        ]),
      ),
    ).rejects.toThrow(/row-level security/);
  });

  it('holds what needs a review, hands over the rest, and seals both', async () => {
    const sender = await world().addSender('人工复核');
    const before = world().handedOver.length;
    const [held] = await world().sent(sender, ['13800138005'], { kind: 'notice', params: { code: '审' } });
    expect(world().handedOver).toHaveLength(before);
    expect(world().reviews.at(-1)).toEqual({
      tenantId: sender.tenantId,
      messageId: held,
      dueAt: world().now + 86_400_000,
    });
    const [going] = await world().sent(sender, ['13800138005'], { kind: 'notice' });
    expect(world().handedOver.slice(before)).toMatchObject([
      { messageId: going, e164: '+8613800138005', attempt: 1 },
    ]);
    const { rows } = await world().owner.query('select * from messages where tenant_id = $1', [
      sender.tenantId,
    ]);
    const stored = rows
      .map((row) => Buffer.concat([row.sealed, Buffer.from(JSON.stringify(row.finding))]).toString('latin1'))
      .join();
    expect(stored).not.toContain('13800138005');
    expect(await countOf('held_messages', sender.tenantId)).toBe(1);
  });

  it('has an audit entry for every message at its index, and the log verifies', async () => {
    await world().audit.checkpoint();
    expect(await world().audit.verify()).toMatchObject({ ok: true });
    const { entries } = await world().audit.read(null, 10_000);
    const byIndex = new Map(entries.map((entry) => [entry.index, entry]));
    const { rows } = await world().owner.query<{
      id: string;
      tenant_id: string;
      state: string;
      audit_index: string;
      sealed: Buffer;
    }>('select id, tenant_id, state, audit_index, sealed from messages');
    expect(rows.length).toBeGreaterThan(50);
    for (const row of rows) {
      expect(byIndex.get(row.audit_index)).toMatchObject({
        action: `message.${row.state}`,
        subject: `msg_${row.id}`,
        tenantId: row.tenant_id,
        facts: { sealed: hash('sha256', row.sealed, 'base64url').slice(0, 22) },
      });
    }
    expect(JSON.stringify(entries)).not.toMatch(/138001380\d\d|246810/);
  });

  it('names the first altered entry', async () => {
    const sender = await world().addSender('改动记录');
    await world().sent(sender, ['13800138006']);
    await world().owner.query(
      `update audit_chunks set entries = overlay(entries placing '\\x58' from 20)
       where first_index = (select max(first_index) from audit_chunks)`,
    );
    const { rows } = await world().owner.query<{ first: string }>(
      'select max(first_index) as first from audit_chunks',
    );
    const verdict = await world().audit.verify();
    expect(verdict.ok).toBe(false);
    expect(JSON.stringify(verdict)).toContain(rows[0]!.first);
  });
});
