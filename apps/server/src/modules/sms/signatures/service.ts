import type { Database, Tx } from '../../../platform/db.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { Ids } from '../../../platform/ids.ts';
import { createVersionedCache } from '../../../platform/versioned-cache.ts';
import {
  type DecisionEffect,
  type Describe,
  FORM_REVIEW_MS,
  nextApprovalState,
  type ReviewBook,
  type ReviewFacts,
} from '../../trust/approvals/public.ts';
import type { MakeChange, OpenLog } from '../../trust/audit/public.ts';
import type { Vault } from '../../trust/vault/public.ts';
import { SIGNATURE_ERRORS } from './errors.ts';
import {
  DAY_MS,
  type FileFault,
  faultOfFiles,
  isSignatureName,
  isSource,
  MAX_APPLICATIONS_A_DAY,
  MAX_REMARK_CHARACTERS,
  MAX_SIGNATURES_A_TENANT,
  NO_SUPPLEMENT,
  type SendableSignature,
  type ShownFile,
  type Signature,
  type SignatureDraft,
  type SignatureFile,
  type SignatureSupplement,
  SOURCES,
  showFile,
} from './model.ts';
import {
  countSignatures,
  findById,
  findByName,
  findFile,
  listSignatures,
  readForReview,
  replaceFiles,
  type SealedFile,
  type SignatureForReview,
  storeSignature,
  storeState,
} from './store.ts';

export type Signatures = {
  /** Errors: signature.name_illegal, name_taken, source_illegal, remark_too_long, files_illegal, qualification_unusable, too_many, too_many_today. */
  create(tenantId: string, draft: SignatureDraft, actor: string): Promise<Signature>;
  /** Found by its name; reviewed again with a new order, not usable until then. Errors: those of create, not_found. */
  update(tenantId: string, draft: SignatureDraft, actor: string): Promise<Signature>;
  /** By name (wire) or by id (console). Errors: signature.not_found. */
  remove(tenantId: string, which: Which, actor: string): Promise<void>;
  get(tenantId: string, which: Which): Promise<Signature>;
  /** Newest first; all of them without a page. */
  list(tenantId: string, page?: Page): Promise<{ items: Signature[]; total: number }>;
  /** A file of the application, from 0, for its reviewer; the look is audited. Errors: signature.file_not_found. */
  readFile(tenantId: string, id: string, position: number, actor: string): Promise<ShownFile>;
  /** At once when in memory: step 5 of a message. */
  lookup(
    tenantId: string,
    name: string,
  ): SendableSignature | undefined | Promise<SendableSignature | undefined>;
  /** Within another module's transaction: whether the tenant has applied for a signature of this name. */
  isKnown(tx: Tx, tenantId: string, name: string): Promise<boolean>;
  /** For trust/approvals. */
  onDecision: DecisionEffect<void>;
  describe: Describe;
};

export type Which = { name: string } | { id: string };
export type Page = { limit: number; offset: number };

const EVERYTHING: Page = { limit: MAX_SIGNATURES_A_TENANT, offset: 0 };
const MAX_CACHED = 50_000;

const FILE_FAULTS: Readonly<Record<FileFault, string>> = {
  too_many: 'At most 6 files belong to an application; leave some out.',
  too_big: 'A file has at most 2 MB; send it smaller.',
  empty: 'A file is empty; send it again.',
  suffix: 'Files are jpg, jpeg, png or gif; convert the others.',
};

const place = (id: string, position: number) => ({
  table: 'signature_files',
  column: 'sealed_contents',
  row: `${id}/${position}`,
});

