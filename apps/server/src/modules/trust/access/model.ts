import { type Decision, type NamedPolicy, readPolicy, SYSTEM_POLICIES } from '@signet/policy';

/** An access key of a tenant. `policies` are names as stored in `access_keys.policies`. */
export type KeyPrincipal = {
  readonly kind: 'key';
  readonly keyId: string;
  readonly tenantId: string;
  readonly policies: readonly string[];
};

export type Role = 'operator' | 'reviewer' | 'tenant';

/** Somebody who is signed in. `tenantId` is null for the operator's own staff. */
export type UserPrincipal = {
  readonly kind: 'user';
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  readonly tenantId: string | null;
  /** True for a user of the sandbox tenant, who may use the sandbox phone. */
  readonly sandbox?: boolean;
};

export type Principal = KeyPrincipal | UserPrincipal;

export const DENIED: Decision = { effect: 'deny', reason: 'implicit_deny' };

/** The actor of audit entries. */
export const actorOf = (principal: Principal): string =>
  principal.kind === 'key' ? `key:${principal.keyId}` : `user:${principal.userId}`;

/** Names one set of policies: principals with the same name are judged by the same compiled set. */
export function policySetName(principal: Principal): string {
  if (principal.kind === 'key') return `key|${principal.policies.join('|')}`;
  if (principal.role !== 'tenant') return principal.role;
  return `${principal.sandbox === true ? 'sandbox' : 'tenant'}|${principal.tenantId}`;
}

/** The policies of a principal; names that nobody defined grant nothing. */
export function policiesOf(principal: Principal): readonly NamedPolicy[] {
  if (principal.kind === 'key') {
    return SYSTEM_POLICIES.filter(({ name }) => principal.policies.includes(name)).map(({ name, document }) =>
      named(name, document),
    );
  }
  switch (principal.role) {
    case 'operator':
      return [named('operator', allow(['signet:*', 'dysms:*'], '*'))];
    case 'reviewer':
      return [
        named('reviewer', allow(['signet:ListReviews', 'signet:ReadReviewFile', 'signet:DecideReview'], '*')),
      ];
    case 'tenant':
      return principal.tenantId === null
        ? []
        : tenantPolicies(principal.tenantId, principal.sandbox === true);
  }
}

function tenantPolicies(tenantId: string, sandbox: boolean): NamedPolicy[] {
  const own = named('tenant', allow(['signet:*', 'dysms:*'], `acs:*:*:${tenantId}:*`));
  return sandbox ? [own, named('sandbox', allow(['signet:UseSandbox'], '*'))] : [own];
}

/**
 * Whether the resource may be a tenant's at all: `*` (judged by action only, as the real service does), or the own
 * account in its fourth part. System policies say `Resource: "*"`, so this bound is what keeps a key at home.
 */
export function isAtHome(resource: string, tenantId: string): boolean {
  if (resource === '*') return true;
  const region = resource.startsWith('acs:') ? resource.indexOf(':', 4) : -1;
  const account = region < 0 ? -1 : resource.indexOf(':', region + 1);
  if (account < 0) return false;
  return resource.startsWith(`${tenantId}:`, account + 1);
}

const allow = (actions: readonly string[], resource: string) => ({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: resource }],
});

function named(name: string, document: unknown): NamedPolicy {
  const read = readPolicy(document);
  if (!read.ok) throw new Error(`policy ${name} of this house is malformed: ${read.reason}`);
  return { name, policy: read.policy };
}
