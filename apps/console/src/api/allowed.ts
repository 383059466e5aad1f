import type { OperationName, Operations } from '@signet/contract';

/** Whether the names of allowed actions (each may end in `*`) cover the action of an operation. The server decides
 * each call by policy (action and resource); this only keeps absent what would always be refused. */
export function allows(
  actions: readonly string[],
  operation: Pick<Operations[OperationName], 'action'>,
): boolean {
  if (operation.action === 'open') return true;
  return actions.some((allowed) =>
    allowed.endsWith('*') ? operation.action.startsWith(allowed.slice(0, -1)) : allowed === operation.action,
  );
}
