import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { StartFailure } from '../settings/public.ts';

/**
 * Longest folder that can hold the socket `/.s.PGSQL.5432`: `sun_path` has 108 octets with its final NUL (unix(7)),
 * 104 on macOS.
 */
const MAX_SOCKET_DIR_OCTETS = (process.platform === 'darwin' ? 103 : 107) - '/.s.PGSQL.5432'.length;

/** The places inside one data folder. */
export interface StoreFolders {
  readonly dataDir: string;
  /** The database itself. */
  readonly clusterDir: string;
  readonly lockFile: string;
}

export function storeFolders(dataDir: string): StoreFolders {
  return {
    dataDir,
    clusterDir: join(dataDir, 'postgres'),
    lockFile: join(dataDir, 'lock'),
  };
}

const UNFINISHED = 'postgres.unfinished-';

/**
 * A new folder in which a database is made before it gets its place. Each has a name of its own: the programs of an
 * interrupted making may run on for a moment and clear away their own folder.
 */
export function makeUnfinishedDir(dataDir: string): string {
  return mkdtempSync(join(dataDir, UNFINISHED));
}

/** Removes what interrupted makings left; what still resists goes with the next start. */
export function removeUnfinishedDirs(dataDir: string): void {
  for (const name of readdirSync(dataDir)) {
    if (!name.startsWith(UNFINISHED)) continue;
    try {
      rmSync(join(dataDir, name), { recursive: true, force: true });
    } catch {
      // Its programs are still writing to it.
    }
  }
}

/** What a data folder of ours holds; one of them tells it from any other folder. */
const OUR_ENTRIES = new Set(['postgres', 'keys', 'lock', 'run']);

/**
 * Makes `dir` with mode 0700. An existing one is closed to others if it is empty or ours already.
 * @throws StartFailure when it is open to others and holds other things: `--data /tmp` must not close /tmp
 */
export function makePrivateDir(dir: string): void {
  makeDirs(dir);
  if ((statSync(dir).mode & 0o077) === 0) return;
  const entries = readdirSync(dir);
  if (entries.length > 0 && !entries.some((name) => OUR_ENTRIES.has(name))) {
    throw new StartFailure(
      `data folder ${dir} holds other things and is open to other users: set --data to a new folder`,
    );
  }
  chmodSync(dir, 0o700);
}

/** Folder by folder: Node's `recursive: true` never returns where a parent exists but takes no folders (/proc). */
function makeDirs(dir: string): void {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return;
  if (dirname(dir) !== dir) makeDirs(dirname(dir));
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (!statSync(dir, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/**
 * The folder of the private socket: `run` in the data folder, or where that path is too long for a socket a short
 * folder of its own under the system's temporary folder, noted in the data folder so that it is found again.
 * @returns the folder, or null when the noted one is gone or was taken by someone else
 */
export function findSocketDir(dataDir: string): string | null {
  const inside = join(dataDir, 'run');
  const dir = fitsSocket(inside) ? inside : readNote(dataDir);
  return dir !== null && isPrivateDir(dir, dataDir) ? dir : null;
}

/** Finds the socket folder or makes one; owned by `owner`, mode 0700. */
export function makeSocketDir(dataDir: string, owner: { uid: number; gid: number }): string {
  const dir = findSocketDir(dataDir) ?? newSocketDir(dataDir);
  giveTo(dir, owner);
  return dir;
}

function newSocketDir(dataDir: string): string {
  const inside = join(dataDir, 'run');
  if (fitsSocket(inside)) {
    makePrivateDir(inside);
    return inside;
  }
  // mkdtemp: a name that nobody can have prepared, mode 0700.
  const parent = fitsSocket(join(tmpdir(), 'signet-XXXXXX')) ? tmpdir() : '/tmp';
  const dir = mkdtempSync(join(parent, 'signet-'));
  writeFileSync(notePath(dataDir), dir, { mode: 0o600 });
  return dir;
}

function notePath(dataDir: string): string {
  return join(dataDir, 'socket-folder');
}

function readNote(dataDir: string): string | null {
  try {
    return readFileSync(notePath(dataDir), 'utf8');
  } catch {
    return null;
  }
}

function fitsSocket(dir: string): boolean {
  return Buffer.byteLength(dir) <= MAX_SOCKET_DIR_OCTETS;
}

/** A real folder, closed to others, of the owner of the data folder or of the database within it. */
function isPrivateDir(dir: string, dataDir: string): boolean {
  const entry = lstatSync(dir, { throwIfNoEntry: false });
  if (entry === undefined || !entry.isDirectory() || (entry.mode & 0o077) !== 0) return false;
  const owners = [dataDir, join(dataDir, 'postgres')].map(
    (path) => lstatSync(path, { throwIfNoEntry: false })?.uid,
  );
  return owners.includes(entry.uid);
}

/**
 * Gives `path` and all below it to `owner`, unless the top has that owner already. The top changes last, so that an
 * interrupted run is taken up again.
 */
export function giveTo(path: string, owner: { uid: number; gid: number }): void {
  if (lstatSync(path).uid === owner.uid) return;
  giveAll(path, owner);
}

function giveAll(path: string, owner: { uid: number; gid: number }): void {
  if (lstatSync(path).isDirectory()) {
    for (const name of readdirSync(path)) giveAll(join(path, name), owner);
  }
  lchownSync(path, owner.uid, owner.gid);
}
