import { createAccounts } from '../../modules/trust/accounts/public.ts';
import { auditSequencer, changeLane } from '../../modules/trust/audit/public.ts';
import { systemClock } from '../../platform/clock.ts';
import { createGroupCommit } from '../../platform/group-commit.ts';
import { joinProcesses } from '../../platform/process-lease.ts';
import { systemRandom } from '../../platform/random.ts';
import type { Settings } from '../../platform/settings/public.ts';
import { refuseUnstarted, withKeys, withOwner, withStore } from './opening.ts';
import type { Terminal } from './terminal.ts';

const ACTOR = 'system:cli';

/** `reset-password NAME`: a change like every other, in the one sequence of commits, beside a running server. */
export async function resetPassword(
  settings: Settings,
  name: string,
  { words, say, signal }: Terminal,
): Promise<void> {
  const password = await withStore(settings, async (address) => {
    await withOwner(address, signal, (owner) => refuseUnstarted(owner, settings));
    return withKeys(settings, address, async ({ db, vault }) => {
      // Not alone: the server's own lease stands.
      const lease = await joinProcesses({ db, clock: systemClock, alone: false });
      let registryVersion = '0';
      const sequencer = auditSequencer((version) => {
        registryVersion = version;
      });
      const now = (): number => systemClock.now();
      const seconds = (): number => performance.now() / 1000;
      const commit = createGroupCommit({ connect: () => db.connect(), sequencer, now, seconds, maxItems: 1 });
      try {
        const accounts = createAccounts({
          db,
          vault,
          ids: lease.ids,
          random: systemRandom(),
          makeChange: changeLane(commit, sequencer),
          now,
          registryVersion: () => registryVersion,
        });
        return await accounts.resetPassword(name, ACTOR);
      } finally {
        await commit.close();
        await lease.leave();
      }
    });
  });
  say(words.newPassword({ name, password }));
}
