import type { Flush, Lane } from '../../../platform/group-commit.ts';
import type { Ids } from '../../../platform/ids.ts';
import type { LogState } from '../../trust/audit/public.ts';
import { type Ending, moveMessages } from '../messages/public.ts';
import { queueReports } from '../webhooks/public.ts';
import { finalFate, ORPHAN_TRIES, orphanNextAt, type Report, type SegmentState } from './model.ts';
import {
  type FoundSegment,
  findSegments,
  postponeOrphan,
  removeOrphan,
  type SegmentReport,
  storeOrphan,
  storeReports,
} from './store.ts';

/** `orphan` is set when the receipt waited in the table for its segment. */
export type ReceiptItem = { report: Report; orphan: { id: string; tries: number } | null };
export type ReceiptResult = 'matched' | 'late' | 'orphan' | 'given_up';

const FATE_EVENT = { delivered: 'deliver', undelivered: 'fail', expired: 'expire' } as const;

/** Steps 17 and 18 for all receipts that wait, in one transaction; the carrier is answered after it. */
export function receiptLane(deps: {
  ids: Ids;
  /** After the commit: tenants of messages that became final. */
  onFinal(tenantIds: readonly string[]): void;
}): Lane<ReceiptItem, ReceiptResult, LogState> {
  let ended: string[] = [];
  return {
    name: 'receipts',
    tenantsOf: () => [],
    async run(flush, items) {
      const found = await lookUp(flush, items);
      await flush.addTenants(new Set([...found.values()].flat().map((row) => row.tenant_id)));
      const siblings = groupByAttempt(found);
      const reports: SegmentReport[] = [];
      const results: ReceiptResult[] = [];
      const lastWord = new Map<string, { errCode: string; actor: string }>();
      for (const { report, orphan } of items) {
        const row = firstMatch(report, found);
        if (row === undefined) {
          results.push(await keepOrphan(flush, report, orphan, deps.ids));
          continue;
        }
        if (orphan !== null) await removeOrphan(flush.tx, orphan.id);
        const owed = isOwed(row);
        results.push(owed ? 'matched' : 'late');
        if (!owed) continue;
        row.state = report.fate;
        reports.push({
          tenantId: row.tenant_id,
          messageId: row.message_id,
          attempt: row.attempt,
          segment: row.segment,
          fate: report.fate,
          errCode: report.errCode,
        });
        const key = attemptKey(row);
        // The word of a failed segment stands for the message; DELIVERED only when all are.
        if (report.fate !== 'delivered' || !lastWord.has(key)) {
          lastWord.set(key, { errCode: report.errCode, actor: `carrier:${report.carrierId}` });
        }
      }
      if (reports.length > 0) flush.later(storeReports(flush.tx, reports, flush.now));
      const finals = endings(siblings, lastWord);
      ended = [...new Set(finals.map((ending) => ending.tenantId))];
      await moveMessages(flush, finals, queueReports);
      return results;
    },
    committed() {
      if (ended.length > 0) deps.onFinal(ended);
    },
  };
}

const attemptKey = (row: FoundSegment): string => `${row.message_id}/${row.attempt}`;
const segmentKey = (carrierId: string, key: string): string => `${carrierId}|${key}`;

/** Segments by carrier and id; a carrier's ids come round again, so there can be several. */
type Found = ReadonlyMap<string, FoundSegment[]>;

async function lookUp(flush: Flush<LogState>, items: readonly ReceiptItem[]): Promise<Found> {
  const pairs = items.flatMap(({ report }) =>
    report.candidateKeys.map((key) => ({ carrierId: report.carrierId, key })),
  );
  const found = new Map<string, FoundSegment[]>();
  for (const row of await findSegments(flush.tx, pairs)) {
    // A segment without an id (rejected, unknown) still counts as a sibling.
    const key =
      row.carrier_key === null
        ? `${attemptKey(row)}#${row.segment}`
        : segmentKey(row.carrier_id, row.carrier_key);
    const same = found.get(key);
    if (same === undefined) found.set(key, [row]);
    else same.push(row);
  }
  return found;
}

/**
 * The segment that the receipt speaks of: the id as written first, then its guessed forms, and a guess only where the
 * number agrees. One that still owes its receipt goes before one that had it: ids come round again.
 */
function firstMatch(report: Report, found: Found): FoundSegment | undefined {
  let settled: FoundSegment | undefined;
  for (const [place, key] of report.candidateKeys.entries()) {
    for (const row of found.get(segmentKey(report.carrierId, key)) ?? []) {
      if (place > 0 && !(report.numberKey()?.equals(row.number_key) ?? false)) continue;
      if (isOwed(row)) return row;
      settled ??= row;
    }
  }
  return settled;
}

const isOwed = (row: FoundSegment): boolean => row.state === 'accepted' || row.state === 'unknown';

function groupByAttempt(found: Found): Map<string, FoundSegment[]> {
  const groups = new Map<string, FoundSegment[]>();
  for (const row of [...found.values()].flat()) {
    const group = groups.get(attemptKey(row));
    if (group === undefined) groups.set(attemptKey(row), [row]);
    else group.push(row);
  }
  return groups;
}

async function keepOrphan(
  flush: Flush<LogState>,
  report: Report,
  orphan: ReceiptItem['orphan'],
  ids: Ids,
): Promise<ReceiptResult> {
  if (orphan === null) {
    await storeOrphan(flush.tx, ids.next(), report, flush.now, orphanNextAt(0, flush.now));
    return 'orphan';
  }
  const tries = orphan.tries + 1;
  const givenUp = tries >= ORPHAN_TRIES;
  await postponeOrphan(
    flush.tx,
    orphan.id,
    tries,
    givenUp ? null : orphanNextAt(tries, flush.now),
    flush.now,
  );
  return givenUp ? 'given_up' : 'orphan';
}

function endings(
  siblings: ReadonlyMap<string, FoundSegment[]>,
  lastWord: ReadonlyMap<string, { errCode: string; actor: string }>,
): Ending[] {
  const list: Ending[] = [];
  for (const [key, word] of lastWord) {
    const rows = siblings.get(key)!;
    const fate = finalFate(
      rows.map((row) => row.state as SegmentState),
      rows[0]!.segment_count,
    );
    if (fate === undefined) continue;
    const failed = rows.find((row) => row.state !== 'delivered');
    list.push({
      tenantId: rows[0]!.tenant_id,
      messageId: rows[0]!.message_id,
      event: FATE_EVENT[fate],
      errCode: failed === undefined ? 'DELIVERED' : word.errCode,
      actor: word.actor,
    });
  }
  return list;
}
