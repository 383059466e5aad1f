import {
  createEsmeSession,
  createPace,
  type EsmeOutput,
  type EsmeSession,
  STATUS,
} from '@signet/carrier-protocols/smpp';
import { readDelivery } from './delivered.ts';
import {
  type Link,
  type LinkCounters,
  type LinkDeps,
  type LinkEvents,
  type LinkReason,
  type LinkSettings,
  type LinkState,
  reasonOfEnd,
  reconnectDelayMs,
} from './model.ts';
import { openTransport, type Transport } from './transport.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const SESSION_INIT_MS = 15_000;
/** A link that stayed bound this long was no failure: the next loss starts the back-off anew. */
const STABLE_MS = 10_000;
/** Bounds the memory of a consumer that falls behind; the carrier keeps and repeats the rest. */
const MAX_UNACKNOWLEDGED = 1_000;
/** The peer gets this long to read our last octets and close before we cut. */
const LINGER_MS = 1_000;
/** Handles are session number × 2^32 + the session's own handle: exact below 2^53, so 2 million reconnects. */
const HANDLES_PER_SESSION = 2 ** 32;

const addCounters = (total: LinkCounters, { counters }: EsmeSession): void => {
  for (const name of Object.keys(counters) as (keyof typeof counters)[]) total[name] += counters[name];
};

/**
 * Opens a link and keeps it open until `close()`: connects, binds, reconnects with back-off. All rules are the pure
 * session's; this is its socket and its alarm clock.
 * @throws RangeError when a setting cannot be sent in a bind (its field is named)
 */
