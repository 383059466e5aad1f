import type { Action, ActionCall, ActionResult } from '../dispatch.ts';

/** Who asks: the tenant whose key signed, and the key as actor of the audit log. */
export type Asking = { readonly tenantId: string; readonly actor: string };

export const askingOf = ({ principal }: ActionCall): Asking => ({
  tenantId: principal.tenantId,
  actor: `key:${principal.accessKeyId}`,
});

/** `acs:dysms:*:<tenantId>:sign/<name>`: finer than the real service, which judges by action only (reference §10). */
export const resourceOf = (call: ActionCall, kind: 'sign' | 'template', name: string | undefined): string =>
  `acs:dysms:*:${call.principal.tenantId}:${kind}/${name ?? ''}`;

type DysmsAction = {
  readonly required: readonly string[];
  resources?(call: ActionCall): readonly string[];
  readonly claimsNonce?: true;
  handle(call: ActionCall, asking: Asking): Promise<ActionResult>;
};

/** A row of dysms 2017-05-25; a policy names the action as the wire does. */
export const dysmsAction = (name: string, { handle, ...row }: DysmsAction): Action => ({
  name,
  versions: ['2017-05-25'],
  ramAction: `dysms:${name}`,
  ...row,
  handle: (call) => handle(call, askingOf(call)),
});
