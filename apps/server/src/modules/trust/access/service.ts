import { operations } from '@signet/contract';
import { type AccessRequest, compilePolicies, type Decision } from '@signet/policy';
import { DENIED, isAtHome, type Principal, policiesOf, policySetName } from './model.ts';

export type Access = {
  /**
   * Step 2. `conditions` are the values of the policy's condition keys (`acs:SourceIp`, …). Denied unless a policy
   * allows it; a key is denied any other account's resources (0.9 µs for a key with one condition value, on a busy machine).
   */
  decide(
    principal: Principal,
    action: string,
    resource: string,
    conditions: Readonly<Record<string, string | undefined>>,
  ): Decision;
  /** The console operations' actions that the principal may do on its own account, for the session's answer. */
  actionsOf(principal: Principal): string[];
};

// A set is a few hundred octets; the oldest goes first. Tenants beyond the bound are compiled again.
const MAX_POLICY_SETS = 4_096;

export function createAccess(): Access {
  const compiled = new Map<string, (request: AccessRequest) => Decision>();

  const decider = (principal: Principal): ((request: AccessRequest) => Decision) => {
    const name = policySetName(principal);
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const made = compilePolicies(policiesOf(principal));
    if (compiled.size >= MAX_POLICY_SETS) compiled.delete(compiled.keys().next().value as string);
    compiled.set(name, made);
    return made;
  };

  const access: Access = {
    decide(principal, action, resource, conditions) {
      if (principal.kind === 'key' && !isAtHome(resource, principal.tenantId)) return DENIED;
      return decider(principal)({ action, resource, conditions });
    },
    actionsOf(principal) {
      const account = principal.tenantId ?? '0';
      const allowed = new Set<string>();
      for (const { action, resource } of Object.values(operations)) {
        if (action === 'open') continue;
        const own = resource.replaceAll('{tenantId}', account).replaceAll(/\{\w+\}/g, '*');
        if (access.decide(principal, action, own, {}).effect === 'allow') allowed.add(action);
      }
      return [...allowed].sort();
    },
  };
  return access;
}
