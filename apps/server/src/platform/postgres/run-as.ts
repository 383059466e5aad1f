import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from '../settings/public.ts';
import type { PostgresBinaries } from './binaries.ts';

/** PostgreSQL refuses to run as root; 65534 is `nobody` everywhere and in passwd, where initdb looks it up. */
const UNPRIVILEGED_ID = 65_534;

export type RunAsKind = 'namespace' | 'capability' | 'other-user' | 'plain' | 'plain-watched';

/** How PostgreSQL programs are run by this process. */
export interface RunAs {
  readonly kind: RunAsKind;
  /** Words before the program's own. */
  readonly prefix: readonly string[];
  /** Owner, as this process sees it, that the database's files must have. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Whether the spawn itself changes to `owner`. */
  readonly switchUser: boolean;
  /** Whether the kernel ends the program when this process dies; if not, a watcher has to. */
  readonly endsWithParent: boolean;
}

// SIGINT is PostgreSQL's fast shutdown: sessions are cut, everything committed is kept.
const endWithParent = ['setpriv', '--pdeathsig', 'INT'];
const nobody = { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID };

/**
 * Ways to run, best first. As root: in a user namespace that shows root as `nobody` (no file changes its owner, a
 * private home stays reachable); where the kernel or a container forbids that, as the real `nobody` that keeps only
 * the right to pass folders; at last as a bare `nobody`, for folders that anyone can reach.
 */
function waysToRun(uid: number, gid: number): readonly RunAs[] {
  if (uid !== 0) {
    const owner = { uid, gid };
    return [
      { kind: 'plain', prefix: endWithParent, owner, switchUser: false, endsWithParent: true },
      { kind: 'plain-watched', prefix: [], owner, switchUser: false, endsWithParent: false },
    ];
  }
  const mapped = ['unshare', '-U', `--map-user=${UNPRIVILEGED_ID}`, `--map-group=${UNPRIVILEGED_ID}`];
  // setpriv clears the parent-death signal when it changes the user, hence the second one inside the first.
  const lowered = [
    'setpriv',
    `--reuid=${UNPRIVILEGED_ID}`,
    `--regid=${UNPRIVILEGED_ID}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
  ];
  return [
    {
      kind: 'namespace',
      prefix: [...mapped, ...endWithParent],
      owner: { uid, gid },
      switchUser: false,
      endsWithParent: true,
    },
    {
      kind: 'capability',
      prefix: [...lowered, ...endWithParent],
      owner: nobody,
      switchUser: false,
      endsWithParent: true,
    },
    { kind: 'other-user', prefix: [], owner: nobody, switchUser: true, endsWithParent: false },
  ];
}

/**
 * Chooses the first way in which `postgres` runs and reaches `dir`.
 * @param dir existing folder of the database, mode 0700
 * @param only restricts the choice to one kind (tests prove each)
 * @throws StartFailure when there is none
 */
export function chooseRunAs(binaries: PostgresBinaries, dir: string, only?: RunAsKind): RunAs {
  const uid = process.getuid?.() ?? -1;
  const ways = waysToRun(uid, process.getgid?.() ?? -1).filter(
    (way) => only === undefined || way.kind === only,
  );
  for (const way of ways) {
    if (way.kind === 'other-user') chownSync(dir, way.owner.uid, way.owner.gid);
    if (works(way, binaries, dir)) return way;
  }
  throw new StartFailure(
    uid === 0
      ? `data folder ${dir}: PostgreSQL does not run as root, and here another user cannot reach the folder or the program: set --data to a folder outside private homes, or start Signet as an ordinary user`
      : `the embedded PostgreSQL does not run on this system: set DATABASE_URL to a PostgreSQL server`,
  );
}

function works(way: RunAs, binaries: PostgresBinaries, dir: string): boolean {
  const probe = ['sh', '-c', 'cd "$1" && exec "$2" --version', 'sh', dir, join(binaries.binDir, 'postgres')];
  const [program = '', ...args] = [...way.prefix, ...probe];
  const ids = way.switchUser ? way.owner : {};
  return (
    spawnSync(program, args, { ...ids, cwd: '/', env: programEnvironment(), stdio: 'ignore' }).status === 0
  );
}

/** What PostgreSQL programs see of the environment: neither our secrets nor anybody's `PG*` variables. */
export function programEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };
}
