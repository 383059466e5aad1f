import type { DeliveryKind } from './model.ts';

/** An endpoint: the address of one tenant for one kind of push. */
export type Endpoint = { tenantId: string; kind: DeliveryKind };
export type Pool = 'quick' | 'slow';

/** Pushes in flight at once of an endpoint that answers well, and of one that nothing is known of yet. */
export const PER_ENDPOINT = 4;
export const UNPROVEN_ROOM = 1;
/** … of all endpoints that answer well, and of all others: the unproven, slow, failing and retrying share slots of their own. */
export const POOL_SLOTS: Readonly<Record<Pool, number>> = { quick: 64, slow: 64 };
/** What a caller of http-out needs to have in flight. */
export const PUSHES_IN_FLIGHT = POOL_SLOTS.quick + POOL_SLOTS.slow;

/** An endpoint that was quiet for so long is forgotten: it proves itself again with its next push. */
const FORGET_AFTER_MS = 600_000;

/** An answer that took longer makes its endpoint slow until a quicker one. */
export const SLOW_MS = 1_000;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** After failures in a row an endpoint is left alone for a moment: 1 s doubling to 30 s, always less than the first retry. */
export const pauseMs = (failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));

/** What the claim must know of an endpoint; of one that is not in the list, nothing is known. */
export type KnownEndpoint = Endpoint & { room: number; inFlight: number; slow: boolean; turn: number };
export type Openings = { free: Readonly<Record<Pool, number>>; known: readonly KnownEndpoint[] };

/** How a push ended for its endpoint; `neutral` when the fault was ours. */
export type PushEnd = { kind: 'ok'; elapsedMs: number } | { kind: 'failed' } | { kind: 'neutral' };

export type Turns = {
  openings(now: number): Openings;
  begin(endpoint: Endpoint, pool: Pool): void;
  end(endpoint: Endpoint, pool: Pool, how: PushEnd, now: number): void;
  /** Forgets what a tenant's endpoints did: their address, or what was wrong there, has changed. */
  forgive(tenantId: string): void;
  failing(): Endpoint[];
};

/**
 * Who may push next. Endpoints take turns: the claim serves the one with the fewest pushes in flight first, then the
 * one that was served longest ago, so a backlog waits behind its own endpoint only. The slots of those that answer
 * quickly are for them alone: however many dead endpoints there are, they wait for each other. One that failed has one
 * push in flight at a time, with a pause between.
 */
export function createTurns(): Turns {
  type State = Endpoint & {
    inFlight: number;
    failures: number;
    proven: boolean;
    slow: boolean;
    pausedUntil: number;
    usedAt: number;
    turn: number;
  };
  const states = new Map<string, State>();
  const used: Record<Pool, number> = { quick: 0, slow: 0 };
  let turn = 0;

  const key = ({ tenantId, kind }: Endpoint): string => `${kind}/${tenantId}`;
  const roomOf = (state: State, now: number): number => {
    if (state.failures > 0 && now < state.pausedUntil) return 0;
    const most = state.failures === 0 && state.proven ? PER_ENDPOINT : UNPROVEN_ROOM;
    return Math.max(0, most - state.inFlight);
  };
  const forgetQuiet = (now: number): void => {
    for (const [name, state] of states) {
      if (state.inFlight === 0 && state.failures === 0 && now - state.usedAt > FORGET_AFTER_MS)
        states.delete(name);
    }
  };

  return {
    openings(now) {
      forgetQuiet(now);
      const known = [...states.values()].map((state) => ({
        tenantId: state.tenantId,
        kind: state.kind,
        room: roomOf(state, now),
        inFlight: state.inFlight,
        slow: !state.proven || state.slow || state.failures > 0,
        turn: state.turn,
      }));
      return { free: { quick: POOL_SLOTS.quick - used.quick, slow: POOL_SLOTS.slow - used.slow }, known };
    },
    begin({ tenantId, kind }, pool) {
      used[pool]++;
      const state = states.get(key({ tenantId, kind })) ?? {
        tenantId,
        kind,
        inFlight: 0,
        failures: 0,
        proven: false,
        slow: false,
        pausedUntil: 0,
        usedAt: 0,
        turn: 0,
      };
      state.inFlight++;
      state.turn = ++turn;
      states.set(key(state), state);
    },
    end(endpoint, pool, how, now) {
      used[pool]--;
      const state = states.get(key(endpoint))!;
      state.inFlight--;
      state.usedAt = now;
      if (how.kind === 'ok') {
        state.failures = 0;
        state.proven = true;
        state.slow = how.elapsedMs > SLOW_MS;
      } else if (how.kind === 'failed') {
        state.failures++;
        state.pausedUntil = now + pauseMs(state.failures);
      }
    },
    forgive(tenantId) {
      for (const kind of ['report', 'inbound'] as const) {
        const state = states.get(key({ tenantId, kind }));
        if (state === undefined) continue;
        Object.assign(state, { failures: 0, proven: false, slow: false });
        if (state.inFlight === 0) states.delete(key(state));
      }
    },
    failing: () =>
      [...states.values()]
        .filter((state) => state.failures > 0)
        .map(({ tenantId, kind }) => ({ tenantId, kind })),
  };
}
