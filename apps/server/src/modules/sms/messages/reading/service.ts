import type { Screening, ScreenContext } from '@signet/content-engine';
import { maskNumber, type TemplateKind } from '@signet/sms-text';
import type { Database, Tx } from '../../../../platform/db.ts';
import { DomainError } from '../../../../platform/domain-error.ts';
import { firstIdAt } from '../../../../platform/ids.ts';
import type { MakeChange } from '../../../trust/audit/public.ts';
import type { Vault } from '../../../trust/vault/public.ts';
import { type Envelope, type MessageState, openEnvelope, type SendAnswer } from '../model.ts';
import { READING_ERRORS } from './errors.ts';
import { type StepView, viewLife } from './life-view.ts';
import {
  bizIdOf, idRange, isId, iso, isoOrNull, lastChinaDays, type MessageFilter, type Period, readBizId, readChinaDay, readSearch,
  type ShownState, shownState, withoutNumbers, writeChinaDay,
} from './model.ts';
import { readMessage, readAround } from './store/detail.ts';
import { readExemptKeys, storeExempt } from './store/exempt-numbers.ts';
import { boundTime, readList, readRefusals, type RefusalRow } from './store/lists.ts';
import { countDays, countHeld, type DayCounts, readAnswer, readByIds, readDetails, readLastSender, type SealedMessage } from './store/queries.ts';

export type ReadingDeps = {
  db: Database;
  vault: Vault;
  makeChange: MakeChange;
  now(): number;
  screen(text: string, context: ScreenContext): Screening;
};

/** A message for QuerySendDetails; times in ms, phone in E.164. */
export type MessageDetails = {
  phone: string;
  state: MessageState;
  errCode: string | null;
  templateCode: string;
  content: string;
  acceptedAt: number;
  finalAt: number | null;
  outId: string | null;
  kind: TemplateKind;
};

/** A message for the push of its final state; times in ms, phone in E.164. */
export type MessageReport = {
  messageId: string;
  callId: string;
  phone: string;
  acceptedAt: number;
  finalAt: number;
  state: MessageState;
  errCode: string | null;
  segmentCount: number;
  outId: string | null;
};

/** Shape `message` of packages/contract. */
export type MessageView = {
  id: string;
  bizId: string;
  phone: string;
  signName: string;
  templateCode: string;
  kind: TemplateKind;
  state: ShownState;
  errCode: string | null;
  segments: number;
  acceptedAt: string;
  finalAt: string | null;
};

export type EvidenceView = { start: number; end: number; restored: string; rule: string; label: string | null };

/** Shape `messageDetail` of packages/contract. */
export type MessageDetailView = MessageView & {
  content: null;
  steps: StepView[];
  attempts: {
    carrier: string;
    segment: number;
    state: 'intended' | 'accepted' | 'rejected' | 'unknown' | 'delivered' | 'undelivered' | 'expired';
    carrierMessageId: string | null;
    status: string | null;
    at: string;
    receiptAt: string | null;
  }[];
  screening: { verdict: 'pass' | 'review'; labels: string[]; spans: EvidenceView[] } | null;
  auditIndex: string;
};

/** What a reviewer decides on: the text, never the number. */
export type ReviewFacts = { title: string; facts: Record<string, string>; text: string; spans: EvidenceView[] };

/** Query of the contract's listMessages; instants as ISO texts. */
export type MessageQuery = {
  tenantId: string;
  search?: string | undefined;
  state?: ShownState | undefined;
  kind?: TemplateKind | undefined;
  templateCode?: string | undefined;
  signName?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};

type Page<Item> = { items: Item[]; total: number; next: string | null };

