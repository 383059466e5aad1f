import { appendLeaves, encodeFrontier, type Frontier, leafHash } from '@signet/merkle-log';

/** Name of the log in its checkpoints (c2sp.org/tlog-checkpoint). */
export const LOG_ORIGIN = 'signet/audit';

/**
 * One decision or change. `facts` hold ids, codes and keyed digests, never personal data, so that erasing a message
 * never breaks a proof.
 */
export type AuditEntry = {
  /** noun.participle, e.g. `message.accepted`. */
  action: string;
  /** Who: `key:LTAI…`, `user:<id>`, `carrier:<id>` or `system:<part>`. */
  actor: string;
  tenantId: string | null;
  /** What it is about, prefixed: `msg_…`, `tpl_…`, `rev_…`. */
  subject: string;
  facts: Record<string, string | number | boolean | null>;
};

/** The log as one transaction appends to it. */
export type OpenLog = {
  /** Appends and returns the index of the entry, as a decimal string. */
  append(entry: AuditEntry): string;
  /** Tells every process that what the accept path judges by has changed. */
  changeRegistry(): void;
  readonly registryVersion: string;
};

export type LogState = OpenLog & {
  readonly firstIndex: number;
  readonly before: Frontier;
  readonly at: number;
  readonly entries: Buffer[];
  registryChanged: boolean;
};

const LENGTH_OCTETS = 4;

export function openLog(
  head: { size: number; frontier: Frontier; registryVersion: string },
  at: number,
): LogState {
  const entries: Buffer[] = [];
  return {
    firstIndex: head.size,
    before: head.frontier,
    at,
    entries,
    registryChanged: false,
    registryVersion: head.registryVersion,
    append(entry) {
      entries.push(Buffer.from(JSON.stringify({ at, ...entry })));
      return String(head.size + entries.length - 1);
    },
    changeRegistry() {
      this.registryChanged = true;
    },
  };
}

/** What a flush stores: the chunk of its entries and the new head; undefined when nothing was appended. */
export function closeLog(
  log: LogState,
): { entries: Buffer; leafHashes: Buffer; frontier: Frontier } | undefined {
  if (log.entries.length === 0) return undefined;
  const hashes = log.entries.map(leafHash);
  return {
    entries: packEntries(log.entries),
    leafHashes: Buffer.concat(hashes),
    frontier: appendLeaves(log.before, hashes),
  };
}

/** Entries of a chunk: each its length in 4 octets, then its bytes. */
export function packEntries(entries: readonly Buffer[]): Buffer {
  const total = entries.reduce((sum, entry) => sum + LENGTH_OCTETS + entry.length, 0);
  const packed = Buffer.allocUnsafe(total);
  let offset = 0;
  for (const entry of entries) {
    offset = packed.writeUInt32BE(entry.length, offset);
    offset += entry.copy(packed, offset);
  }
  return packed;
}

/** Undoes packEntries; a stored chunk may have been altered, so bad lengths end the list instead of throwing. */
export function unpackEntries(packed: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  let offset = 0;
  while (offset + LENGTH_OCTETS <= packed.length) {
    const length = packed.readUInt32BE(offset);
    entries.push(packed.subarray(offset + LENGTH_OCTETS, offset + LENGTH_OCTETS + length));
    offset += LENGTH_OCTETS + length;
  }
  return entries;
}

export const frontierBytes = (frontier: Frontier): Buffer => Buffer.from(encodeFrontier(frontier));
