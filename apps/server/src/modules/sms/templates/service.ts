import type { TemplateKind } from '@signet/sms-text';
import type { Database, Tx } from '../../../platform/db.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { Ids } from '../../../platform/ids.ts';
import type { Random } from '../../../platform/random.ts';
import { createVersionedCache } from '../../../platform/versioned-cache.ts';
import {
  type DecisionEffect,
  type Describe,
  FORM_REVIEW_MS,
  nextApprovalState,
  type ReviewBook,
  type ReviewFacts,
  type ReviewSpan,
} from '../../trust/approvals/public.ts';
import type { MakeChange, OpenLog } from '../../trust/audit/public.ts';
import { refusalOfDraft } from './draft-refusal.ts';
import { TEMPLATE_ERRORS } from './errors.ts';
import {
  DAY_MS,
  isCode,
  MAX_APPLICATIONS_A_DAY,
  MAX_TEMPLATES_A_TENANT,
  NO_SUPPLEMENT,
  newCode,
  readTemplate,
  type SendableTemplate,
  type Template,
  type TemplateDraft,
  type TemplateState,
} from './model.ts';
import {
  countShown,
  countTemplates,
  findByCode,
  findById,
  insertTemplate,
  listTemplates,
  readForReview,
  storeState,
  storeTemplate,
} from './store.ts';

export type Which = { code: string } | { id: string };
export type TemplateQuery = {
  limit: number;
  offset: number;
  kind?: TemplateKind | undefined;
  state?: TemplateState | undefined;
  /** The code, or a part of the name. */
  search?: string | undefined;
};

export type Templates = {
  /** Errors: template.content_illegal, variables_illegal, name_illegal, remark_too_long, signature_unknown, too_many, too_many_today. */
  create(tenantId: string, draft: TemplateDraft, actor: string): Promise<Template>;
  /** Reviewed again with a new order. Errors: those of create, not_found, approved_already. */
  update(tenantId: string, which: Which, draft: TemplateDraft, actor: string): Promise<Template>;
  /** Errors: template.not_found. */
  remove(tenantId: string, which: Which, actor: string): Promise<void>;
  get(tenantId: string, which: Which): Promise<Template>;
  /** Newest first; all of them without a query. */
  list(tenantId: string, query?: TemplateQuery): Promise<{ items: Template[]; total: number }>;
  /** At once when in memory: steps 5 and 6 of a message. */
  lookup(
    tenantId: string,
    code: string,
  ): SendableTemplate | undefined | Promise<SendableTemplate | undefined>;
  /** For trust/approvals. */
  onDecision: DecisionEffect<void>;
  describe: Describe;
};

/** What screening says of a text, for the reviewer. */
export type ScreenTemplate = (
  text: string,
  kind: TemplateKind,
  signName: string | null,
) => { verdict: 'pass' | 'review' | 'block'; labels: readonly string[]; spans: readonly ReviewSpan[] };

const EVERYTHING: TemplateQuery = { limit: MAX_TEMPLATES_A_TENANT, offset: 0 };
const MAX_CACHED = 50_000;