export const openLink = (settings: LinkSettings, events: LinkEvents, deps: LinkDeps): Link => {
  const sessionSettings = {
    ...settings,
    sessionInitMs: SESSION_INIT_MS,
    inactivityMs: 0,
    maxUnacknowledged: MAX_UNACKNOWLEDGED,
  };
  // One pace for all sessions of the link: reconnecting does not undo what the carrier asked for.
  const pace = createPace(settings.perSecond);
  createEsmeSession(sessionSettings).opened(0);

  const counters: LinkCounters = {
    late: 0,
    unexpected: 0,
    undecodable: 0,
    genericNacks: 0,
    refusedDeliveries: 0,
    connects: 0,
    binds: 0,
  };
  let state: LinkState = 'connecting';
  let session: EsmeSession | null = null;
  let transport: Transport | null = null;
  let writable = true;
  let failures = 0;
  let sessionNumber = 0;
  let boundAt = Number.POSITIVE_INFINITY;
  let closing: { promise: Promise<void>; resolve: () => void } | null = null;
  let cancelDeadline = (): void => {};
  let deadlineAt = Number.POSITIVE_INFINITY;
  let cancelReady = (): void => {};
  let readyArmed = false;
  let cancelWait = (): void => {};
  const lingering = new Map<Transport, () => void>();

  const changeState = (next: LinkState, reason?: LinkReason): void => {
    if (state === 'closed' || (next === state && reason === undefined)) return;
    state = next;
    events.stateChanged(next, reason);
  };

  const capacity = (): number =>
    session === null || closing !== null || !writable ? 0 : session.capacity(deps.now());

  /** Wakes the session at its next deadline. Deadlines mostly move later; waking early only asks again. */
  const armDeadline = (): void => {
    const next = session?.nextDeadline() ?? Number.POSITIVE_INFINITY;
    if (next >= deadlineAt) return;
    cancelDeadline();
    deadlineAt = next;
    cancelDeadline = deps.setTimer(Math.max(0, next - deps.now()), () => {
      deadlineAt = Number.POSITIVE_INFINITY;
      if (session !== null) apply(session.tick(deps.now()));
    });
  };

  /** When only the pace withholds capacity, tells the caller once it is back. */
  const armReady = (): void => {
    if (readyArmed || session === null || session.state() !== 'bound' || closing !== null) return;
    const now = deps.now();
    const at = session.paceAvailableAt(now);
    if (at <= now && !session.isPaused(now)) return;
    readyArmed = true;
    cancelReady = deps.setTimer(Math.max(1, at - now), () => {
      readyArmed = false;
      if (state === 'throttled' && session !== null && !session.isPaused(deps.now())) changeState('bound');
      if (capacity() > 0) events.ready();
      else armReady();
    });
  };

  const stopTimers = (): void => {
    cancelDeadline();
    deadlineAt = Number.POSITIVE_INFINITY;
    cancelReady();
    readyArmed = false;
    cancelWait();
  };

  const write = (octets: Buffer): void => {
    if (transport !== null && !transport.write(octets)) writable = false;
  };

  const finish = (): void => {
    stopTimers();
    changeState('closed', { kind: 'closed_by_us' });
    closing?.resolve();
  };

  const retryLater = (reason: LinkReason): void => {
    if (deps.now() - boundAt >= STABLE_MS) failures = 0;
    boundAt = Number.POSITIVE_INFINITY;
    failures += 1;
    changeState('connecting', reason);
    cancelWait = deps.setTimer(reconnectDelayMs(failures, reason, deps.random()), connect);
  };

  /** The session is over: lets its last octets out, then goes on or ends. */
  const leave = (reason: LinkReason): void => {
    const left = transport;
    const over = session;
    session = null;
    transport = null;
    stopTimers();
    if (over !== null) addCounters(counters, over);
    if (left !== null) {
      left.end();
      lingering.set(
        left,
        deps.setTimer(LINGER_MS, () => left.destroy('ETIMEDOUT')),
      );
    }
    if (closing !== null) finish();
    else retryLater(reason);
  };

  const apply = (output: EsmeOutput): void => {
    const { write: buffers } = output;
    if (buffers.length > 0) write(buffers.length === 1 ? (buffers[0] as Buffer) : Buffer.concat(buffers));
    if (output.becameBound) {
      counters.binds += 1;
      boundAt = deps.now();
      if (closing === null) changeState('bound');
    }
    if (output.throttled && state === 'bound')
      changeState('throttled', { kind: 'throttled', perSecond: pace.currentPerSecond() });
    if (output.outcomes.length > 0) events.outcomes(output.outcomes);
    if (output.late.length > 0) events.late(output.late);
    if (output.deliveries.length > 0) {
      const base = sessionNumber * HANDLES_PER_SESSION;
      events.delivered(output.deliveries.map((delivery) => readDelivery(delivery, base + delivery.handle)));
    }
    if (output.end !== null) {
      leave(reasonOfEnd(output.end));
      return;
    }
    if (closing !== null) unbindWhenQuiet();
    else if ((output.outcomes.length > 0 || output.becameBound) && capacity() > 0) events.ready();
    armReady();
    armDeadline();
  };

  const unbindWhenQuiet = (): void => {
    if (session?.state() === 'bound' && session.pending() === 0) apply(session.unbind(deps.now()));
  };

  function connect(): void {
    counters.connects += 1;
    sessionNumber += 1;
    writable = true;
    let mine: EsmeSession | null = null;
    const opened = openTransport(settings, {
      onOpen() {
        if (transport !== opened) return;
        cancelWait();
        mine = createEsmeSession(sessionSettings, pace);
        session = mine;
        apply(mine.opened(deps.now()));
      },
      onOctets(chunk) {
        if (mine !== null && mine === session) apply(mine.received(chunk, deps.now()));
      },
      onDrain() {
        if (transport !== opened) return;
        writable = true;
        if (capacity() > 0) events.ready();
      },
      onClose(failure) {
        lingering.get(opened)?.();
        lingering.delete(opened);
        if (transport !== opened) return;
        transport = null;
        cancelWait();
        if (mine !== null) apply(mine.transportLost());
        else if (closing !== null) finish();
        else retryLater(failure ?? { kind: 'link_lost' });
      },
    });
    transport = opened;
    cancelWait = deps.setTimer(CONNECT_TIMEOUT_MS, () => opened.destroy('ETIMEDOUT'));
  }

  connect();

  const settleDeliveries = (handles: readonly number[], status: number): void => {
    if (session === null) return;
    const base = sessionNumber * HANDLES_PER_SESSION;
    const own = handles.filter((handle) => handle > base).map((handle) => handle - base);
    const octets = session.acknowledge(own, status);
    if (octets !== null) write(octets);
  };

  return {
    get state() {
      return state;
    },
    get counters() {
      const total = { ...counters };
      if (session !== null) addCounters(total, session);
      return total;
    },
    capacity,
    pending: () => session?.pending() ?? 0,
    submit(batch) {
      if (batch.length === 0) return;
      if (session === null || batch.length > capacity())
        throw new RangeError('submit: more messages than capacity()');
      write(session.submit(batch, deps.now()));
      armReady();
      armDeadline();
    },
    acknowledge: (handles) => settleDeliveries(handles, STATUS.ok),
    refuse: (handles) => settleDeliveries(handles, STATUS.temporaryReceiverError),
    close() {
      if (closing !== null) return closing.promise;
      closing = Promise.withResolvers<void>();
      const { promise } = closing;
      if (session === null) {
        const left = transport;
        transport = null;
        left?.destroy('closed');
        finish();
        return promise;
      }
      changeState('closing', { kind: 'closed_by_us' });
      cancelWait();
      cancelWait = deps.setTimer(settings.responseTimeoutMs, () => {
        if (session !== null) apply(session.unbind(deps.now()));
      });
      if (session.state() === 'bound') unbindWhenQuiet();
      else apply(session.unbind(deps.now()));
      return promise;
    },
  };
};
