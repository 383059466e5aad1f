import { decodeText } from '../modules/sms/carriers/public.ts';
import { createInbound, type Inbound, inboundLane } from '../modules/sms/inbound/public.ts';
import {
  createMessageKeeping,
  createMessageReading,
  type MessageReading,
} from '../modules/sms/messages/public.ts';
import { createOptOuts } from '../modules/sms/opt-outs/public.ts';
import { createRegistration } from '../modules/sms/registration/public.ts';
import { createSignatures } from '../modules/sms/signatures/public.ts';
import { createTemplates } from '../modules/sms/templates/public.ts';
import {
  createPusher,
  createWebhooks,
  PUSHES_IN_FLIGHT,
  type Pusher,
  queueReports,
} from '../modules/sms/webhooks/public.ts';
import { createAccess, createNonceMemory } from '../modules/trust/access/public.ts';
import { createAccounts } from '../modules/trust/accounts/public.ts';
import { createApprovals, createReviewBook, type ReviewBook } from '../modules/trust/approvals/public.ts';
import { changeLane, createAudit, type MakeChange } from '../modules/trust/audit/public.ts';
import { createHttpOut } from '../platform/http-out/public.ts';
import type { Foundation } from './foundation.ts';
import { createGateway, type Gateway, gatewayLanes } from './gateway.ts';
import { createListeners } from './listeners.ts';
import { createAcceptCommit, createSending, type Screen } from './sending.ts';
import { telling } from './telling.ts';

/** Whom listeners tell of the review queue; tenants are told under their ids, which are digits. */
const REVIEWERS = 'reviewers';

export type Modules = ReturnType<typeof composeModules>;

/** Every module of floors 2 and 3, wired. The order of the lanes is the order of a message's life within one commit. */
export function composeModules(foundation: Foundation, screen: Screen) {
  const { commit, db, lease } = foundation;
  const listeners = createListeners();
  const reviewBook = createReviewBook({ ids: lease.ids });

  // Lanes, in order: accepted, attempted, answered, reported, replied, changed. What runs after a commit is asked for
  // by name, since it is made after its lane.
  const late: { gateway?: Gateway; pusher?: Pusher } = {};
  const acceptCommit = createAcceptCommit(foundation, {
    reviewBook,
    gateway: () => late.gateway!,
    onAccepted: listeners.tell,
    onHeld: () => listeners.tell([REVIEWERS]),
  });
  const lanes = gatewayLanes(foundation, {
    onFinal: (tenantIds) => {
      late.pusher!.wake();
      listeners.tell(tenantIds);
    },
    onMoved: listeners.tell,
  });
  const commitInbound = commit.lane(
    telling(inboundLane({ wakePusher: () => late.pusher!.wake() }), listeners.tell),
  );
  const makeChange = changeLane(commit, foundation.sequencer);
  /** For what reviewers decide about: applications, held messages and the decisions themselves. */
  const changeReviewed: MakeChange = async (change) => {
    const value = await makeChange(change);
    listeners.tell([REVIEWERS, ...change.tenants]);
    return value;
  };

  const nonces = createNonceMemory({ db, now: () => foundation.clock.now() });
  const registered = composeRegistration(foundation, { makeChange, changeReviewed }, reviewBook, screen);
  const optOuts = createOptOuts({ db, vault: foundation.vault, ids: lease.ids, makeChange });
  const reading = createMessageReading({
    db,
    vault: foundation.vault,
    makeChange,
    now: () => foundation.clock.now(),
    screen,
  });
  const inbound = createInbound({
    ...outside(foundation, 'inbound.store_away'),
    db,
    vault: foundation.vault,
    ids: lease.ids,
    decodeText,
    lastSender: reading.lastSender,
    commit: commitInbound,
    makeChange,
    accessNumber: (carrierId) =>
      late.gateway?.carriers.running().find(({ id }) => id === carrierId)?.sourceAddress,
  });
  const pushing = composePushing(foundation, makeChange, reading, inbound);
  late.pusher = pushing.pusher;
  const sending = createSending(foundation, acceptCommit, { ...registered, optOuts, reading, screen });
  const keeping = createMessageKeeping({
    db,
    makeChange: changeReviewed,
    ids: lease.ids,
    queueReports,
    closeReviews: ({ tx, log, now }, messages) => {
      const about = messages.map(({ tenantId, messageId }) => ({ tenantId, subjectId: messageId }));
      return reviewBook.closeReviews('message', about, tx, log, now);
    },
  });
  const sandboxTenants = new Set<string>();
  const gateway = createGateway(foundation, lanes, {
    makeChange,
    isSandboxTenant: (tenantId) => sandboxTenants.has(tenantId),
    takeInbound: inbound.take,
  });
  late.gateway = gateway;
  const approvals = composeApprovals(foundation, changeReviewed, {
    ...registered,
    keeping,
    reading,
    gateway,
    pusher: pushing.pusher,
  });
  const readSandboxTenants = async (): Promise<void> => {
    for (const { id, sandbox } of await registered.accounts.listTenants())
      if (sandbox) sandboxTenants.add(id);
  };
  return {
    ...registered,
    ...pushing,
    access: createAccess(),
    approvals,
    gateway,
    inbound,
    keeping,
    listeners,
    nonces,
    onReview: (listener: () => void) => listeners.on(REVIEWERS, listener),
    optOuts,
    reading,
    readSandboxTenants,
    sending,
  };
}

