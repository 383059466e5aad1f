/** A carrier as the choice sees it. */
export type RouteCandidate = {
  carrierId: string;
  sandbox: boolean;
  /** Bound and taking messages now. */
  ready: boolean;
  /** Segments that wait for it. */
  backlog: number;
};

/** The choice with its reason; both are stored with the attempt (DESIGN.md). */
export type RouteChoice =
  | {
      carrierId: string;
      reason: 'sandbox_tenant' | 'least_backlog' | 'only_sandbox_configured' | 'none_ready';
    }
  | { carrierId: null; reason: 'no_carrier' };

/**
 * A sandbox tenant's messages never leave the sandbox. Others take the ready carrier with the shortest queue; where none
 * is ready they wait for the one with the shortest queue. An installation whose only carrier is the sandbox sends there.
 */
export function chooseRoute(carriers: readonly RouteCandidate[], sandboxTenant: boolean): RouteChoice {
  const real = carriers.filter((carrier) => !carrier.sandbox);
  if (sandboxTenant || real.length === 0) {
    const sandbox = carriers.find((carrier) => carrier.sandbox);
    if (sandbox === undefined) return { carrierId: null, reason: 'no_carrier' };
    return {
      carrierId: sandbox.carrierId,
      reason: sandboxTenant ? 'sandbox_tenant' : 'only_sandbox_configured',
    };
  }
  const shortest = (list: readonly RouteCandidate[]): RouteCandidate =>
    list.reduce((best, carrier) => (carrier.backlog < best.backlog ? carrier : best));
  const ready = real.filter((carrier) => carrier.ready);
  return ready.length > 0
    ? { carrierId: shortest(ready).carrierId, reason: 'least_backlog' }
    : { carrierId: shortest(real).carrierId, reason: 'none_ready' };
}
