import type { Tx } from '../../../platform/db.ts';
import type { Role } from '../access/public.ts';
import type { AccessKey, KeyState, Tenant, TenantState } from './model.ts';

/**
 * Work as the role that sees users without a tenant, inside the group commit's transaction. An error leaves the role
 * as it is: the change's savepoint is rolled back then, and the role with it.
 */
export async function amongAllUsers<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  await tx.query('set local role signet_sweep');
  const done = await work();
  await tx.query('set local role signet_app');
  return done;
}

// -- tenants

const TENANT = `id, name, state, sandbox, created_at as "createdAt"`;

/** False when the name is taken. */
export async function insertTenant(tx: Tx, tenant: Tenant): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into tenants (id, name, state, sandbox, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [tenant.id, tenant.name, tenant.state, tenant.sandbox, tenant.createdAt],
  );
  return rowCount === 1;
}

export async function findTenant(tx: Tx, id: string): Promise<Tenant | undefined> {
  return (await tx.query<Tenant>(`select ${TENANT} from tenants where id = $1`, [id])).rows[0];
}

export async function listTenants(tx: Tx): Promise<Tenant[]> {
  return (await tx.query<Tenant>(`select ${TENANT} from tenants order by id`)).rows;
}

export async function readTenantNames(
  tx: Tx,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> {
  const { rows } = await tx.query<{ id: string; name: string }>(
    'select id, name from tenants where id = any($1::bigint[])',
    [ids],
  );
  return rows;
}

export async function storeTenantState(tx: Tx, id: string, state: TenantState): Promise<void> {
  await tx.query('update tenants set state = $2 where id = $1', [id, state]);
}

// -- users and sessions

export type UserRow = {
  id: string;
  tenantId: string | null;
  name: string;
  role: Role;
  passwordHash: string;
  mustChangePassword: boolean;
  state: 'active' | 'disabled';
  tenantState: TenantState | null;
  sandbox: boolean | null;
};

const USER = `u.id, u.tenant_id as "tenantId", u.name, u.role, u.password_hash as "passwordHash",
  u.must_change_password as "mustChangePassword", u.state, t.state as "tenantState", t.sandbox`;

export type NewUser = Omit<UserRow, 'state' | 'tenantState' | 'sandbox'> & { createdAt: Date };

/** False when the name is taken. */
export async function insertUser(tx: Tx, user: NewUser): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into users (id, tenant_id, name, role, password_hash, must_change_password, state, created_at)
     values ($1, $2, $3, $4, $5, $6, 'active', $7) on conflict do nothing`,
    [
      user.id,
      user.tenantId,
      user.name,
      user.role,
      user.passwordHash,
      user.mustChangePassword,
      user.createdAt,
    ],
  );
  return rowCount === 1;
}

export async function findUserByName(tx: Tx, name: string): Promise<UserRow | undefined> {
  const { rows } = await tx.query<UserRow>(
    `select ${USER} from users u left join tenants t on t.id = u.tenant_id where u.name = $1`,
    [name],
  );
  return rows[0];
}

export async function findUser(tx: Tx, id: string): Promise<UserRow | undefined> {
  const { rows } = await tx.query<UserRow>(
    `select ${USER} from users u left join tenants t on t.id = u.tenant_id where u.id = $1`,
    [id],
  );
  return rows[0];
}

/** False when the password is no longer the one that was checked. */
export async function storePassword(
  tx: Tx,
  user: { id: string; passwordHash: string; mustChangePassword: boolean; replaces: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'update users set password_hash = $2, must_change_password = $3 where id = $1 and password_hash = $4',
    [user.id, user.passwordHash, user.mustChangePassword, user.replaces],
  );
  return rowCount === 1;
}

export async function insertSession(
  tx: Tx,
  session: { digest: Buffer; userId: string; createdAt: Date; expiresAt: Date },
): Promise<void> {
  await tx.query(
    'insert into sessions (token_digest, user_id, created_at, expires_at) values ($1, $2, $3, $4)',
    [session.digest, session.userId, session.createdAt, session.expiresAt],
  );
}

export async function findSession(
  tx: Tx,
  digest: Buffer,
  now: Date,
): Promise<(UserRow & { expiresAt: Date }) | undefined> {
  const { rows } = await tx.query<UserRow & { expiresAt: Date }>(
    `select ${USER}, s.expires_at as "expiresAt"
     from sessions s join users u on u.id = s.user_id left join tenants t on t.id = u.tenant_id
     where s.token_digest = $1 and s.expires_at > $2`,
    [digest, now],
  );
  return rows[0];
}

/** Returns the user whose session it was. */
export async function deleteSession(tx: Tx, digest: Buffer): Promise<string | undefined> {
  const { rows } = await tx.query<{ userId: string }>(
    'delete from sessions where token_digest = $1 returning user_id as "userId"',
    [digest],
  );
  return rows[0]?.userId;
}

/** Ends the user's sessions but for `keep`. */
export async function deleteSessionsOfUser(tx: Tx, userId: string, keep: Buffer | null): Promise<void> {
  await tx.query('delete from sessions where user_id = $1 and ($2::bytea is null or token_digest <> $2)', [
    userId,
    keep,
  ]);
}

export async function deleteSessionsOfTenant(tx: Tx, tenantId: string): Promise<void> {
  await tx.query('delete from sessions where user_id in (select id from users where tenant_id = $1)', [
    tenantId,
  ]);
}

export async function deleteExpiredSessions(tx: Tx, now: Date): Promise<number> {
  return (await tx.query('delete from sessions where expires_at <= $1', [now])).rowCount;
}

// -- access keys

const KEY = `id, state, remark, created_at as "createdAt", last_used_at as "lastUsedAt"`;

export async function insertKey(
  tx: Tx,
  key: AccessKey & { tenantId: string; sealedSecret: Buffer; policies: readonly string[] },
): Promise<void> {
  await tx.query(
    `insert into access_keys (id, tenant_id, sealed_secret, state, policies, remark, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [key.id, key.tenantId, key.sealedSecret, key.state, key.policies, key.remark, key.createdAt],
  );
}