export function createTemplates(deps: {
  db: Database;
  ids: Ids;
  random: Pick<Random, 'octets'>;
  makeChange: MakeChange;
  reviews: ReviewBook;
  registryVersion(): string;
  /** Whether the tenant has a signature of this name: sms/signatures. */
  isSignatureKnown(tx: Tx, tenantId: string, name: string): Promise<boolean>;
  screen?: ScreenTemplate | undefined;
}): Templates {
  const notFound = () =>
    new DomainError(TEMPLATE_ERRORS.notFound, 'The tenant has no such template; look at the list again.');

  const find = async (tx: Tx, tenantId: string, which: Which): Promise<Template> => {
    const found =
      'id' in which ? await findById(tx, tenantId, which.id) : await findByCode(tx, tenantId, which.code);
    if (found === undefined || found.state === 'withdrawn') throw notFound();
    return found;
  };

  const checkDraft = (draft: TemplateDraft): void => {
    const refusal = refusalOfDraft(draft);
    if (refusal !== undefined) throw refusal;
  };

  const checkSignature = async (tx: Tx, tenantId: string, name: string | null): Promise<void> => {
    if (name === null || (await deps.isSignatureKnown(tx, tenantId, name))) return;
    throw new DomainError(
      TEMPLATE_ERRORS.signatureUnknown,
      'The related signature is not one of this tenant; apply for it first or leave it out.',
    );
  };

  const checkLimits = async (tx: Tx, tenantId: string, now: number): Promise<void> => {
    const { total, recent } = await countTemplates(tx, tenantId, new Date(now - DAY_MS));
    if (total >= MAX_TEMPLATES_A_TENANT) {
      throw new DomainError(
        TEMPLATE_ERRORS.tooMany,
        `A tenant has at most ${MAX_TEMPLATES_A_TENANT} templates; delete one that is not used.`,
        { limit: MAX_TEMPLATES_A_TENANT },
      );
    }
    if (recent >= MAX_APPLICATIONS_A_DAY) {
      throw new DomainError(
        TEMPLATE_ERRORS.tooManyToday,
        `At most ${MAX_APPLICATIONS_A_DAY} templates are taken in 24 hours; apply again tomorrow.`,
        { limit: MAX_APPLICATIONS_A_DAY },
      );
    }
  };

  const sendToReview = async (
    tx: Tx,
    log: OpenLog,
    now: number,
    tenantId: string,
    template: Template,
    entry: { action: string; actor: string },
  ): Promise<Template> => {
    const about = { subject: 'template' as const, subjectId: template.id, tenantId };
    await deps.reviews.closeReview(about, tx, log, now);
    await deps.reviews.openReview({ ...about, dueAt: now + FORM_REVIEW_MS }, tx, log, now);
    const facts = { code: template.code, kind: template.kind };
    log.append({ ...entry, tenantId, subject: `tpl_${template.id}`, facts });
    log.changeRegistry();
    return template;
  };

  const cache = createVersionedCache<SendableTemplate>({
    version: deps.registryVersion,
    maxEntries: MAX_CACHED,
    load(key) {
      const slash = key.indexOf('/');
      const tenantId = key.slice(0, slash);
      return deps.db.withTenants([tenantId], async (tx) => {
        const found = await findByCode(tx, tenantId, key.slice(slash + 1));
        if (found === undefined) return undefined;
        const reading = readTemplate(found);
        if (!reading.ok)
          throw new Error(`stored template ${found.id} does not parse: ${reading.fault.fault}`);
        const { id, code, kind, state, relatedSignName } = found;
        return { id, code, kind, state, relatedSignName, ...reading.read };
      });
    },
  });

  return {
    async create(tenantId, draft, actor) {
      checkDraft(draft);
      return deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          await checkLimits(tx, tenantId, now);
          await checkSignature(tx, tenantId, draft.relatedSignName);
          const id = deps.ids.next();
          const orderId = deps.ids.next();
          const applied = {
            ...draft,
            supplement: draft.supplement ?? NO_SUPPLEMENT,
            id,
            orderId,
            state: 'in_review' as const,
            reason: null,
            decidedAt: null,
          };
          for (;;) {
            const template: Template = {
              ...applied,
              code: newCode(deps.random.octets),
              createdAt: new Date(now),
            };
            if (!(await insertTemplate(tx, tenantId, template))) continue;
            return sendToReview(tx, log, now, tenantId, template, { action: 'template.requested', actor });
          }
        },
      });
    },
    async update(tenantId, which, draft, actor) {
      checkDraft(draft);
      return deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          const current = await find(tx, tenantId, which);
          const state = nextApprovalState(current.state, 'resubmit');
          if (state === undefined) {
            throw new DomainError(
              TEMPLATE_ERRORS.approvedAlready,
              'An approved template does not change; apply for a new one.',
            );
          }
          await checkSignature(tx, tenantId, draft.relatedSignName);
          const template: Template = {
            ...current,
            ...draft,
            supplement: draft.supplement ?? current.supplement,
            state,
            reason: null,
            orderId: deps.ids.next(),
            decidedAt: null,
          };
          await storeTemplate(tx, tenantId, template);
          return sendToReview(tx, log, now, tenantId, template, { action: 'template.updated', actor });
        },
      });
    },
    remove: (tenantId, which, actor) =>
      deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          const current = await find(tx, tenantId, which);
          const state = nextApprovalState(current.state, 'withdraw');
          if (state === undefined) throw notFound();
          await storeState(tx, tenantId, current.id, { state, reason: null, decidedAt: null });
          await deps.reviews.closeReview(
            { subject: 'template', subjectId: current.id, tenantId },
            tx,
            log,
            now,
          );
          const facts = { code: current.code };
          log.append({ action: 'template.deleted', actor, tenantId, subject: `tpl_${current.id}`, facts });
          log.changeRegistry();
        },
      }),
    get: (tenantId, which) => deps.db.withTenants([tenantId], (tx) => find(tx, tenantId, which)),
    list(tenantId, { limit, offset, kind = null, state = null, search = null } = EVERYTHING) {
      const filter = { kind, state, search };
      return deps.db.withTenants([tenantId], async (tx) => ({
        items: await listTemplates(tx, tenantId, filter, { limit, offset }),
        total: await countShown(tx, tenantId, filter),
      }));
    },
    lookup: (tenantId, code) => (isCode(code) ? cache.get(`${tenantId}/${code}`) : undefined),
    async onDecision(tx, log, { tenantId, subjectId }, { approve, reason, actor }, now) {
      const current = await findById(tx, tenantId, subjectId);
      const state = current && nextApprovalState(current.state, approve ? 'approve' : 'reject');
      if (state === undefined) {
        throw new DomainError(TEMPLATE_ERRORS.notInReview, 'This template is not in review any more.');
      }
      const decided = { state, reason: approve ? null : reason, decidedAt: new Date(now) };
      await storeState(tx, tenantId, subjectId, decided);
      log.append({ action: `template.${state}`, actor, tenantId, subject: `tpl_${subjectId}`, facts: {} });
      log.changeRegistry();
    },
    async describe(subjects) {
      const ids = subjects.map(({ subjectId }) => subjectId);
      const rows = await deps.db.sweep((tx) => readForReview(tx, ids));
      return new Map(
        rows.map((row) => {
          const screening = deps.screen?.(row.content, row.kind, row.relatedSignName);
          const facts: ReviewFacts = {
            code: row.code,
            kind: row.kind,
            variables: row.variables,
            relatedSignName: row.relatedSignName ?? '',
            remark: row.remark,
            applyScene: row.supplement.applyScene,
            trafficDriving: row.supplement.trafficDriving,
            ...(screening === undefined ? {} : { screening: screening.verdict, labels: screening.labels }),
          };
          return [
            row.id,
            { title: row.name, facts, text: row.content, spans: [...(screening?.spans ?? [])] },
          ];
        }),
      );
    },
  };
}
