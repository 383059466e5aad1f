/** The house as data. Paths are relative to the repository; patterns are sources of regular expressions. */

export type Floor = { readonly floor: number; readonly rooms: string; readonly path: string };

/** Imports go down only. The top floor comes first. */
export const FLOORS: readonly Floor[] = [
  { floor: 7, rooms: 'roles, main', path: '^apps/server/src/(?:roles/|main\\.ts$)' },
  { floor: 6, rooms: 'entrypoints', path: '^apps/server/src/entrypoints/' },
  { floor: 5, rooms: 'steward, governance', path: '^apps/server/src/modules/(?:steward|governance)/' },
  { floor: 4, rooms: 'defence', path: '^apps/server/src/modules/defence/' },
  { floor: 3, rooms: 'sms', path: '^apps/server/src/modules/sms/' },
  { floor: 2, rooms: 'trust', path: '^apps/server/src/modules/trust/' },
  { floor: 1, rooms: 'platform, db', path: '^apps/server/src/(?:platform|db)/' },
  { floor: 0, rooms: 'packages', path: '^packages/' },
];

/** Floor of each system of modules; modules of one floor use each other only along SIDEWAYS. */
export const SYSTEM_FLOORS: Readonly<Record<string, number>> = {
  trust: 2,
  sms: 3,
  defence: 4,
  steward: 5,
  governance: 5,
};

export type SidewaysLine = { readonly from: string; readonly to: string; readonly reason: string };

/** Allowed uses between modules of one floor. The lines form no circle, and each is used. */
export const SIDEWAYS: readonly SidewaysLine[] = [
  {
    from: 'sms/messages',
    to: 'sms/signatures',
    reason: 'accepting checks that the signature is approved (step 5)',
  },
  {
    from: 'sms/messages',
    to: 'sms/templates',
    reason: 'accepting checks and renders the template (steps 5, 6)',
  },
  {
    from: 'trust/accounts',
    to: 'trust/audit',
    reason: 'accounts are changed through the audited change lane',
  },
  { from: 'trust/accounts', to: 'trust/vault', reason: 'secrets of access keys are sealed' },
  { from: 'trust/accounts', to: 'trust/access', reason: 'a session is a principal' },
  { from: 'trust/approvals', to: 'trust/audit', reason: 'decisions are audited' },
  { from: 'trust/approvals', to: 'trust/access', reason: 'who decides is a principal' },
  { from: 'sms/dispatch', to: 'sms/routing', reason: 'dispatch asks for the route (step 12)' },
  { from: 'sms/dispatch', to: 'sms/carriers', reason: 'dispatch submits over a carrier link (steps 13-15)' },
  { from: 'sms/dispatch', to: 'sms/messages', reason: 'an outcome moves its message along the state table' },
  { from: 'sms/dispatch', to: 'sms/webhooks', reason: 'a message that failed queues its report' },
  { from: 'sms/receipts', to: 'sms/carriers', reason: 'receipts come from links' },
  { from: 'sms/receipts', to: 'sms/messages', reason: 'a receipt moves its message to its final state' },
  { from: 'sms/receipts', to: 'sms/webhooks', reason: 'a final state queues its report' },
  { from: 'sms/inbound', to: 'sms/opt-outs', reason: 'a reply of an opt-out word is recorded with it' },
  { from: 'sms/inbound', to: 'sms/webhooks', reason: 'a reply queues its push' },
];

/** What Node offers to a package: nothing that reads, writes, waits or looks around. */
export const PURE_NODE_MODULES = [
  'assert',
  'buffer',
  'crypto',
  'events',
  'path',
  'stream',
  'string_decoder',
  'url',
  'util',
  'zlib',
];

/** Files that exist for tests only: they may read files and clocks, and no other file imports them. */
export const TEST_FILES = '\\.test\\.tsx?$|/testing/|/fixtures/|\\.testing\\.ts$';

/** The only rooms that hold a cipher, append to the audit log, or open a raw socket. */
export const CIPHER_ROOMS = '^apps/server/src/(?:modules/trust/vault|platform/kms)[/.]';
export const AUDIT_ROOM = '^apps/server/src/modules/trust/audit/';
/** Verifies an exported log without a store; appends nothing. */
export const OFFLINE_VERIFIER = '^apps/server/src/entrypoints/cli/audit\\.ts$';
export const SOCKET_ROOMS = '^apps/server/src/(?:modules/sms/carriers/|platform/)';

/** The only file of the server that knows a simulator: the sandbox carrier is one, in a process of its own. */
export const SANDBOX_ROLE = '^apps/server/src/roles/sandbox\\.ts$';

/** Rooms that may read clock, chance and environment themselves; all others are given them. */
export const AMBIENT_ROOMS = [
  '^apps/server/src/platform/',
  '^apps/server/src/main\\.ts$',
  '^apps/server/src/entrypoints/cli/',
  '^apps/simulators/(?:.*/)?main\\.ts$',
  '^apps/console/src/parts/clock\\.ts$',
  '^(?:scripts|benchmarks|tests|house)/',
  TEST_FILES,
];

/** Files that hold SQL: a module's store, and the platform with its own tables. */
export const SQL_ROOMS = ['/store\\.ts$', '/store/', '^apps/server/src/(?:platform|db)/', TEST_FILES];

export const MAX_FILE_LINES = 400;
export const MAX_FUNCTION_LINES = 80;
export const MAX_README_LINES = 20;

/** Folder and file names of functions without a home. */
export const HOMELESS_NAMES = [
  'common',
  'shared',
  'helper',
  'helpers',
  'util',
  'utils',
  'core',
  'lib',
  'misc',
];

/** Words that exported names do without. */
export const EMPTY_WORDS = ['manager', 'helper', 'helpers', 'util', 'utils', 'info', 'impl'];
