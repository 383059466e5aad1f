import { type Job, type Jobs, startJobs } from '../platform/jobs.ts';
import { BEAT_MS, LeaseLost } from '../platform/process-lease.ts';
import type { Foundation } from './foundation.ts';
import type { Modules } from './modules.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** The role of everything that repeats: leases, claims, expiry, retention, checkpoints. */
export function startWorker(
  foundation: Foundation,
  modules: Modules,
  onLeaseLost: (error: unknown) => void,
): Jobs {
  const { clock, lease, log, metrics, settings } = foundation;
  const { accounts, approvals, audit, gateway, inbound, keeping, nonces, webhooks } = modules;
  const retained = (): number => clock.now() - settings.retentionDays * 24 * HOUR_MS;
  const jobs: Job[] = [
    {
      name: 'lease',
      everyMs: BEAT_MS,
      run: () =>
        lease.beat().catch((error: unknown) => {
          // A store that is away for a moment is a failed job like any other.
          if (!(error instanceof LeaseLost)) throw error;
          onLeaseLost(error);
        }),
    },
    { name: 'registry', everyMs: SECOND_MS, run: () => readRegistryVersion(foundation) },
    { name: 'sandbox-tenants', everyMs: 10 * SECOND_MS, run: modules.readSandboxTenants },
    { name: 'claim', everyMs: SECOND_MS, run: () => gateway.recovery.claim() },
    { name: 'orphans-of-processes', everyMs: 10 * SECOND_MS, run: () => gateway.recovery.settleOrphans() },
    { name: 'orphan-receipts', everyMs: SECOND_MS, run: () => gateway.receipts.retryOrphans() },
    { name: 'expire-held', everyMs: SECOND_MS, run: () => keeping.expireHeld(clock.now()) },
    { name: 'lapse-reviews', everyMs: 10 * SECOND_MS, run: () => approvals.lapse(clock.now()) },
    { name: 'give-up-waiting', everyMs: 10 * MINUTE_MS, run: () => keeping.giveUpWaiting(clock.now()) },
    { name: 'retention', everyMs: HOUR_MS, run: () => applyRetention() },
    { name: 'nonces', everyMs: MINUTE_MS, run: () => nonces.forget() },
    { name: 'sessions', everyMs: 10 * MINUTE_MS, run: () => accounts.forgetSessions() },
    { name: 'key-uses', everyMs: 30 * SECOND_MS, run: () => accounts.flushKeyUses() },
    { name: 'checkpoint', everyMs: 10 * MINUTE_MS, run: () => audit.checkpoint() },
  ];

  async function applyRetention(): Promise<void> {
    await keeping.applyRetention(clock.now(), settings.retentionDays);
    await inbound.erase(retained());
    await webhooks.erase(retained());
  }

  return startJobs(jobs, {
    clock,
    onRun: () => undefined,
    onFault(name, error) {
      metrics.faults.labels(`job.${name}`).inc();
      log.fault('job.failed', error, { job: name });
    },
  });
}

/** What other processes changed: the caches of this one are stale within a second. */
export async function readRegistryVersion(foundation: Foundation): Promise<void> {
  foundation.noteRegistryVersion(await foundation.readRegistryVersion());
}