export type MessageReading = {
  /** Step-wise refusals are listed with their code; newest first. Throws `message.day_illegal`. */
  details(query: {
    tenantId: string;
    e164: string;
    /** yyyyMMdd, UTC+8. */
    day: string;
    page: number;
    pageSize: number;
    bizId?: string | undefined;
  }): Promise<{ total: number; rows: MessageDetails[] }>;
  /** Days with a send, oldest first; `total` is the number of such days. Throws `message.day_illegal`. */
  statistics(query: {
    tenantId: string;
    fromDay: string;
    toDay: string;
    international: boolean;
    signName?: string | undefined;
    kind?: TemplateKind | undefined;
    page: number;
    pageSize: number;
  }): Promise<{ total: number; rows: DayCounts[] }>;
  /** `total` stops counting at 10,000. Throws `message.cursor_illegal`. */
  list(query: MessageQuery): Promise<Page<MessageView>>;
  /** Throws `message.not_found`. */
  detail(query: { tenantId: string; id: string }): Promise<MessageDetailView>;
  /** Number and text in clear; the audit entry is durable before. Throws `message.not_found`, `message.reason_required`. */
  unmask(query: { tenantId: string; id: string; reason: string; actor: string }): Promise<{ phone: string; content: string }>;
  refusals(query: { tenantId: string; cursor?: string | undefined; limit: number }): Promise<Page<Omit<RefusalRow, 'at'> & { at: string }>>;
  overview(tenantId: string): Promise<{ days: OverviewDay[]; held: number }>;
  /** Reports in the order of `ids`; messages that are gone by retention or not final are left out. */
  reports(tenantId: string, ids: readonly string[]): Promise<MessageReport[]>;
  /** `tx` is an open transaction that sees the tenant; undefined when the message is gone. */
  reviewFacts(tenantId: string, messageId: string, tx?: Tx): Promise<ReviewFacts | undefined>;
  /** The tenant that sent to this number last, within 7 days: whom a reply is for. */
  lastSender(numberKey: Buffer): Promise<string | undefined>;
  /** Hex of the number keys exempt from the limits of this tenant; keep it in a versioned cache. */
  exemptNumbers(tenantId: string): Promise<ReadonlySet<string>>;
  /** Idempotent. Throws `message.too_many_exempt` at the 301st. */
  addExempt(query: { tenantId: string; e164: string; actor: string }): Promise<void>;
  /** The answer kept for an Idempotency-Key of this tenant, unless it expired (24 h). */
  storedAnswer(tenantId: string, keyDigest: Buffer): Promise<{ bodyDigest: Buffer; answer: SendAnswer } | undefined>;
};

export type OverviewDay = { day: string; total: number; delivered: number; failed: number; waiting: number };

const REASON_CHARACTERS = 500;
const OVERVIEW_DAYS = 7;
const REPLY_WINDOW_MS = 7 * 86_400_000;
/** Most numbers exempt from the limits (reference §7, «Rules to reproduce»). */
const MAX_EXEMPT = 300;

/** Reads of messages: for the wire, the console, the pushes and the reviewers. Nothing here changes a message. */
export function createMessageReading(deps: ReadingDeps): MessageReading {
  return { ...wireReading(deps), ...consoleReading(deps), ...innerReading(deps), ...exemptNumbers(deps) };
}

type Opener = (row: { id: string; sealed: Buffer | null }) => Envelope | undefined;

async function opener(vault: Vault, tenantId: string): Promise<Opener> {
  const sealer = await vault.sealer(tenantId);
  return ({ id, sealed }) =>
    sealed === null ? undefined : openEnvelope(sealer.open({ table: 'messages', column: 'sealed', row: id }, sealed));
}

function wireReading(deps: ReadingDeps): Pick<MessageReading, 'details' | 'statistics'> {
  return {
    async details({ tenantId, e164, day, page, pageSize, bizId }) {
      const range = idRange(dayOrThrow(day));
      const callId = bizId === undefined || bizId === '' ? null : readBizId(bizId);
      if (callId === undefined) return { total: 0, rows: [] };
      const open = await opener(deps.vault, tenantId);
      const numberKey = deps.vault.numberKey(e164);
      const { total, rows } = await deps.db.withTenants([tenantId], (tx) =>
        readDetails(tx, { tenantId, numberKey, range, callId, limit: pageSize, offset: (page - 1) * pageSize }),
      );
      return { total, rows: rows.map((row) => toDetails(row, open(row))) };
    },
    async statistics({ tenantId, fromDay, toDay, international, signName, kind, page, pageSize }) {
      const range = idRange({ from: dayOrThrow(fromDay).from, to: dayOrThrow(toDay).to });
      const days = await deps.db.withTenants([tenantId], async (tx) => {
        await boundTime(tx);
        return countDays(tx, { tenantId, range, international, signName: signName ?? null, kind: kind ?? null });
      });
      return { total: days.length, rows: days.slice((page - 1) * pageSize, page * pageSize) };
    },
  };
}

