import type { ConsoleApiDeps } from '../deps.ts';
import type { Handlers } from '../operation-call.ts';

export function tenantHandlers({ accounts }: ConsoleApiDeps): Pick<Handlers, 'listTenants' | 'createTenant'> {
  return {
    async listTenants() {
      const tenants = await accounts.listTenants();
      return { items: tenants.map((tenant) => ({ ...tenant, createdAt: tenant.createdAt.toISOString() })) };
    },
    async createTenant({ body }, { actor }) {
      const { tenant, oneTimePassword } = await accounts.createTenant({ ...body, sandbox: false, actor });
      return { tenantId: tenant.id, userName: body.userName, oneTimePassword };
    },
  };
}
