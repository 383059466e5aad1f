import type { ScreenContext, Screening } from '@signet/content-engine';
import type { TemplateKind } from '@signet/sms-text';
import type { Database } from '../../../../platform/db.ts';
import type { MakeChange } from '../../../trust/audit/public.ts';
import type { Vault } from '../../../trust/vault/public.ts';
import type { SendAnswer } from '../model.ts';
import { answersToModules } from './answers.ts';
import { consoleReading } from './console.ts';
import { exemptNumbers } from './exempt-numbers.ts';
import type { RefusalRow } from './store/lists.ts';
import type { DayCounts } from './store/queries.ts';
import type {
  MessageDetails,
  MessageDetailView,
  MessageQuery,
  MessageReport,
  MessageReview,
  MessageView,
  OverviewDay,
  Page,
} from './views.ts';
import { wireReading } from './wire.ts';

export type ReadingDeps = {
  db: Database;
  vault: Vault;
  makeChange: MakeChange;
  now(): number;
  screen(text: string, context: ScreenContext): Screening;
};

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
  unmask(query: {
    tenantId: string;
    id: string;
    reason: string;
    actor: string;
  }): Promise<{ phone: string; content: string }>;
  refusals(query: {
    tenantId: string;
    cursor?: string | undefined;
    limit: number;
  }): Promise<Page<Omit<RefusalRow, 'at'> & { at: string }>>;
  overview(tenantId: string): Promise<{ days: OverviewDay[]; held: number }>;
  /** Reports in the order of `ids`; messages that are gone by retention or not final are left out. */
  reports(tenantId: string, ids: readonly string[]): Promise<MessageReport[]>;
  /** What a reviewer decides on, by message id, for the queue of trust/approvals; what is gone is left out. */
  describe(
    subjects: readonly { tenantId: string; subjectId: string }[],
  ): Promise<ReadonlyMap<string, MessageReview>>;
  /** The same for one message; undefined when it is gone. */
  reviewFacts(tenantId: string, messageId: string): Promise<MessageReview | undefined>;
  /** The tenant that sent to this number last, within 7 days: whom a reply is for. */
  lastSender(numberKey: Buffer): Promise<string | undefined>;
  /** Hex of the number keys exempt from the limits of this tenant; keep it in a versioned cache. */
  exemptNumbers(tenantId: string): Promise<ReadonlySet<string>>;
  /** Idempotent. Throws `message.too_many_exempt` at the 301st. */
  addExempt(query: { tenantId: string; e164: string; actor: string }): Promise<void>;
  /** The answer kept for an Idempotency-Key of this tenant, unless it expired (24 h). */
  storedAnswer(
    tenantId: string,
    keyDigest: Buffer,
  ): Promise<{ bodyDigest: Buffer; answer: SendAnswer } | undefined>;
};

/** Reads of messages: for the wire, the console, the pushes and the reviewers. Nothing here changes a message. */
export function createMessageReading(deps: ReadingDeps): MessageReading {
  return { ...wireReading(deps), ...consoleReading(deps), ...answersToModules(deps), ...exemptNumbers(deps) };
}