function dayOrThrow(day: string): Period {
  const period = readChinaDay(day);
  if (period !== undefined) return period;
  throw new DomainError(READING_ERRORS.dayIllegal, 'A date is a day of the calendar written yyyyMMdd, for example 20260131.');
}

function toDetails(row: SealedMessage, envelope: Envelope | undefined): MessageDetails {
  return {
    phone: envelope?.phone ?? '',
    state: row.state,
    errCode: row.errCode,
    templateCode: row.templateCode,
    content: envelope?.text ?? '',
    acceptedAt: row.acceptedAt.getTime(),
    finalAt: row.finalAt?.getTime() ?? null,
    outId: envelope?.outId ?? null,
    kind: row.kind,
  };
}

function consoleReading(deps: ReadingDeps): Pick<MessageReading, 'list' | 'detail' | 'unmask' | 'refusals' | 'overview'> {
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
      if (words === '') throw new DomainError(READING_ERRORS.reasonMissing, 'State why you need to see the number and the text.');
      if (!isId(id)) throw unknownMessage();
      const open = await opener(deps.vault, tenantId);
      const sealed = await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log) {
          const [row] = await readByIds(tx, tenantId, [id]);
          if (row === undefined || row.sealed === null) throw unknownMessage();
          log.append({ action: 'message.unmasked', actor, tenantId, subject: `msg_${id}`, facts: { reason: words } });
          return row.sealed;
        },
      });
      const { phone, text } = open({ id, sealed })!;
      return { phone, content: text };
    },
    async refusals({ tenantId, cursor, limit }) {
      const from = cursorOrThrow(cursor);
      const { total, rows } = await deps.db.withTenants([tenantId], (tx) => readRefusals(tx, tenantId, from, limit + 1));
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
      const days = Array.from({ length: OVERVIEW_DAYS }, (_, i) => toOverviewDay(writeChinaDay(range.from + i * DAY_MS), byDay));
      return { days, held };
    },
  };
}

const DAY_MS = 86_400_000;

function toOverviewDay(day: string, counts: ReadonlyMap<string, DayCounts>): OverviewDay {
  const { total = 0, success = 0, fail = 0, noreply = 0 } = counts.get(day) ?? {};
  const shown = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  return { day: shown, total, delivered: success, failed: fail, waiting: noreply };
}

const unknownMessage = (): DomainError =>
  new DomainError(READING_ERRORS.messageUnknown, 'There is no such message, or its retention has ended; look at the list again.');

function cursorOrThrow(cursor: string | undefined): string | null {
  if (cursor === undefined || isId(cursor)) return cursor ?? null;
  throw new DomainError(READING_ERRORS.cursorIllegal, 'Take the cursor from the page before, or leave it out.');
}

function readFilter(query: MessageQuery): MessageFilter {
  const instant = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    search: query.search === undefined || query.search.trim() === '' ? undefined : readSearch(query.search.trim()),
    state: query.state,
    kind: query.kind,
    templateCode: query.templateCode,
    signName: query.signName,
    from: instant(query.from),
    to: instant(query.to),
  };
}

/** `rows` holds one more than the page when there is a next one. */
function paged<Row extends { id: string }, Item>(rows: readonly Row[], limit: number, total: number, view: (row: Row) => Item): Page<Item> {
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
      carrier, segment: i + 1, state: 'intended' as const, carrierMessageId: null, status: null, at: iso(at), receiptAt: null,
    })),
  );
  const screening =
    finding === null
      ? { verdict: 'pass' as const, labels: [], spans: [] }
      : finding.step === 8
        ? { verdict: 'review' as const, labels: finding.labels, spans: finding.spans.map((span) => ({ ...span, restored: '' })) }
        : null;
  return {
    ...toView(message, envelope, handedOver),
    content: null,
    steps: viewLife({ message, ...around }),
    attempts: [
      ...around.segments.map(({ attempt: _, at, receiptAt, ...one }) => ({ ...one, at: iso(at), receiptAt: isoOrNull(receiptAt) })),
      ...intended,
    ],
    screening,
    auditIndex: message.auditIndex,
  };
}

