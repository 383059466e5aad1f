import type { DeliveryKind } from './model.ts';

/** An endpoint: the address of one tenant for one kind of push. */
export type Endpoint = { tenantId: string; kind: DeliveryKind };
export type Pool = 'quick' | 'slow';

/** Pushes in flight at once of one endpoint. */
export const PER_ENDPOINT = 4;
/** … of all endpoints that answer well, and of all that are slow, failing or retrying: they share slots of their own. */
export const POOL_SLOTS: Readonly<Record<Pool, number>> = { quick: 64, slow: 64 };
/** What a caller of http-out needs to have in flight. */
export const PUSHES_IN_FLIGHT = POOL_SLOTS.quick + POOL_SLOTS.slow;

/** An answer that took longer makes its endpoint slow until a quicker one. */
export const SLOW_MS = 1_000;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** After failures in a row an endpoint is left alone for a moment: 1 s doubling to 30 s, always less than the first retry. */
export const pauseMs = (failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10));

/** What the claim must know of an endpoint that is not as good as new. */
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
 * one that was served longest ago, so a backlog waits behind its own endpoint only. One that failed has one push in
 * flight at a time, with a pause between, and like a slow one takes none of the slots of those that answer quickly.
 */
export function createTurns(): Turns {
  type State = Endpoint & { inFlight: number; failures: number; slow: boolean; pausedUntil: number; turn: number };
  const states = new Map<string, State>();
  const used: Record<Pool, number> = { quick: 0, slow: 0 };
  let turn = 0;

  const key = ({ tenantId, kind }: Endpoint): string => `${kind}/${tenantId}`;
  const roomOf = (state: State, now: number): number => {
    if (state.failures === 0) return PER_ENDPOINT - state.inFlight;
    return now < state.pausedUntil || state.inFlight > 0 ? 0 : 1;
  };
  const dropGood = (state: State): void => {
    if (state.inFlight === 0 && state.failures === 0 && !state.slow) states.delete(key(state));
  };

  return {
    openings(now) {
      const known = [...states.values()].map((state) => ({
        tenantId: state.tenantId,
        kind: state.kind,
        room: roomOf(state, now),
        inFlight: state.inFlight,
        slow: state.slow || state.failures > 0,
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
        slow: false,
        pausedUntil: 0,
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
      if (how.kind === 'ok') {
        state.failures = 0;
        state.slow = how.elapsedMs > SLOW_MS;
      } else if (how.kind === 'failed') {
        state.failures++;
        state.pausedUntil = now + pauseMs(state.failures);
      }
      dropGood(state);
    },
    forgive(tenantId) {
      for (const kind of ['report', 'inbound'] as const) {
        const state = states.get(key({ tenantId, kind }));
        if (state === undefined) continue;
        state.failures = 0;
        state.slow = false;
        dropGood(state);
      }
    },
    failing: () =>
      [...states.values()]
        .filter((state) => state.failures > 0)
        .map(({ tenantId, kind }) => ({ tenantId, kind })),
  };
}