export function createSignatures(deps: {
  db: Database;
  vault: Pick<Vault, 'sealer'>;
  ids: Ids;
  makeChange: MakeChange;
  reviews: ReviewBook;
  registryVersion(): string;
  /** Approved qualifications of a tenant, oldest first: sms/registration. */
  approvedQualifications(tx: Tx, tenantId: string): Promise<readonly string[]>;
}): Signatures {
  const notFound = () =>
    new DomainError(
      SIGNATURE_ERRORS.notFound,
      'The tenant has no signature of this name; look at the list again.',
    );

  const find = async (tx: Tx, tenantId: string, which: Which): Promise<Signature> => {
    const found =
      'id' in which ? await findById(tx, tenantId, which.id) : await findByName(tx, tenantId, which.name);
    if (found === undefined || found.state === 'withdrawn') throw notFound();
    return found;
  };

  const chooseQualification = async (tx: Tx, tenantId: string, wanted: string | null): Promise<string> => {
    const approved = await deps.approvedQualifications(tx, tenantId);
    if (wanted !== null) {
      if (approved.includes(wanted)) return wanted;
      throw new DomainError(
        SIGNATURE_ERRORS.qualification,
        'The qualification is not one of this tenant, or not approved yet; wait for its review or name another.',
      );
    }
    const [only] = approved;
    if (approved.length === 1) return only!;
    throw new DomainError(
      SIGNATURE_ERRORS.qualification,
      approved.length === 0
        ? 'A signature needs an approved qualification; apply for one in the console first.'
        : 'There are several approved qualifications; use CreateSmsSign with its QualificationId.',
    );
  };

  const checkDraft = (draft: SignatureDraft): void => {
    if (!isSignatureName(draft.name)) {
      throw new DomainError(
        SIGNATURE_ERRORS.nameIllegal,
        'A signature has 2 to 18 Chinese characters, letters or digits, not digits alone, without brackets.',
      );
    }
    if (!isSource(draft.source))
      throw new DomainError(SIGNATURE_ERRORS.sourceIllegal, 'SignSource is 0 to 5.');
    if (draft.remark.length > MAX_REMARK_CHARACTERS) {
      throw new DomainError(
        SIGNATURE_ERRORS.remarkTooLong,
        `The remark has at most ${MAX_REMARK_CHARACTERS} characters; shorten it.`,
      );
    }
    const fault = faultOfFiles(draft.files ?? []);
    if (fault !== undefined) throw new DomainError(SIGNATURE_ERRORS.filesIllegal, FILE_FAULTS[fault]);
  };

  const checkLimits = async (tx: Tx, tenantId: string, now: number): Promise<void> => {
    const { total, recent } = await countSignatures(tx, tenantId, new Date(now - DAY_MS));
    if (total >= MAX_SIGNATURES_A_TENANT) {
      throw new DomainError(
        SIGNATURE_ERRORS.tooMany,
        `A tenant has at most ${MAX_SIGNATURES_A_TENANT} signatures; delete one that is not used.`,
        { limit: MAX_SIGNATURES_A_TENANT },
      );
    }
    if (recent >= MAX_APPLICATIONS_A_DAY) {
      throw new DomainError(
        SIGNATURE_ERRORS.tooManyToday,
        `At most ${MAX_APPLICATIONS_A_DAY} signatures are taken in 24 hours; apply again tomorrow.`,
        { limit: MAX_APPLICATIONS_A_DAY },
      );
    }
  };

  /** The application as a row, with its files and its review. */
  const apply = async (
    tx: Tx,
    log: OpenLog,
    now: number,
    tenantId: string,
    signature: Signature,
    files: readonly SealedFile[],
    entry: { action: string; actor: string },
  ): Promise<Signature> => {
    await storeSignature(tx, tenantId, signature);
    await replaceFiles(tx, tenantId, signature.id, files);
    const about = { subject: 'signature' as const, subjectId: signature.id, tenantId };
    await deps.reviews.closeReview(about, tx, log, now);
    await deps.reviews.openReview({ ...about, dueAt: now + FORM_REVIEW_MS }, tx, log, now);
    log.append({
      ...entry,
      tenantId,
      subject: `sig_${signature.id}`,
      facts: {
        source: signature.source,
        codeOnly: signature.codeOnly,
        qualificationId: signature.qualificationId,
        files: files.length,
      },
    });
    log.changeRegistry();
    return signature;
  };

  // Sealing megabytes takes milliseconds: it is done before the group commit, which everybody waits for.
  const sealFiles = async (
    tenantId: string,
    id: string,
    files: readonly SignatureFile[],
  ): Promise<SealedFile[]> => {
    if (files.length === 0) return [];
    const sealer = await deps.vault.sealer(tenantId);
    return files.map(({ suffix, contents }, position) => ({
      position,
      suffix: suffix.toLowerCase(),
      sealedContents: sealer.seal(place(id, position), contents),
    }));
  };

  const drafted = (
    draft: SignatureDraft,
    id: string,
    qualificationId: string,
    now: number,
    said: SignatureSupplement = NO_SUPPLEMENT,
  ): Signature => ({
    id,
    name: draft.name,
    source: draft.source,
    codeOnly: draft.codeOnly,
    qualificationId,
    remark: draft.remark,
    state: 'in_review',
    reason: null,
    orderId: deps.ids.next(),
    createdAt: new Date(now),
    decidedAt: null,
    supplement: draft.supplement ?? said,
  });

  const cache = createVersionedCache<SendableSignature>({
    version: deps.registryVersion,
    maxEntries: MAX_CACHED,
    load(key) {
      const slash = key.indexOf('/');
      const tenantId = key.slice(0, slash);
      return deps.db.withTenants([tenantId], async (tx) => {
        const found = await findByName(tx, tenantId, key.slice(slash + 1));
        if (found === undefined) return undefined;
        const approved = await deps.approvedQualifications(tx, tenantId);
        const { id, name, codeOnly, state, qualificationId } = found;
        return { id, name, codeOnly, state, qualificationApproved: approved.includes(qualificationId) };
      });
    },
  });

  return {
    async create(tenantId, draft, actor) {
      checkDraft(draft);
      // A withdrawn signature of this name gives its id to the new one.
      const earlier = await deps.db.withTenants([tenantId], (tx) => findByName(tx, tenantId, draft.name));
      const id = earlier?.id ?? deps.ids.next();
      const files = await sealFiles(tenantId, id, draft.files ?? []);
      return deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          const current = await findByName(tx, tenantId, draft.name);
          if (current !== undefined && (current.state !== 'withdrawn' || current.id !== id)) {
            throw new DomainError(
              SIGNATURE_ERRORS.nameTaken,
              'The tenant has a signature of this name; update that one.',
            );
          }
          await checkLimits(tx, tenantId, now);
          const qualificationId = await chooseQualification(tx, tenantId, draft.qualificationId);
          const entry = { action: 'signature.requested', actor };
          return apply(tx, log, now, tenantId, drafted(draft, id, qualificationId, now), files, entry);
        },
      });
    },
    async update(tenantId, draft, actor) {
      checkDraft(draft);
      const { id } = await deps.db.withTenants([tenantId], (tx) => find(tx, tenantId, { name: draft.name }));
      const files = await sealFiles(tenantId, id, draft.files ?? []);
      return deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          const current = await find(tx, tenantId, { name: draft.name });
          const event = current.state === 'approved' ? 'revise' : 'resubmit';
          const state = nextApprovalState(current.state, event);
          if (state === undefined) throw notFound();
          const wanted = draft.qualificationId ?? current.qualificationId;
          const qualificationId = await chooseQualification(tx, tenantId, wanted);
          const renewed = drafted(draft, id, qualificationId, now, current.supplement);
          const next = { ...renewed, state, createdAt: current.createdAt };
          return apply(tx, log, now, tenantId, next, files, { action: 'signature.updated', actor });
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
          await replaceFiles(tx, tenantId, current.id, []);
          await deps.reviews.closeReview(
            { subject: 'signature', subjectId: current.id, tenantId },
            tx,
            log,
            now,
          );
          log.append({
            action: 'signature.deleted',
            actor,
            tenantId,
            subject: `sig_${current.id}`,
            facts: {},
          });
          log.changeRegistry();
        },
      }),
    get: (tenantId, which) => deps.db.withTenants([tenantId], (tx) => find(tx, tenantId, which)),
    list: (tenantId, page = EVERYTHING) =>
      deps.db.withTenants([tenantId], async (tx) => ({
        items: await listSignatures(tx, tenantId, page),
        total: (await countSignatures(tx, tenantId, new Date(0))).total,
      })),
    async readFile(tenantId, id, position, actor) {
      const file = await deps.db.withTenants([tenantId], (tx) => findFile(tx, tenantId, id, position));
      if (file === undefined) {
        throw new DomainError(
          SIGNATURE_ERRORS.fileNotFound,
          'The application has no such file; it may have been replaced or destroyed.',
        );
      }
      // The entry is durable before the file is shown.
      await deps.makeChange({
        tenants: [tenantId],
        async run(_tx, log) {
          const facts = { position };
          log.append({ action: 'signature.file.viewed', actor, tenantId, subject: `sig_${id}`, facts });
        },
      });
      const sealer = await deps.vault.sealer(tenantId);
      return showFile(id, position, sealer.open(place(id, position), file.sealedContents));
    },
    lookup: (tenantId, name) => cache.get(`${tenantId}/${name}`),
    async isKnown(tx, tenantId, name) {
      const found = await findByName(tx, tenantId, name);
      return found !== undefined && found.state !== 'withdrawn';
    },
    async onDecision(tx, log, { tenantId, subjectId }, { approve, reason, actor }, now) {
      const current = await findById(tx, tenantId, subjectId);
      const state = current && nextApprovalState(current.state, approve ? 'approve' : 'reject');
      if (current === undefined || state === undefined) {
        throw new DomainError(SIGNATURE_ERRORS.notInReview, 'This signature is not in review any more.');
      }
      if (approve) await chooseQualification(tx, tenantId, current.qualificationId);
      const decided = { state, reason: approve ? null : reason, decidedAt: new Date(now) };
      await storeState(tx, tenantId, subjectId, decided);
      log.append({ action: `signature.${state}`, actor, tenantId, subject: `sig_${subjectId}`, facts: {} });
      log.changeRegistry();
    },
    async describe(subjects) {
      const ids = subjects.map(({ subjectId }) => subjectId);
      const rows = await deps.db.sweep((tx) => readForReview(tx, ids));
      return new Map(
        rows.map((row) => [row.id, { title: `【${row.name}】`, facts: factsOf(row), text: null, spans: [] }]),
      );
    },
  };
}

function factsOf(row: SignatureForReview): ReviewFacts {
  const source = SOURCES[row.source];
  const { thirdParty, applyScene } = row.supplement;
  return {
    ...(source === undefined ? {} : { source }),
    use: row.codeOnly ? 'codes_only' : 'general',
    qualificationId: row.qualificationId,
    remark: row.remark,
    files: row.fileCount,
    ...(thirdParty === null ? {} : { thirdParty }),
    ...(applyScene === '' ? {} : { applyScene }),
  };
}