function innerReading(deps: ReadingDeps): Pick<MessageReading, 'reports' | 'reviewFacts' | 'lastSender' | 'storedAnswer'> {
  return {
    async reports(tenantId, ids) {
      const open = await opener(deps.vault, tenantId);
      const rows = await deps.db.withTenants([tenantId], (tx) => readByIds(tx, tenantId, ids));
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.flatMap((id) => {
        const row = byId.get(id);
        const envelope = row && open(row);
        return row === undefined || envelope === undefined || row.finalAt === null ? [] : [toReport(row, row.finalAt, envelope)];
      });
    },
    async reviewFacts(tenantId, messageId, tx) {
      const read = (within: Tx) => readMessage(within, tenantId, messageId);
      const row = tx === undefined ? await deps.db.withTenants([tenantId], read) : await read(tx);
      if (row === undefined) return undefined;
      const text = (await opener(deps.vault, tenantId))(row)?.text ?? '';
      const { labels, spans } = deps.screen(text, { messageKind: row.kind, signName: row.signName });
      return {
        title: `【${row.signName}】 ${row.templateCode}`,
        facts: {
          signature: row.signName,
          template: row.templateCode,
          kind: row.kind,
          labels: labels.join(', '),
          rules: [...new Set(spans.map((span) => span.rule))].join(', '),
          acceptedAt: iso(row.acceptedAt),
          expiresAt: iso(row.expiresAt),
        },
        text,
        spans: spans.map(({ start, end, restored, rule, label }) => ({ start, end, restored, rule, label: label ?? null })),
      };
    },
    lastSender: (numberKey) =>
      deps.db.sweep((tx) => readLastSender(tx, numberKey, firstIdAt(deps.now() - REPLY_WINDOW_MS))),
    async storedAnswer(tenantId, keyDigest) {
      const stored = await deps.db.withTenants([tenantId], (tx) => readAnswer(tx, tenantId, keyDigest, new Date(deps.now())));
      return stored && { bodyDigest: stored.bodyDigest, answer: stored.answer as SendAnswer };
    },
  };
}

function toReport(row: SealedMessage, finalAt: Date, { phone, outId }: Envelope): MessageReport {
  return {
    messageId: row.id,
    callId: row.callId,
    phone,
    acceptedAt: row.acceptedAt.getTime(),
    finalAt: finalAt.getTime(),
    state: row.state,
    errCode: row.errCode,
    segmentCount: row.segmentCount,
    outId,
  };
}

function exemptNumbers(deps: ReadingDeps): Pick<MessageReading, 'exemptNumbers' | 'addExempt'> {
  return {
    async exemptNumbers(tenantId) {
      const keys = await deps.db.withTenants([tenantId], (tx) => readExemptKeys(tx, tenantId));
      return new Set(keys.map((key) => key.toString('hex')));
    },
    async addExempt({ tenantId, e164, actor }) {
      const numberKey = deps.vault.numberKey(e164);
      const key = numberKey.toString('hex');
      const sealer = await deps.vault.sealer(tenantId);
      const sealedNumber = sealer.seal({ table: 'exempt_numbers', column: 'sealed_number', row: key }, e164);
      await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          // Changes run one after the other, so the count holds.
          const known = await readExemptKeys(tx, tenantId);
          if (known.some((one) => one.equals(numberKey))) return;
          if (known.length >= MAX_EXEMPT) {
            throw new DomainError(READING_ERRORS.tooManyExempt, `At most ${MAX_EXEMPT} numbers are exempt; take one out first.`);
          }
          await storeExempt(tx, { tenantId, numberKey, sealedNumber, createdAt: new Date(now) });
          log.append({ action: 'exempt_number.added', actor, tenantId, subject: `num_${deps.vault.digest(e164).toString('hex').slice(0, 32)}`, facts: {} });
          log.changeRegistry();
        },
      });
    },
  };
}
