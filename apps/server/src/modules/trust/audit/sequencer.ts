import { decodeFrontier, emptyTree } from '@signet/merkle-log';
import type { Sequencer } from '../../../platform/group-commit.ts';
import { closeLog, frontierBytes, type LogState, openLog } from './model.ts';
import { type HeadRow, LOCK_HEAD, storeChunk } from './store.ts';

/**
 * The one writer of the log, inside the group commit: the head row is locked first and written last, so the order of
 * commits is the order of entries, over all processes. `committedVersion` tells the registry version after each commit.
 */
export function auditSequencer(onCommitted: (registryVersion: string) => void): Sequencer<LogState> {
  return {
    lockStatement: LOCK_HEAD,
    open(row, now) {
      const { size, frontier, registry_version } = row as HeadRow;
      const before = frontier.length === 0 ? emptyTree() : decodeFrontier(frontier);
      if (before === undefined || before.size !== Number(size))
        throw new Error('the head of the audit log was altered');
      return openLog({ size: before.size, frontier: before, registryVersion: registry_version }, now);
    },
    mark: (log) => ({ entries: log.entries.length, registryChanged: log.registryChanged }),
    rewind(log, mark) {
      const to = mark as { entries: number; registryChanged: boolean };
      log.entries.length = to.entries;
      log.registryChanged = to.registryChanged;
    },
    async store(tx, log) {
      const closed = closeLog(log);
      if (closed === undefined) return;
      await storeChunk(tx, {
        firstIndex: log.firstIndex,
        count: log.entries.length,
        entries: closed.entries,
        leafHashes: closed.leafHashes,
        at: new Date(log.at),
        frontier: frontierBytes(closed.frontier),
        registryStep: log.registryChanged ? 1 : 0,
      });
    },
    committed(log) {
      onCommitted(log.registryChanged ? (BigInt(log.registryVersion) + 1n).toString() : log.registryVersion);
    },
  };
}
