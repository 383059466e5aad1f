import { beforeAll, describe, expect, it } from 'vitest';
import { type ChangeWorld, changeWorldForTests } from '../../../../../../tests/world/changes.ts';
import { createOptOuts, type OptOuts } from './public.ts';

const START = Date.UTC(2026, 10, 22, 4, 0, 0);
const given = changeWorldForTests(START);
let world: ChangeWorld;
let optOuts: OptOuts;

beforeAll(() => {
  world = given();
  optOuts = createOptOuts(world);
});

const FIRST = { cursor: null, limit: 10 };
const key = (e164: string): Buffer => world.vault.numberKey(e164);
const hex = (e164: string): string => key(e164).toString('hex');

describe('opt-outs', () => {
  it('hold for one tenant, in whatever form the number is written, until they are lifted', async () => {
    const [tenant, other] = [await world.addTenant(), await world.addTenant()];
    await optOuts.add(tenant, '13900001234', 'user:1');
    await optOuts.add(tenant, '+8613900001234', 'user:1');
    await optOuts.add(tenant, '13900005678', 'user:1');
    const keys = ['+8613900001234', '+8613900005678', '+8613900009999'].map(key);
    expect(await optOuts.optedOut(tenant, keys)).toEqual(
      new Set([hex('+8613900001234'), hex('+8613900005678')]),
    );
    expect(await optOuts.optedOut(other, keys)).toEqual(new Set());
    expect(await optOuts.optedOut(tenant, [])).toEqual(new Set());

    const page = await optOuts.list(tenant, FIRST);
    expect(page).toMatchObject({ total: 2, next: null });
    expect(page.items.map(({ phone, source, signName, at }) => [phone, source, signName, at])).toEqual([
      ['139****5678', 'console', null, START],
      ['139****1234', 'console', null, START],
    ]);

    const { id } = page.items[1]!;
    await optOuts.lift(tenant, id, 'asked for it by letter', 'user:2');
    expect(await optOuts.optedOut(tenant, keys)).toEqual(new Set([hex('+8613900005678')]));
    expect((await optOuts.list(tenant, FIRST)).total).toBe(1);
    const [row] = await world.sql<{ lifted_reason: string }>(
      'select lifted_reason from opt_outs where id = $1',
      [id],
    );
    expect(row!.lifted_reason).toBe('asked for it by letter');
    // Refusing once more after the lift is a new opt-out.
    await optOuts.add(tenant, '13900001234', 'user:1');
    expect((await optOuts.list(tenant, FIRST)).total).toBe(2);
  });

  it('are listed in pages', async () => {
    const tenant = await world.addTenant();
    for (let i = 0; i < 5; i++) await optOuts.add(tenant, `1390000100${i}`, 'user:1');
    const first = await optOuts.list(tenant, { cursor: null, limit: 2 });
    const second = await optOuts.list(tenant, { cursor: first.next, limit: 2 });
    const third = await optOuts.list(tenant, { cursor: second.next, limit: 2 });
    expect([first, second, third].flatMap(({ items }) => items.map(({ phone }) => phone.slice(-1)))).toEqual([
      '4',
      '3',
      '2',
      '1',
      '0',
    ]);
    expect([first.total, third.next]).toEqual([5, null]);
  });

  it('are refused with a word on what is wrong', async () => {
    const [tenant, other] = [await world.addTenant(), await world.addTenant()];
    await expect(optOuts.add(tenant, '12345', 'user:1')).rejects.toMatchObject({
      row: { code: 'opt_out.number_illegal' },
    });
    await optOuts.add(tenant, '13900001234', 'user:1');
    const { id } = (await optOuts.list(tenant, FIRST)).items[0]!;
    await expect(optOuts.lift(tenant, id, '  ', 'user:1')).rejects.toMatchObject({
      row: { problem: 'reason_required' },
    });
    await expect(optOuts.lift(other, id, 'not mine', 'user:1')).rejects.toMatchObject({ row: { http: 404 } });
    await optOuts.lift(tenant, id, 'mistake', 'user:1');
    await expect(optOuts.lift(tenant, id, 'again', 'user:1')).rejects.toMatchObject({ row: { http: 404 } });
  });

  it('are changes in the audit log, once each, without number or reason; the number stands sealed only', async () => {
    const tenant = await world.addTenant();
    await optOuts.add(tenant, '13900007777', 'user:9');
    await optOuts.add(tenant, '13900007777', 'user:9');
    const { id } = (await optOuts.list(tenant, FIRST)).items[0]!;
    await optOuts.lift(tenant, id, 'Frau Muster rief an', 'user:9');
    const { entries } = await world.audit.read(null, 100);
    const own = entries.filter(({ tenantId }) => tenantId === tenant);
    expect(own.map(({ action, subject, actor }) => [action, subject, actor])).toEqual([
      ['opt_out.lifted', `opt_${id}`, 'user:9'],
      ['opt_out.recorded', `opt_${id}`, 'user:9'],
    ]);
    expect(JSON.stringify(own)).not.toMatch(/13900007777|Muster/);
    const [row] = await world.sql<{ text: string }>(
      'select opt_outs::text as text from opt_outs where id = $1',
      [id],
    );
    expect(row!.text).not.toContain('13900007777');
    expect(row!.text).not.toContain(Buffer.from('13900007777').toString('hex'));
  });
});
