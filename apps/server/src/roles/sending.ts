import { hash } from 'node:crypto';
import {
  type AcceptCommit,
  accept,
  acceptLane,
  type MessageReading,
  type Refusal,
  type SendAnswer,
  type SendCall,
} from '../modules/sms/messages/public.ts';
import type { OptOuts } from '../modules/sms/opt-outs/public.ts';
import { loadEngine } from '../modules/sms/screening/public.ts';
import type { Signatures } from '../modules/sms/signatures/public.ts';
import type { Templates } from '../modules/sms/templates/public.ts';
import { claimNonces } from '../modules/trust/access/public.ts';
import type { ReviewBook } from '../modules/trust/approvals/public.ts';
import { createVersionedCache } from '../platform/versioned-cache.ts';
import type { Foundation } from './foundation.ts';
import type { Gateway } from './gateway.ts';

export type Sending = {
  /** Steps 3 to 10 for one call. */
  send(call: SendCall): Promise<SendAnswer>;
  /** Stores a refusal that was found while the call was read. */
  refuse(call: SendCall, refusal: Refusal): Promise<SendAnswer>;
};

export type Screen = ReturnType<typeof loadEngine>['screen'];

/** One engine for the process: its tables are built once. */
export const loadScreening = (): Screen => loadEngine().screen;

/** Tenants whose exempt numbers are kept in memory. */
const EXEMPT_TENANTS = 10_000;
const DIGEST_CHARACTERS = 22;

/** The lane of the accept path; it is made first, so that what was accepted stands before what the gateway says of it. */
export function createAcceptCommit(
  foundation: Foundation,
  deps: {
    reviewBook: ReviewBook;
    gateway(): Gateway;
    onAccepted(tenantIds: readonly string[]): void;
    /** Messages were held: the reviewers have new work. */
    onHeld(): void;
  },
): AcceptCommit {
  const { commit, lease, metrics, seconds } = foundation;
  // Set within a flush, told after the commit of that flush.
  let held = false;
  return commit.lane(
    acceptLane({
      ids: lease.ids,
      claimNonces,
      openMessageReviews: async (flush, reviews) => {
        held = true;
        await deps.reviewBook.openReviews(
          reviews.map(({ tenantId, messageId, dueAt }) => ({
            subject: 'message',
            subjectId: messageId,
            tenantId,
            dueAt,
          })),
          flush.tx,
          flush.log,
          flush.now,
        );
      },
      gatewayHasRoom: (count) => deps.gateway().dispatcher.hasRoom(count),
      handOver: (chunkId, messages) => deps.gateway().dispatcher.take(chunkId, messages),
      onAccepted: (tenantIds) => {
        deps.onAccepted(tenantIds);
        if (held) deps.onHeld();
        held = false;
      },
      owner: lease.processId,
      countStep: metrics.countStep,
      seconds,
    }),
  );
}

export function createSending(
  foundation: Foundation,
  acceptCommit: AcceptCommit,
  modules: {
    signatures: Signatures;
    templates: Templates;
    optOuts: OptOuts;
    reading: MessageReading;
    screen: Screen;
  },
): Sending {
  const { clock, lease, vault, metrics, seconds, registryVersion } = foundation;
  const exempt = createVersionedCache({
    version: registryVersion,
    load: (tenantId: string) => modules.reading.exemptNumbers(tenantId),
    maxEntries: EXEMPT_TENANTS,
  });
  const deps = {
    now: () => clock.now(),
    registryVersion,
    commit: acceptCommit,
    seconds,
    countStep: metrics.countStep,
    numberKey: vault.numberKey,
    nextId: lease.ids.next,
    seal: (tenantId: string, row: string, plain: string) =>
      vault.sealerNow(tenantId)!.seal({ table: 'messages', column: 'sealed', row }, plain),
    // The sealed value is ciphertext: a plain digest of it tells nothing, and shows whether the row was altered.
    digest: (sealed: Buffer) => hash('sha256', sealed, 'base64url').slice(0, DIGEST_CHARACTERS),
    signature: modules.signatures.lookup,
    template: modules.templates.lookup,
    exemptNumbers: exempt.get,
    optedOut: modules.optOuts.optedOut,
    screen: modules.screen,
    storedAnswer: modules.reading.storedAnswer,
  };
  return {
    async send(call) {
      if (vault.sealerNow(call.tenantId) === undefined) await vault.sealer(call.tenantId);
      return accept(call, deps);
    },
    async refuse(call, refusal) {
      const answer = await acceptCommit({ kind: 'refuse', call, refusal });
      if (answer === 'stale') throw new Error('a refusal depends on no registry');
      return answer;
    },
  };
}
