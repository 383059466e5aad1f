import { maskNumber, readNumber } from '@signet/sms-text';
import type { Database, Tx } from '../../../platform/db.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import { ID_EPOCH_MS } from '../../../platform/ids.ts';
import {
  type DecisionEffect,
  type Describe,
  type Description,
  FORM_REVIEW_MS,
  nextApprovalState,
  type ReviewBook,
} from '../../trust/approvals/public.ts';
import type { MakeChange } from '../../trust/audit/public.ts';
import type { Vault } from '../../trust/vault/public.ts';
import { QUALIFICATION_ERRORS } from './errors.ts';
import {
  hasRightCheckCharacter,
  isCreditCode,
  MAX_QUALIFICATIONS_A_TENANT,
  openContact,
  packContact,
  type Qualification,
  type QualificationDraft,
} from './model.ts';
import {
  countQualifications,
  findApprovedIds,
  findQualification,
  hasName,
  insertQualification,
  listQualifications,
  readForReview,
  storeDecision,
} from './store.ts';

export type Page = { limit: number; offset: number };

export type Registration = {
  /** Errors: qualification.credit_code, name_taken, too_many. */
  create(tenantId: string, draft: QualificationDraft, actor: string): Promise<Qualification>;
  /** Newest first; all of them without a page. */
  list(tenantId: string, page?: Page): Promise<{ items: Qualification[]; total: number }>;
  /** Errors: qualification.not_found. */
  get(tenantId: string, id: string): Promise<Qualification>;
  /** For trust/approvals. */
  onDecision: DecisionEffect<void>;
  describe: Describe;
  /** For sms/signatures, within its transaction: oldest first. */
  approvedIds(tx: Tx, tenantId: string): Promise<string[]>;
};

const EVERYTHING: Page = { limit: MAX_QUALIFICATIONS_A_TENANT, offset: 0 };
const place = (id: string) => ({ table: 'qualifications', column: 'sealed_contact', row: id });

function masked(phone: string): string {
  const read = readNumber(phone);
  return maskNumber(read.ok ? read.e164 : phone);
}

export function createRegistration(deps: {
  db: Database;
  vault: Pick<Vault, 'sealer'>;
  makeChange: MakeChange;
  reviews: ReviewBook;
}): Registration {
  return {
    async create(tenantId, draft, actor) {
      const { contactName, contactPhone, ...form } = draft;
      if (!isCreditCode(form.creditCode)) {
        throw new DomainError(
          QUALIFICATION_ERRORS.creditCode,
          'The unified social credit code has 18 digits and capitals without I, O, S, V and Z; look at the licence again.',
        );
      }
      const sealer = await deps.vault.sealer(tenantId);
      const contact = packContact({ name: contactName, phone: contactPhone });
      return deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          if (await hasName(tx, tenantId, form.name)) {
            throw new DomainError(
              QUALIFICATION_ERRORS.nameTaken,
              'A qualification of this name exists; choose another name.',
            );
          }
          if ((await countQualifications(tx, tenantId)) >= MAX_QUALIFICATIONS_A_TENANT) {
            throw new DomainError(
              QUALIFICATION_ERRORS.tooMany,
              `A tenant has at most ${MAX_QUALIFICATIONS_A_TENANT} qualifications; ask the operator.`,
              { limit: MAX_QUALIFICATIONS_A_TENANT },
            );
          }
          const applied = {
            ...form,
            state: 'in_review' as const,
            reason: null,
            createdAt: new Date(now),
            decidedAt: null,
          };
          // The id is the time in ms, below 2^53 for the SDKs; all changes are one sequence, so the next free one is soon found.
          for (let id = now - ID_EPOCH_MS; ; id++) {
            const qualification: Qualification = { ...applied, id: String(id) };
            const sealed = sealer.seal(place(qualification.id), contact);
            if (!(await insertQualification(tx, tenantId, qualification, sealed))) continue;
            const about = { subject: 'qualification' as const, subjectId: qualification.id, tenantId };
            await deps.reviews.openReview({ ...about, dueAt: now + FORM_REVIEW_MS }, tx, log, now);
            log.append({
              action: 'qualification.requested',
              actor,
              tenantId,
              subject: `qua_${qualification.id}`,
              facts: { ownUse: form.ownUse },
            });
            log.changeRegistry();
            return qualification;
          }
        },
      });
    },
    list: (tenantId, page = EVERYTHING) =>
      deps.db.withTenants([tenantId], async (tx) => ({
        items: await listQualifications(tx, tenantId, page),
        total: await countQualifications(tx, tenantId),
      })),
    async get(tenantId, id) {
      const found = await deps.db.withTenants([tenantId], (tx) => findQualification(tx, tenantId, id));
      if (found === undefined) {
        throw new DomainError(
          QUALIFICATION_ERRORS.notFound,
          'There is no such qualification; look at the list again.',
        );
      }
      return found;
    },
    async onDecision(tx, log, { tenantId, subjectId }, { approve, reason, actor }, now) {
      const current = await findQualification(tx, tenantId, subjectId);
      const state = current && nextApprovalState(current.state, approve ? 'approve' : 'reject');
      if (state === undefined) {
        throw new DomainError(
          QUALIFICATION_ERRORS.notInReview,
          'This qualification is not in review any more.',
        );
      }
      await storeDecision(tx, tenantId, subjectId, {
        state,
        reason: approve ? null : reason,
        at: new Date(now),
      });
      log.append({
        action: `qualification.${state}`,
        actor,
        tenantId,
        subject: `qua_${subjectId}`,
        facts: {},
      });
      log.changeRegistry();
    },
    async describe(subjects) {
      const ids = subjects.map(({ subjectId }) => subjectId);
      const rows = await deps.db.sweep((tx) => readForReview(tx, ids));
      const described = new Map<string, Description>();
      for (const row of rows) {
        const sealer = await deps.vault.sealer(row.tenantId);
        const contact = openContact(sealer.open(place(row.id), row.sealedContact));
        described.set(row.id, {
          title: row.name,
          facts: {
            company: row.company,
            creditCode: row.creditCode,
            creditCodeCheck: hasRightCheckCharacter(row.creditCode) ? 'right' : 'wrong',
            legalPerson: row.legalPerson,
            ownUse: row.ownUse,
            contactPhone: masked(contact.phone),
          },
          text: null,
          spans: [],
        });
      }
      return described;
    },
    approvedIds: findApprovedIds,
  };
}
