import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { changeWorldForTests } from '../../../../../../tests/world/changes.ts';
import type { DomainError } from '../../../platform/domain-error.ts';
import { type Accounts, createAccounts } from './public.ts';
import { amongAllUsers } from './store.ts';

const PASSWORD = 'a long new password';
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: DomainError) => error.row?.code ?? String(error),
  );

describe('accounts', () => {
  const world = changeWorldForTests();
  let accounts: Accounts;
  let made = 0;

  beforeAll(() => {
    accounts = createAccounts(world());
  });

  const newTenant = async () => {
    const userName = `user ${++made}`;
    const created = await accounts.createTenant({
      name: `tenant ${made}`,
      userName,
      sandbox: false,
      actor: 'system:test',
    });
    return { ...created, tenantId: created.tenant.id, userName };
  };
  const signIn = (name: string, password: string, address = `192.0.2.${made}`) =>
    accounts.signIn({ name, password, address });
  const table = async <Row>(text: string, values: unknown[] = []) =>
    (await world().db.sweep((tx) => tx.query<Row>(text, values))).rows;

  it('let a new user in with the one-time password, which must be changed', async () => {
    const { userName, oneTimePassword, tenantId } = await newTenant();
    const { token, session } = await signIn(userName, oneTimePassword);
    expect(session).toMatchObject({ mustChangePassword: true, principal: { role: 'tenant', tenantId } });
    expect(await codeOf(accounts.changePassword({ token, current: oneTimePassword, next: 'short' }))).toBe(
      'account.weak_password',
    );
    expect(await codeOf(accounts.changePassword({ token, current: 'wrong', next: PASSWORD }))).toBe(
      'account.wrong_credentials',
    );
    const changed = await accounts.changePassword({ token, current: oneTimePassword, next: PASSWORD });
    expect(changed.mustChangePassword).toBe(false);
    expect((await accounts.readSession(token))?.mustChangePassword).toBe(false);
    expect(await codeOf(signIn(userName, oneTimePassword))).toBe('account.wrong_credentials');
    expect(await codeOf(signIn(userName, PASSWORD))).toBe('done');
  });

  it('make staff that belongs to no tenant', async () => {
    const { oneTimePassword } = await accounts.createOperator({
      name: 'root',
      role: 'operator',
      actor: 'system:start',
    });
    const { session } = await signIn('root', oneTimePassword);
    expect(session.principal).toMatchObject({ role: 'operator', tenantId: null, name: 'root' });
    expect(
      await codeOf(accounts.createOperator({ name: 'root', role: 'reviewer', actor: 'system:start' })),
    ).toBe('account.name_taken');
  });

  it('give the role for all users back, also after an error, to the changes of the same commit', async () => {
    const roleAfter = (work?: () => Promise<void>) =>
      world().makeChange({
        tenants: [],
        async run(tx) {
          if (work !== undefined) await amongAllUsers(tx, work);
          return (await tx.query<{ role: string }>('select current_user as role')).rows[0]!.role;
        },
      });
    const failing = roleAfter(async () => {
      throw new Error('refused');
    });
    const [failed, next, used, last] = await Promise.allSettled([
      failing,
      roleAfter(),
      roleAfter(async () => undefined),
      roleAfter(),
    ]);
    expect(failed.status).toBe('rejected');
    for (const one of [next, used, last]) expect(one).toMatchObject({ value: 'signet_app' });
  });

  it('store nothing of a tenant whose user name is taken', async () => {
    const { userName } = await newTenant();
    const again = accounts.createTenant({
      name: 'left over',
      userName,
      sandbox: false,
      actor: 'system:test',
    });
    expect(await codeOf(again)).toBe('account.name_taken');
    expect((await accounts.listTenants()).map(({ name }) => name)).not.toContain('left over');
  });

  it('keep no token and no password in the store', async () => {
    const { userName, oneTimePassword } = await newTenant();
    const { token } = await signIn(userName, oneTimePassword);
    const rows = await table('select s.*, u.* from sessions s join users u on u.id = s.user_id');
    const stored = JSON.stringify(rows) + JSON.stringify((await world().audit.read(null, 500)).entries);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
    expect(stored).not.toContain(oneTimePassword);
  });

  it('limit guesses at a name, also when all come at once, and wait a quarter of an hour', async () => {
    const { userName, oneTimePassword } = await newTenant();
    const guesses = Array.from({ length: 14 }, (_, i) =>
      codeOf(signIn(userName, 'wrong', `198.51.100.${i}`)),
    );
    const codes = await Promise.all(guesses);
    expect(codes.filter((code) => code === 'account.wrong_credentials')).toHaveLength(10);
    expect(codes.filter((code) => code === 'account.too_many_attempts')).toHaveLength(4);
    expect(await codeOf(signIn(userName, oneTimePassword, '203.0.113.1'))).toBe('account.too_many_attempts');
    world().clock.ms += 15 * 60_000;
    expect(await codeOf(signIn(userName, oneTimePassword, '203.0.113.1'))).toBe('done');
  });

  it('limit guesses from one address over all names, and forget right ones', async () => {
    const { userName, oneTimePassword } = await newTenant();
    for (let i = 0; i < 12; i++)
      expect(await codeOf(signIn(userName, oneTimePassword, '198.51.100.99'))).toBe('done');
    const codes = await Promise.all(
      Array.from({ length: 51 }, (_, i) => codeOf(signIn(`nobody ${i}`, 'wrong', '198.51.100.99'))),
    );
    expect(codes.filter((code) => code === 'account.too_many_attempts')).toHaveLength(1);
  });

  it('write the same entry for a wrong password and an unknown name', async () => {
    const { userName } = await newTenant();
    await codeOf(signIn(userName, 'wrong'));
    await codeOf(signIn('who is that', 'wrong'));
    const { entries } = await world().audit.read(null, 2);
    expect(entries.map(({ action }) => action)).toEqual(['user.sign_in_failed', 'user.sign_in_failed']);
    expect(entries[0]!.subject).toBe('usr_unknown');
    expect(JSON.stringify(entries)).not.toContain('who is that');
  });

  it('end sessions after twelve hours, at sign-out, and the others with a new password', async () => {
    const { userName, oneTimePassword } = await newTenant();
    const [one, two, three] = [
      await signIn(userName, oneTimePassword),
      await signIn(userName, oneTimePassword),
      await signIn(userName, oneTimePassword),
    ];
    await accounts.signOut(one.token);
    expect(await accounts.readSession(one.token)).toBeUndefined();
    await accounts.changePassword({ token: two.token, current: oneTimePassword, next: PASSWORD });
    expect(await accounts.readSession(three.token)).toBeUndefined();
    expect(await accounts.readSession(two.token)).toBeDefined();
    world().clock.ms += 12 * 3_600_000 - 1;
    expect(await accounts.readSession(two.token)).toBeDefined();
    world().clock.ms += 1;
    expect(await accounts.readSession(two.token)).toBeUndefined();
    const elsewhere = createAccounts(world());
    expect(await elsewhere.readSession(two.token)).toBeUndefined();
    expect(await accounts.forgetSessions()).toBeGreaterThan(0);
    expect(await accounts.readSession('not a token')).toBeUndefined();
  });

  it('learn within a second that another process ended a session', async () => {
    const { userName, oneTimePassword } = await newTenant();
    const elsewhere = createAccounts(world());
    const { token } = await signIn(userName, oneTimePassword);
    expect(await elsewhere.readSession(token)).toBeDefined();
    await accounts.signOut(token);
    world().clock.ms += 1_000;
    expect(await elsewhere.readSession(token)).toBeUndefined();
  });

  it('reset a password for the operator at the machine', async () => {
    const { userName, oneTimePassword } = await newTenant();
    const { token } = await signIn(userName, oneTimePassword);
    const next = await accounts.resetPassword(userName, 'system:cli');
    expect(await accounts.readSession(token)).toBeUndefined();
    expect(await codeOf(signIn(userName, oneTimePassword))).toBe('account.wrong_credentials');
    expect((await signIn(userName, next)).session.mustChangePassword).toBe(true);
    expect(await codeOf(accounts.resetPassword('who is that', 'system:cli'))).toBe('account.user_not_found');
  });

  it('give a tenant five keys and no sixth, also when all are asked for at once', async () => {
    const { tenantId } = await newTenant();
    const wanted = Array.from({ length: 9 }, () =>
      codeOf(accounts.createKey({ tenantId, remark: '', actor: 'user:1' })),
    );
    const codes = await Promise.all(wanted);
    expect(codes.filter((code) => code === 'done')).toHaveLength(5);
    expect(codes.filter((code) => code === 'account.too_many_keys')).toHaveLength(4);
    expect(await accounts.listKeys(tenantId)).toHaveLength(5);
  });

  it('find a key ready for both signatures, and at once the second time', async () => {
    const { tenantId } = await newTenant();
    const { key, secret } = await accounts.createKey({ tenantId, remark: 'shop', actor: 'user:1' });
    const found = await accounts.findKey(key.id);
    expect(found).toMatchObject({
      accessKeyId: key.id,
      status: 'Active',
      tenantId,
      policies: ['AliyunDysmsFullAccess'],
    });
    const mac = (by: Parameters<typeof createHmac>[1]) => createHmac('sha1', by).update('x').digest('hex');
    expect(mac(found!.secret.v1)).toBe(mac(`${secret}&`));
    expect(mac(found!.secret.v3)).toBe(mac(secret));
    expect(accounts.findKey(key.id)).not.toBeInstanceOf(Promise);
    expect(await accounts.findKey('LTAIaaaaaaaaaaaaaaaaaaaa')).toBeUndefined();
    expect(accounts.findKey("'; select 1")).toBeUndefined();
    const stored = await table('select * from access_keys where id = $1', [key.id]);
    expect(JSON.stringify(stored)).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it('notice a disabled, rotated or frozen key with the next request', async () => {
    const { tenantId } = await newTenant();
    const { key, secret } = await accounts.createKey({ tenantId, remark: '', actor: 'user:1' });
    const status = async () => (await accounts.findKey(key.id))?.status;
    expect(await status()).toBe('Active');
    await accounts.setKeyState(tenantId, key.id, 'inactive', 'user:1');
    expect(await status()).toBe('Inactive');
    await accounts.setKeyState(tenantId, key.id, 'active', 'user:1');
    const rotated = await accounts.rotateKey(tenantId, key.id, 'user:1');
    expect(rotated.secret).not.toBe(secret);
    const found = await accounts.findKey(key.id);
    expect(found!.secret.v3.export().toString()).toBe(rotated.secret);
    await accounts.freezeTenant(tenantId, 'user:1');
    expect(await status()).toBe('Inactive');
    expect(await codeOf(accounts.freezeTenant(tenantId, 'user:1'))).toBe('account.state_unchanged');
    await accounts.unfreezeTenant(tenantId, 'user:1');
    expect(await status()).toBe('Active');
  });

  it('show a key to its own tenant only', async () => {
    const [mine, other] = [await newTenant(), await newTenant()];
    const { key } = await accounts.createKey({ tenantId: mine.tenantId, remark: '', actor: 'user:1' });
    expect(await accounts.listKeys(other.tenantId)).toEqual([]);
    expect(await codeOf(accounts.rotateKey(other.tenantId, key.id, 'user:1'))).toBe('account.key_not_found');
    expect(await codeOf(accounts.setKeyState(other.tenantId, key.id, 'inactive', 'user:1'))).toBe(
      'account.key_not_found',
    );
  });

  it('keep the users of a frozen tenant out', async () => {
    const { tenantId, userName, oneTimePassword } = await newTenant();
    const { token } = await signIn(userName, oneTimePassword);
    await accounts.freezeTenant(tenantId, 'user:1');
    expect(await accounts.readSession(token)).toBeUndefined();
    expect(await codeOf(signIn(userName, oneTimePassword))).toBe('account.frozen');
    await accounts.unfreezeTenant(tenantId, 'user:1');
    expect(await codeOf(signIn(userName, oneTimePassword))).toBe('done');
  });

  it('note the last use of a key without a statement a request', async () => {
    const { tenantId } = await newTenant();
    const { key } = await accounts.createKey({ tenantId, remark: '', actor: 'user:1' });
    const lastUse = async () => (await accounts.listKeys(tenantId))[0]!.lastUsedAt?.getTime();
    const at = world().clock.ms;
    accounts.noteKeyUse(key.id, at);
    accounts.noteKeyUse(key.id, at + 5);
    expect(await lastUse()).toBeUndefined();
    expect(await accounts.flushKeyUses()).toBe(1);
    expect(await lastUse()).toBe(at + 5);
    accounts.noteKeyUse(key.id, at);
    await accounts.flushKeyUses();
    expect(await lastUse()).toBe(at + 5);
    expect(await accounts.flushKeyUses()).toBe(0);
  });

  it('leave a log that verifies', async () => {
    await world().audit.checkpoint();
    expect(await world().audit.verify()).toMatchObject({ ok: true });
  });
});
