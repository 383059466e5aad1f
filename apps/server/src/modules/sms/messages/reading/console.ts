import { maskNumber, withoutNumbers } from '@signet/sms-text';
import { DomainError } from '../../../../platform/domain-error.ts';
import type { Envelope } from '../model.ts';
import { READING_ERRORS } from './errors.ts';
import { viewLife } from './life-view.ts';
import {
  bizIdOf,
  idRange,
  isId,
  iso,
  isoOrNull,
  lastChinaDays,
  type MessageFilter,
  readSearch,
  shownState,
  writeChinaDay,
} from './model.ts';
import { opener } from './opener.ts';
import type { MessageReading, ReadingDeps } from './service.ts';
import { readAround, readMessage } from './store/detail.ts';
import { boundTime, readList, readRefusals } from './store/lists.ts';
import { countDays, countHeld, type DayCounts, readByIds, type SealedMessage } from './store/queries.ts';
import type { MessageDetailView, MessageQuery, MessageView, OverviewDay, Page } from './views.ts';

const REASON_CHARACTERS = 500;
const OVERVIEW_DAYS = 7;
const DAY_MS = 86_400_000;

/** What the pages of the console ask; numbers are masked but in `unmask`. */
export function consoleReading(
  deps: ReadingDeps,
): Pick<MessageReading, 'list' | 'detail' | 'unmask' | 'refusals' | 'overview'> {
  return {
    async list(query) {
      const { tenantId, limit } = query;
      const cursor = cursorOrThrow(query.cursor);
      const filter = readFilter(query);
      const numberKey = filter.search?.by === 'number' ? deps.vault.numberKey(filter.search.e164) : null;
      const open = await opener(deps.vault, tenantId);
      const { total, rows } = await deps.db.withTenants([tenantId], async (tx) => {
        await boundTime(tx);
        return readList(tx, { tenantId, filter, numberKey, cursor, limit: limit + 1 });
      });
      return paged(rows, limit, total, (row) => toView(row, open(row), row.handedOver));
    },
    async detail({ tenantId, id }) {
      const found = !isId(id)
        ? undefined
        : await deps.db.withTenants([tenantId], async (tx) => {
            const message = await readMessage(tx, tenantId, id);
            return message && { message, around: await readAround(tx, tenantId, message) };
          });
      if (found === undefined) throw unknownMessage();
      const open = await opener(deps.vault, tenantId);
      return toDetailView(found.message, found.around, open(found.message));
    },
    async unmask({ tenantId, id, reason, actor }) {
      const words = withoutNumbers(reason.trim()).slice(0, REASON_CHARACTERS);
      if (words === '')
        throw new DomainError(
          READING_ERRORS.reasonMissing,
          'State why you need to see the number and the text.',
        );
      if (!isId(id)) throw unknownMessage();
      const open = await opener(deps.vault, tenantId);
      const sealed = await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log) {
          const [row] = await readByIds(tx, tenantId, [id]);
          if (row === undefined || row.sealed === null) throw unknownMessage();
          log.append({
            action: 'message.unmasked',
            actor,
            tenantId,
            subject: `msg_${id}`,
            facts: { reason: words },
          });
          return row.sealed;
        },
      });
      const { phone, text } = open({ id, sealed })!;
      return { phone, content: text };
    },
    async refusals({ tenantId, cursor, limit }) {
      const from = cursorOrThrow(cursor);
      const { total, rows } = await deps.db.withTenants([tenantId], (tx) =>
        readRefusals(tx, tenantId, from, limit + 1),
      );
      return paged(rows, limit, total, (row) => ({ ...row, at: iso(row.at) }));
    },
    async overview(tenantId) {
      const range = idRange(lastChinaDays(deps.now(), OVERVIEW_DAYS));
      const { counts, held } = await deps.db.withTenants([tenantId], async (tx) => {
        await boundTime(tx);
        const wanted = { tenantId, range, international: null, signName: null, kind: null };
        return { counts: await countDays(tx, wanted), held: await countHeld(tx, tenantId) };
      });
      const byDay = new Map(counts.map((one) => [one.day, one]));
      const days = Array.from({ length: OVERVIEW_DAYS }, (_, i) =>
        toOverviewDay(writeChinaDay(range.from + i * DAY_MS), byDay),
      );
      return { days, held };
    },
  };
}

function toOverviewDay(day: string, counts: ReadonlyMap<string, DayCounts>): OverviewDay {
  const { total = 0, success = 0, fail = 0, noreply = 0 } = counts.get(day) ?? {};
  const shown = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  return { day: shown, total, delivered: success, failed: fail, waiting: noreply };
}

const unknownMessage = (): DomainError =>
  new DomainError(
    READING_ERRORS.messageUnknown,
    'There is no such message, or its retention has ended; look at the list again.',
  );

function cursorOrThrow(cursor: string | undefined): string | null {
  if (cursor === undefined || isId(cursor)) return cursor ?? null;
  throw new DomainError(
    READING_ERRORS.cursorIllegal,
    'Take the cursor from the page before, or leave it out.',
  );
}

function readFilter(query: MessageQuery): MessageFilter {
  const instant = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    search:
      query.search === undefined || query.search.trim() === '' ? undefined : readSearch(query.search.trim()),
    state: query.state,
    kind: query.kind,
    templateCode: query.templateCode,
    signName: query.signName,
    from: instant(query.from),
    to: instant(query.to),
  };
}

/** `rows` holds one more than the page when there is a next one. */
function paged<Row extends { id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  total: number,
  view: (row: Row) => Item,
): Page<Item> {
  const page = rows.slice(0, limit);
  return { items: page.map(view), total, next: rows.length > limit ? page.at(-1)!.id : null };
}

function toView(row: SealedMessage, envelope: Envelope | undefined, handedOver: boolean): MessageView {
  return {
    id: row.id,
    bizId: bizIdOf(row.callId),
    phone: maskNumber(envelope?.phone ?? ''),
    signName: row.signName,
    templateCode: row.templateCode,
    kind: row.kind,
    state: shownState(row.state, handedOver),
    errCode: row.errCode,
    segments: row.segmentCount,
    acceptedAt: iso(row.acceptedAt),
    finalAt: isoOrNull(row.finalAt),
  };
}

function toDetailView(
  message: NonNullable<Awaited<ReturnType<typeof readMessage>>>,
  around: Awaited<ReturnType<typeof readAround>>,
  envelope: Envelope | undefined,
): MessageDetailView {
  const { finding } = message;
  const handedOver = around.segments.some((one) => one.state !== 'rejected');
  const intended = around.intents.flatMap(({ carrier, at }) =>
    Array.from({ length: message.segmentCount }, (_, i) => ({
      carrier,
      segment: i + 1,
      state: 'intended' as const,
      carrierMessageId: null,
      status: null,
      at: iso(at),
      receiptAt: null,
    })),
  );
  const screening =
    finding === null
      ? { verdict: 'pass' as const, labels: [], spans: [] }
      : finding.step === 8
        ? {
            verdict: 'review' as const,
            labels: finding.labels,
            spans: finding.spans.map((span) => ({ ...span, restored: '' })),
          }
        : null;
  return {
    ...toView(message, envelope, handedOver),
    content: null,
    steps: viewLife({ message, ...around }),
    attempts: [
      ...around.segments.map(({ attempt: _, at, receiptAt, ...one }) => ({
        ...one,
        at: iso(at),
        receiptAt: isoOrNull(receiptAt),
      })),
      ...intended,
    ],
    screening,
    auditIndex: message.auditIndex,
  };
}
