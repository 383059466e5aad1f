import { describe, expect, it } from 'vitest';
import { WORLD_START } from '../../../../../tests/world/messages.ts';
import { consoleWorldForTests, type Person } from './testing/console-world.ts';

const QUALIFICATION = {
  name: 'main licence',
  company: 'Example Ltd',
  // The example of GB 32100-2015, annex.
  creditCode: '91350100M000100Y43',
  legalPerson: 'Zhang San',
  contactName: 'Li Si',
  contactPhone: '13800138000',
};

describe('what is shown in clear', () => {
  const given = consoleWorldForTests();

  const asked = async (person: Person, method: 'GET' | 'POST', path: string, payload?: object) =>
    given().ask(person, { method, url: `/api${path}`, ...(payload === undefined ? {} : { payload }) });
  const done = async (person: Person, method: 'GET' | 'POST', path: string, payload?: object) => {
    const answer = await asked(person, method, path, payload);
    expect([path, answer.statusCode, answer.statusCode === 200 ? '' : answer.body]).toEqual([path, 200, '']);
    return answer.json();
  };
  const refused = async (person: Person, method: 'GET' | 'POST', path: string, payload?: object) =>
    (await asked(person, method, path, payload)).json().code;

  it('is a reply, masked until a reason is given, audited for each', async () => {
    const { people, tenants, world, receive } = given();
    const sender = await world.addSender('asked');
    await world.sent(sender, ['13900000009']);
    const item = {
      carrierId: '7',
      sourceAddr: '8613900000009',
      destAddr: '10690000',
      receivedAt: WORLD_START,
    };
    for (const text of ['call me at 13900000009', '退订']) await receive({ ...item, text });
    const own = `/tenants/${sender.tenantId}/inbound`;
    const listed = await done(people.operator, 'GET', own);
    expect(listed).toMatchObject({ total: 2, items: [{ phone: '139****0009' }, { phone: '139****0009' }] });
    expect(JSON.stringify(listed)).not.toMatch(/13900000009|call me/);
    const ids: string[] = listed.items.map(({ id }: { id: string }) => id);
    expect(await refused(people.operator, 'POST', `${own}/unmask`, { ids, reason: ' ' })).toBe(
      'invalid_request',
    );
    const reason = 'the customer 13900000009 asked';
    const clear = await done(people.operator, 'POST', `${own}/unmask`, { ids, reason });
    expect(
      clear.items.map(({ id, phone, text }: Record<string, string>) => [id, phone, text]).sort(),
    ).toEqual(
      [
        [ids[0], '+8613900000009', '退订'],
        [ids[1], '+8613900000009', 'call me at 13900000009'],
      ].sort(),
    );
    const { items: entries } = await done(people.operator, 'GET', '/audit?limit=2');
    const told = entries.map(({ action, subject, actor }: Record<string, string>) => [
      action,
      subject,
      actor,
    ]);
    expect(told.sort()).toEqual(
      ids.map((id) => ['inbound.unmasked', `inb_${id}`, `user:${people.operator.userId}`]).sort(),
    );
    expect(entries[0].facts).toBe('{"reason":"the customer 139****0009 asked"}');
    // Another tenant's replies are nobody else's, not even one among the own.
    expect(await refused(people.a, 'POST', `${own}/unmask`, { ids, reason: 'curious' })).toBe('forbidden');
    const elsewhere = `/tenants/${tenants.a}/inbound/unmask`;
    expect(await refused(people.a, 'POST', elsewhere, { ids: [ids[0]], reason: 'curious' })).toBe(
      'not_found',
    );
    expect(await refused(people.operator, 'POST', `${own}/unmask`, { ids: [...ids, '17'], reason })).toBe(
      'not_found',
    );
    expect((await done(people.operator, 'GET', '/audit?limit=1')).items[0].subject).toBe(entries[0].subject);
  });

  it('is a file of an application, to its reviewer, as what it is, each look audited', async () => {
    const { people, tenants, deps, ask } = given();
    const { registration, approvals } = deps;
    const user = {
      kind: 'user',
      userId: people.reviewer.userId,
      name: 'r',
      role: 'reviewer',
      tenantId: null,
    } as const;
    const open = async (subject: string) =>
      (await done(people.reviewer, 'GET', `/reviews?subject=${subject}`)).items[0];
    const qualification = await registration.create(tenants.b, { ...QUALIFICATION, ownUse: true }, 'user:1');
    expect((await open('qualification')).facts).toEqual({
      company: 'Example Ltd',
      creditCode: '91350100M000100Y43',
      creditCodeCheck: 'right',
      legalPerson: 'Zhang San',
      ownUse: true,
      contactPhone: '138****8000',
    });
    const waiting = await open('qualification');
    expect(await refused(people.reviewer, 'GET', `/reviews/${waiting.id}/files/0`)).toBe('not_found');
    await approvals.decide({ reviewId: waiting.id, principal: user, approve: true, reason: '' });
    const png = Buffer.from('89504e470d0a1a0a00', 'hex');
    const page = Buffer.from('<html><script>alert(1)</script>');
    const pdf = Buffer.from('%PDF-1.7');
    await deps.signatures.create(
      tenants.b,
      {
        name: '示例文件',
        source: 3,
        codeOnly: true,
        qualificationId: qualification.id,
        remark: '',
        files: [png, page, pdf].map((contents) => ({ suffix: 'png', contents })),
      },
      'user:1',
    );
    const review = await open('signature');
    expect(review.facts).toEqual({
      source: 'official_account',
      use: 'codes_only',
      qualificationId: qualification.id,
      remark: '',
      files: 3,
    });
    const file = (person: Person | null, position: number | string) =>
      ask(person, { url: `/api/reviews/${review.id}/files/${position}` });
    for (const [position, type, disposition, contents] of [
      [0, 'image/png', 'inline; filename="signature-', png],
      [1, 'application/octet-stream', 'attachment; filename="signature-', page],
      [2, 'application/pdf', 'attachment; filename="signature-', pdf],
    ] as const) {
      const answer = await file(people.reviewer, position);
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, type]);
      expect(answer.headers['content-disposition']).toContain(disposition);
      expect(answer.headers['content-security-policy']).toBe(
        "default-src 'none'; sandbox; frame-ancestors 'none'",
      );
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.rawPayload.equals(contents)).toBe(true);
      const [entry] = (await done(people.operator, 'GET', '/audit?limit=1')).items;
      expect(entry).toMatchObject({
        action: 'signature.file.viewed',
        actor: `user:${people.reviewer.userId}`,
        tenantId: tenants.b,
        facts: `{"position":${position}}`,
      });
    }
    const { items: last } = await done(people.operator, 'GET', '/audit?limit=1');
    for (const [person, position, status] of [
      [people.reviewer, 3, 404],
      [people.reviewer, 'x', 400],
      [people.a, 0, 403],
      [people.b, 0, 403],
      [null, 0, 401],
    ] as const) {
      expect([position, (await file(person, position)).statusCode]).toEqual([position, status]);
    }
    expect((await done(people.operator, 'GET', '/audit?limit=1')).items).toEqual(last);
    await approvals.decide({ reviewId: review.id, principal: user, approve: false, reason: 'unreadable' });
  });
});
