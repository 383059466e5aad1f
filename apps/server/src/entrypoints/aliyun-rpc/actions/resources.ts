import type { ActionCall } from '../dispatch.ts';

/** The one version of dysms that these actions belong to. */
export const DYSMS_VERSIONS: readonly string[] = ['2017-05-25'];

/** `acs:dysms:*:<tenantId>:sign/<name>`: finer than the real service, which judges by action only (reference §10). */
export const resourceOf = (call: ActionCall, kind: 'sign' | 'template', name: string | undefined): string =>
  `acs:dysms:*:${call.principal.tenantId}:${kind}/${name ?? ''}`;
