import { DomainError } from '../../../platform/domain-error.ts';
import type { AccountDeps } from './deps.ts';
import { ACCOUNT_ERRORS } from './errors.ts';
import { newOneTimePassword, TENANT_STATES, type Tenant, type TenantEvent } from './model.ts';
import { hashPassword } from './passwords.ts';
import {
  amongAllUsers,
  deleteSessionsOfTenant,
  findTenant,
  insertTenant,
  insertUser,
  listTenants,
  readTenantNames,
  storeTenantState,
} from './store.ts';

export type Tenants = {
  /** A tenant with its data key and its first user. Errors: account.name_taken. */
  createTenant(draft: {
    name: string;
    userName: string;
    sandbox: boolean;
    actor: string;
  }): Promise<{ tenant: Tenant; oneTimePassword: string }>;
  /** One of the operator's own staff. Errors: account.name_taken. */
  createOperator(draft: {
    name: string;
    role: 'operator' | 'reviewer';
    actor: string;
  }): Promise<{ userId: string; oneTimePassword: string }>;
  /** Keys stop working and sessions end with the next commit. Errors: account.tenant_not_found, state_unchanged. */
  freezeTenant(tenantId: string, actor: string): Promise<Tenant>;
  unfreezeTenant(tenantId: string, actor: string): Promise<Tenant>;
  listTenants(): Promise<Tenant[]>;
  tenantNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
};

const USER_NAME_TAKEN = 'A user of this name exists; choose another name.';

export function tenantCases(deps: AccountDeps): Tenants {
  const move = (tenantId: string, event: TenantEvent, actor: string): Promise<Tenant> =>
    deps.makeChange({
      tenants: [tenantId],
      async run(tx, log) {
        const tenant = await findTenant(tx, tenantId);
        if (tenant === undefined) {
          throw new DomainError(
            ACCOUNT_ERRORS.tenantNotFound,
            'There is no such tenant; look at the list again.',
          );
        }
        const state = TENANT_STATES[tenant.state][event];
        if (state === undefined) {
          throw new DomainError(ACCOUNT_ERRORS.stateUnchanged, `The tenant is ${tenant.state} already.`);
        }
        await storeTenantState(tx, tenantId, state);
        if (state === 'frozen') await deleteSessionsOfTenant(tx, tenantId);
        const action = state === 'frozen' ? 'tenant.frozen' : 'tenant.unfrozen';
        log.append({ action, actor, tenantId, subject: `tnt_${tenantId}`, facts: {} });
        log.changeRegistry();
        return { ...tenant, state };
      },
    });

  return {
    async createTenant({ name, userName, sandbox, actor }) {
      const id = deps.ids.next();
      const userId = deps.ids.next();
      const oneTimePassword = newOneTimePassword(deps.random.octets);
      const passwordHash = await hashPassword(oneTimePassword);
      // Makes the tenant's data key; one that is left over by a refused name opens nothing.
      await deps.vault.sealer(id);
      const tenant = await deps.makeChange({
        tenants: [id],
        async run(tx, log, now) {
          const createdAt = new Date(now);
          const tenant: Tenant = { id, name, state: 'active', sandbox, createdAt };
          if (!(await insertTenant(tx, tenant))) {
            throw new DomainError(
              ACCOUNT_ERRORS.nameTaken,
              'A tenant of this name exists; choose another name.',
            );
          }
          const user = { id: userId, tenantId: id, name: userName, role: 'tenant' as const, passwordHash };
          if (!(await insertUser(tx, { ...user, mustChangePassword: true, createdAt }))) {
            throw new DomainError(ACCOUNT_ERRORS.nameTaken, USER_NAME_TAKEN);
          }
          log.append({
            action: 'tenant.created',
            actor,
            tenantId: id,
            subject: `tnt_${id}`,
            facts: { sandbox },
          });
          log.append({
            action: 'user.created',
            actor,
            tenantId: id,
            subject: `usr_${userId}`,
            facts: { role: 'tenant' },
          });
          log.changeRegistry();
          return tenant;
        },
      });
      return { tenant, oneTimePassword };
    },
    async createOperator({ name, role, actor }) {
      const userId = deps.ids.next();
      const oneTimePassword = newOneTimePassword(deps.random.octets);
      const passwordHash = await hashPassword(oneTimePassword);
      await deps.makeChange({
        tenants: [],
        async run(tx, log, now) {
          const user = { id: userId, tenantId: null, name, role, passwordHash, mustChangePassword: true };
          if (!(await amongAllUsers(tx, () => insertUser(tx, { ...user, createdAt: new Date(now) })))) {
            throw new DomainError(ACCOUNT_ERRORS.nameTaken, USER_NAME_TAKEN);
          }
          log.append({
            action: 'user.created',
            actor,
            tenantId: null,
            subject: `usr_${userId}`,
            facts: { role },
          });
        },
      });
      return { userId, oneTimePassword };
    },
    freezeTenant: (tenantId, actor) => move(tenantId, 'freeze', actor),
    unfreezeTenant: (tenantId, actor) => move(tenantId, 'unfreeze', actor),
    listTenants: () => deps.db.sweep(listTenants),
    async tenantNames(ids) {
      if (ids.length === 0) return new Map();
      const rows = await deps.db.sweep((tx) => readTenantNames(tx, ids));
      return new Map(rows.map(({ id, name }) => [id, name]));
    },
  };
}
