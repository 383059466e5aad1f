import type { OperationName, Operations } from '@signet/contract';
import { createContext, useContext } from 'react';
import { allows } from '../../api/allowed.ts';
import type { Tenant, User } from '../../api/types.ts';

export type Session = {
  user: User;
  /** Tenants the user may enter; a tenant's own user has none to choose. */
  tenants: readonly Tenant[];
  /** The tenant at work, or null before an operator has one. */
  tenantId: string | null;
  reloadTenants: () => void;
  setUser: (user: User | null) => void;
};

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('nobody is signed in around this part');
  return session;
}

/** Whether the user's role holds the action of an operation; what it does not hold is absent from the page. */
export function useMay(): (operation: Operations[OperationName]) => boolean {
  const { user } = useSession();
  return (operation) => allows(user.actions, operation);
}

/** Id of the tenant whose room is open; rooms of a tenant are only shown with one. */
export function useTenantId(): string {
  const { tenantId } = useSession();
  if (tenantId === null) throw new Error('a room of a tenant is open without a tenant');
  return tenantId;
}
