import type { AccountDeps } from './deps.ts';
import { type Keys, keyCases } from './keys.ts';
import { type SignIn, signInCases } from './sign-in.ts';
import { type Tenants, tenantCases } from './tenants.ts';

/** Everything that this module does; each part is told in the file of its name. */
export type Accounts = Tenants & SignIn & Keys;

export function createAccounts(deps: AccountDeps): Accounts {
  return { ...tenantCases(deps), ...signInCases(deps), ...keyCases(deps) };
}