export async function countKeys(tx: Tx, tenantId: string): Promise<number> {
  const { rows } = await tx.query<{ total: number }>(
    'select count(*)::int as total from access_keys where tenant_id = $1',
    [tenantId],
  );
  return rows[0]!.total;
}

export async function listKeys(tx: Tx, tenantId: string): Promise<AccessKey[]> {
  const { rows } = await tx.query<AccessKey>(
    `select ${KEY} from access_keys where tenant_id = $1 order by created_at, id`,
    [tenantId],
  );
  return rows;
}

/** Undefined when the tenant has no such key. */
export async function storeKeyState(
  tx: Tx,
  tenantId: string,
  id: string,
  state: KeyState,
): Promise<AccessKey | undefined> {
  const { rows } = await tx.query<AccessKey>(
    `update access_keys set state = $3 where id = $2 and tenant_id = $1 returning ${KEY}`,
    [tenantId, id, state],
  );
  return rows[0];
}

export async function storeKeySecret(
  tx: Tx,
  tenantId: string,
  id: string,
  sealedSecret: Buffer,
): Promise<AccessKey | undefined> {
  const { rows } = await tx.query<AccessKey>(
    `update access_keys set sealed_secret = $3 where id = $2 and tenant_id = $1 returning ${KEY}`,
    [tenantId, id, sealedSecret],
  );
  return rows[0];
}

export type KeyRow = {
  tenantId: string;
  sealedSecret: Buffer;
  state: KeyState;
  policies: string[];
  tenantState: TenantState;
};

export async function findKey(tx: Tx, id: string): Promise<KeyRow | undefined> {
  const { rows } = await tx.query<KeyRow>(
    `select k.tenant_id as "tenantId", k.sealed_secret as "sealedSecret", k.state, k.policies, t.state as "tenantState"
     from access_keys k join tenants t on t.id = k.tenant_id where k.id = $1`,
    [id],
  );
  return rows[0];
}

export async function storeKeyUses(tx: Tx, uses: readonly { id: string; at: Date }[]): Promise<void> {
  await tx.query(
    `update access_keys k set last_used_at = used.at
     from unnest($1::text[], $2::timestamptz[]) as used (id, at)
     where k.id = used.id and (k.last_used_at is null or k.last_used_at < used.at)`,
    [uses.map((use) => use.id), uses.map((use) => use.at)],
  );
}
