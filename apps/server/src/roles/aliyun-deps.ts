import { dysmsActions } from '../entrypoints/aliyun-rpc/actions/dysms-actions.ts';
import { type Action, type ActionCall, actionTable } from '../entrypoints/aliyun-rpc/dispatch.ts';
import { businessError, gatewayError } from '../entrypoints/aliyun-rpc/errors.ts';
import { nonceDigest } from '../modules/trust/access/public.ts';
import type { KeyRecord } from '../modules/trust/accounts/public.ts';
import { CommitUncertain } from '../platform/group-commit.ts';
import { isOutOfRoom } from '../platform/store-room.ts';
import type { Foundation } from './foundation.ts';
import type { Modules } from './modules.ts';

/**
 * Actions that say when the store is the reason: ServiceUnavailable, 503, is a temporary failure that may be tried again.
 * Nothing is stored of such a call, or where the store was lost in its commit, nobody knows.
 */
function storeBound(
  reportFailure: (failure: { requestId: string; error: unknown }) => void,
  actions: readonly Action[],
): Action[] {
  return actions.map((action) => ({
    ...action,
    async handle(call) {
      try {
        return await action.handle(call);
      } catch (error) {
        if (!isOutOfRoom(error) && !(error instanceof CommitUncertain)) throw error;
        reportFailure({ requestId: call.requestId, error });
        return gatewayError('ServiceUnavailable');
      }
    },
  }));
}

/** What the Alibaba-compatible edge is given: keys, nonces, the policy decision, and the doors of the modules. */
export function aliyunDeps(
  foundation: Foundation,
  modules: Modules,
  {
    secure,
    reportFailure,
  }: { secure: boolean; reportFailure(failure: { requestId: string; error: unknown }): void },
) {
  const { clock, vault } = foundation;
  const table = actionTable(
    storeBound(
      reportFailure,
      dysmsActions({
        send: modules.sending.send,
        refuse: modules.sending.refuse,
        digest: vault.digest,
        reading: modules.reading,
        signatures: modules.signatures,
        templates: modules.templates,
        registration: modules.registration,
      }),
    ),
  );
  return {
    table,
    now: () => clock.now(),
    findKey: modules.accounts.findKey,
    rememberNonce: modules.nonces.remember,
    nonceDigest,
    claimsNonce: (version: string, action: string) => table.find(version, action)?.claimsNonce === true,
    /** Step 2: default deny, by action and resource. */
    async authorise(call: ActionCall, ramAction: string, resources: readonly string[]) {
      // The record comes from findKey above, which names the key's policies.
      const { accessKeyId, tenantId, policies } = call.principal as KeyRecord;
      modules.accounts.noteKeyUse(accessKeyId, call.now);
      const principal = { kind: 'key', keyId: accessKeyId, tenantId, policies } as const;
      const conditions = {
        'acs:SourceIp': call.sourceIp,
        'acs:SecureTransport': String(secure),
        // Few policies ask for it, and its text costs as much as a decision.
        get 'acs:CurrentTime'() {
          return new Date(call.now).toISOString();
        },
        'acs:MFAPresent': 'false',
      };
      for (const resource of resources) {
        const asked = resource === '*' ? `acs:dysms:*:${tenantId}:*` : resource;
        if (modules.access.decide(principal, ramAction, asked, conditions).effect === 'deny') {
          return businessError(
            'isp.RAM_PERMISSION_DENY',
            'RAM权限不足 (no policy of this key allows the call)',
          );
        }
      }
      return undefined;
    },
  };
}