/** Clock, timers and the place for faults, as the modules that work in the background take them. */
function outside({ clock, log, metrics }: Foundation, event: string) {
  return {
    now: () => clock.now(),
    setTimer: (delayMs: number, act: () => void): (() => void) => {
      const timer = setTimeout(act, delayMs);
      timer.unref();
      return () => clearTimeout(timer);
    },
    onError: (error: unknown): void => {
      metrics.faults.labels(event).inc();
      log.fault(event, error);
    },
  };
}

function composeRegistration(
  foundation: Foundation,
  { makeChange, changeReviewed }: { makeChange: MakeChange; changeReviewed: MakeChange },
  reviews: ReviewBook,
  screen: Screen,
) {
  const { db, lease, random, registryVersion, vault } = foundation;
  const { ids } = lease;
  const now = () => foundation.clock.now();
  const registration = createRegistration({ db, vault, makeChange: changeReviewed, reviews });
  const signatures = createSignatures({
    db,
    vault,
    ids,
    makeChange: changeReviewed,
    reviews,
    registryVersion,
    approvedQualifications: registration.approvedIds,
  });
  const templates = createTemplates({
    db,
    ids,
    random,
    makeChange: changeReviewed,
    reviews,
    registryVersion,
    isSignatureKnown: signatures.isKnown,
    screen: (text, kind, signName) => {
      const { verdict, labels, spans } = screen(text, { messageKind: kind, signName: signName ?? '' });
      return { verdict, labels, spans: spans.map((span) => ({ ...span, label: span.label ?? null })) };
    },
  });
  const accounts = createAccounts({ db, vault, ids, random, makeChange, now, registryVersion });
  const audit = createAudit({ db, signingKey: vault.checkpointKey(), now });
  return { accounts, audit, registration, signatures, templates };
}

function composePushing(
  foundation: Foundation,
  makeChange: MakeChange,
  reading: MessageReading,
  inbound: Inbound,
) {
  const { db, lease, random, settings, vault } = foundation;
  const http = createHttpOut({
    allowedPrivateHosts: settings.webhookAllowedHosts,
    timeoutMs: settings.webhookTimeoutMs,
    connectionsPerOrigin: PUSHES_IN_FLIGHT,
  });
  const pusher = createPusher({
    ...outside(foundation, 'webhooks.store_away'),
    db,
    vault,
    http,
    timeoutMs: settings.webhookTimeoutMs,
    readReports: reading.reports,
    readReplies: inbound.readReplies,
  });
  const now = () => foundation.clock.now();
  return {
    http,
    pusher,
    webhooks: createWebhooks({ db, vault, ids: lease.ids, random, makeChange, http, pusher, now }),
  };
}

type Judged = ReturnType<typeof composeRegistration> & {
  keeping: ReturnType<typeof createMessageKeeping>;
  reading: MessageReading;
  gateway: Gateway;
  pusher: Pusher;
};

function composeApprovals(foundation: Foundation, makeChange: MakeChange, judged: Judged) {
  const { accounts, registration, signatures, templates, keeping, reading, gateway, pusher } = judged;
  const { onError } = outside(foundation, 'dispatch.claim_failed');
  return createApprovals({
    db: foundation.db,
    makeChange,
    onDecision: {
      qualification: registration.onDecision,
      signature: signatures.onDecision,
      template: templates.onDecision,
      message: (tx, log, review, decision, now) =>
        keeping.releaseHeld(tx, log, now, review.subjectId, review.tenantId, decision.approve),
    },
    afterDecision: {
      message: (released) => {
        if (released) gateway.recovery.claim().catch(onError);
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
}
