import { createAccess, createNonceMemory, type NonceMemory } from '../modules/trust/access/public.ts';
import { createAccounts } from '../modules/trust/accounts/public.ts';
import { createApprovals, createReviewBook } from '../modules/trust/approvals/public.ts';
import { changeLane, createAudit } from '../modules/trust/audit/public.ts';
import { createInbound, inboundLane } from '../modules/sms/inbound/public.ts';
import { decodeText } from '../modules/sms/carriers/public.ts';
import { createMessageKeeping, createMessageReading } from '../modules/sms/messages/public.ts';
import { createOptOuts } from '../modules/sms/opt-outs/public.ts';
import { createRegistration } from '../modules/sms/registration/public.ts';
import { createSignatures } from '../modules/sms/signatures/public.ts';
import { createTemplates } from '../modules/sms/templates/public.ts';
import { createPusher, createWebhooks, PUSHES_IN_FLIGHT, queueReports } from '../modules/sms/webhooks/public.ts';
import { createHttpOut } from '../platform/http-out/public.ts';
import type { Foundation } from './foundation.ts';
import { createGateway, type Gateway, gatewayLanes } from './gateway.ts';
import { createListeners } from './listeners.ts';
import { createAcceptCommit, createSending, loadScreening } from './sending.ts';

export type Modules = Awaited<ReturnType<typeof composeModules>>;

/** Every module of floors 2 and 3, wired. The order of the lanes is the order of a message's life within one commit. */
export async function composeModules(foundation: Foundation) {
  const { clock, commit, db, lease, log, metrics, random, registryVersion, settings, vault } = foundation;
  const { ids } = lease;
  const now = () => clock.now();
  const setTimer = (delayMs: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  };
  const fault = (event: string) => (error: unknown) => {
    metrics.faults.labels(event).inc();
    log.fault(event, error);
  };

  const access = createAccess();
  const nonces: NonceMemory = createNonceMemory({ db, now });
  const reviewBook = createReviewBook({ ids });
  const listeners = createListeners();

  // Lanes, in order: accepted, attempted, answered, reported, replied, changed.
  let gateway: Gateway | undefined;
  const acceptCommit = createAcceptCommit(foundation, {
    reviewBook,
    gateway: () => gateway!,
    onAccepted: listeners.tell,
  });
  const lanes = gatewayLanes(foundation, { onFinal: (tenantIds) => { pusher.wake(); listeners.tell(tenantIds); } });
  const commitInbound = commit.lane(inboundLane({ wakePusher: () => pusher.wake() }));
  const makeChange = changeLane(commit, foundation.sequencer);

  const screen = loadScreening();
  const audit = createAudit({ db, signingKey: vault.checkpointKey(), now });
  const accounts = createAccounts({ db, vault, ids, random, makeChange, now, registryVersion });
  const registration = createRegistration({ db, vault, makeChange, reviews: reviewBook });
  const signatures = createSignatures({ db, vault, ids, makeChange, reviews: reviewBook, registryVersion, approvedQualifications: registration.approvedIds });
  const templates = createTemplates({ db, ids, random, makeChange, reviews: reviewBook, registryVersion, isSignatureKnown: signatures.isKnown, 
    screen: (text, kind, signName) => {
      const { verdict, labels, spans } = screen(text, { messageKind: kind, signName: signName ?? '' });
      return { verdict, labels, spans: spans.map((span) => ({ ...span, label: span.label ?? null })) };
    },
  });
  const optOuts = createOptOuts({ db, vault, ids, makeChange });
  const reading = createMessageReading({ db, vault, makeChange, now, screen });
  const http = createHttpOut({
    allowedPrivateHosts: settings.webhookAllowedHosts,
    timeoutMs: settings.webhookTimeoutMs,
    connectionsPerOrigin: PUSHES_IN_FLIGHT,
  });
  const inbound = createInbound({
    db, vault, ids, decodeText, now, setTimer,
    lastSender: reading.lastSender,
    commit: commitInbound,
    accessNumber: (carrierId) => gateway?.carriers.running().find((carrier) => carrier.id === carrierId)?.sourceAddress,
    onError: fault('inbound.store_away'),
  });
  const pusher = createPusher({
    db, vault, http, now, setTimer,
    timeoutMs: settings.webhookTimeoutMs,
    readReports: reading.reports,
    readReplies: inbound.readReplies,
    onError: fault('webhooks.store_away'),
  });
  const webhooks = createWebhooks({ db, vault, ids, random, makeChange, http, pusher, now });
  const sending = createSending(foundation, acceptCommit, { signatures, templates, optOuts, reading, screen });
  const keeping = createMessageKeeping({
    db, makeChange, ids,
    queueReports,
    closeReviews: ({ tx, log: entries, now: at }, messages) =>
      reviewBook.closeReviews('message', messages.map(({ tenantId, messageId }) => ({ tenantId, subjectId: messageId })), tx, entries, at),
  });

  const sandboxTenants = new Set<string>();
  const readSandboxTenants = async (): Promise<void> => {
    for (const tenant of await accounts.listTenants()) if (tenant.sandbox) sandboxTenants.add(tenant.id);
  };
  gateway = createGateway(foundation, lanes, {
    makeChange,
    isSandboxTenant: (tenantId) => sandboxTenants.has(tenantId),
    takeInbound: (carrierId, link, batch) => inbound.take(carrierId, link, batch),
  });

  const approvals = createApprovals({
    db, makeChange,
    onDecision: {
      qualification: registration.onDecision,
      signature: signatures.onDecision,
      template: templates.onDecision,
      message: (tx, entries, review, decision, at) =>
        keeping.releaseHeld(tx, entries, at, review.subjectId, review.tenantId, decision.approve),
    },
    afterDecision: {
      message: (released) => {
        if (released) gateway!.recovery.claim().catch(fault('dispatch.claim_failed'));
        pusher.wake();
      },
    },
    describe: {
      qualification: registration.describe,
      signature: signatures.describe,
      template: templates.describe,
      message: reading.describe,
    },
    tenantNames: accounts.tenantNames,
  });

  return {
    access, accounts, approvals, audit, gateway, http, inbound, keeping, listeners, makeChange, nonces, optOuts, pusher,
    reading, registration, readSandboxTenants, sandboxTenants, sending, signatures, templates, webhooks,
  };
}
