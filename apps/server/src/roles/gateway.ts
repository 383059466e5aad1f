import {
  type Carriers,
  createCarriers,
  type Delivered,
  type Link,
  type RunningCarrier,
} from '../modules/sms/carriers/public.ts';
import {
  attemptLane,
  createDispatcher,
  createRecovery,
  type Dispatcher,
  outcomeLane,
  type Recovery,
} from '../modules/sms/dispatch/public.ts';
import { createReceipts, type Receipts, receiptLane } from '../modules/sms/receipts/public.ts';
import { chooseRoute } from '../modules/sms/routing/public.ts';
import type { MakeChange } from '../modules/trust/audit/public.ts';
import type { Foundation } from './foundation.ts';
import { telling } from './telling.ts';

/** Lanes of the gateway in the group commit; made first, so that outcomes stand before the receipts that follow them. */
export type GatewayLanes = ReturnType<typeof gatewayLanes>;

export function gatewayLanes(
  { commit, lease }: Foundation,
  deps: {
    onFinal(tenantIds: readonly string[]): void;
    /** Messages of these tenants went a step further. */
    onMoved(tenantIds: Iterable<string>): void;
  },
) {
  return {
    recordAttempt: commit.lane(attemptLane()),
    recordOutcome: commit.lane(telling(outcomeLane({ ids: lease.ids, onFinal: deps.onFinal }), deps.onMoved)),
    submitReceipt: commit.lane(receiptLane({ ids: lease.ids, onFinal: deps.onFinal })),
  };
}

export type Gateway = {
  dispatcher: Dispatcher;
  recovery: Recovery;
  carriers: Carriers;
  receipts: Receipts;
  start(): Promise<void>;
  /** Lets what is on the wire come to its outcome, at most `drainTimeoutMs`, then unbinds. */
  close(): Promise<void>;
};

export type InboundTaker = (
  carrierId: string,
  link: Link,
  batch: readonly Extract<Delivered, { kind: 'inbound' }>[],
) => void;

const IDLE_LOOK_MS = 20;

/** The role that alone opens carrier sockets: steps 11 to 18. */
export function createGateway(
  foundation: Foundation,
  lanes: GatewayLanes,
  deps: { makeChange: MakeChange; isSandboxTenant(tenantId: string): boolean; takeInbound: InboundTaker },
): Gateway {
  const { clock, db, lease, log, metrics, random, vault, seconds } = foundation;
  const setTimer = (delayMs: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  };
  const carriers = createCarriers({
    db,
    vault,
    ids: lease.ids,
    makeChange: deps.makeChange,
    link: { now: () => seconds() * 1000, random: () => random.fraction(), setTimer },
  });
  const fault = (event: string) => (error: unknown) => {
    metrics.faults.labels(event).inc();
    log.fault(event, error);
  };
  const dispatcher: Dispatcher = createDispatcher({
    ids: lease.ids,
    now: () => clock.now(),
    owner: lease.processId,
    carriers: () => carriers.running(),
    route: (message, backlogs) =>
      chooseRoute(
        carriers.running().map((carrier) => candidate(carrier, backlogs)),
        deps.isSandboxTenant(message.tenantId),
      ),
    recordAttempt: lanes.recordAttempt,
    recordOutcome: lanes.recordOutcome,
    countStep: metrics.countStep,
    seconds,
    onFault: fault('dispatch.store_away'),
    setTimer: (delayMs, act) => void setTimeout(act, delayMs).unref(),
  });
  const receipts = createReceipts({
    db,
    now: () => clock.now(),
    numberKey: vault.numberKey,
    submit: lanes.submitReceipt,
    count: (result) => metrics.receipts.labels(result).inc(),
    onFault: fault('receipts.store_away'),
  });
  const recovery = createRecovery({
    db,
    vault,
    makeChange: deps.makeChange,
    dispatcher,
    owner: lease.processId,
    now: () => clock.now(),
  });
  return {
    dispatcher,
    recovery,
    carriers,
    receipts,
    async start() {
      await recovery.settleOrphans();
      await carriers.start({
        settled: (_id, batch) => dispatcher.settled(batch),
        late: (_id, batch) => {
          metrics.receipts.labels('late_answer').inc(batch.length);
          dispatcher.late(batch);
        },
        delivered: (id, link, batch) => takeDelivered(id, link, batch, receipts, deps.takeInbound, metrics),
        ready: () => dispatcher.wake(),
      });
      await recovery.claim();
    },
    async close() {
      dispatcher.stop();
      const until = clock.now() + foundation.settings.drainTimeoutMs;
      while (!dispatcher.wireIdle() && clock.now() < until)
        await new Promise((resolve) => setTimeout(resolve, IDLE_LOOK_MS));
      await carriers.close();
    },
  };
}

const candidate = ({ id, sandbox, link }: RunningCarrier, backlogs: ReadonlyMap<string, number>) => ({
  carrierId: id,
  sandbox,
  ready: link.state === 'bound',
  backlog: backlogs.get(id) ?? 0,
});

function takeDelivered(
  carrierId: string,
  link: Link,
  batch: readonly Delivered[],
  receipts: Receipts,
  takeInbound: InboundTaker,
  metrics: Foundation['metrics'],
): void {
  const reports = batch.filter((one) => one.kind === 'receipt');
  if (reports.length > 0) receipts.take(carrierId, link, reports);
  const inbound = batch.filter((one) => one.kind === 'inbound');
  if (inbound.length > 0) takeInbound(carrierId, link, inbound);
  const unreadable = batch.filter((one) => one.kind === 'unreadable_receipt');
  if (unreadable.length === 0) return;
  // Sending it again would not make it readable.
  metrics.receipts.labels('unreadable').inc(unreadable.length);
  link.acknowledge(unreadable.map((one) => one.handle));
}
