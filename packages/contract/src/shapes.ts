import { z } from 'zod';

/** Ids are decimal strings: they exceed 2^53. */
export const id = z.string().regex(/^\d{1,19}$/);
export const instant = z.iso.datetime();
export const tenantParams = z.strictObject({ tenantId: id });
export const itemParams = z.strictObject({ tenantId: id, id });

export const MESSAGE_KINDS = ['code', 'notice', 'marketing', 'international'] as const;
export const messageKind = z.enum(MESSAGE_KINDS);

/** One state table for messages: modules/sms/messages/model.ts. */
export const MESSAGE_STATES = [
  'held',
  'accepted',
  'submitted',
  'in_doubt',
  'delivered',
  'undelivered',
  'refused',
  'expired',
] as const;
export const messageState = z.enum(MESSAGE_STATES);

export const APPROVAL_STATES = ['in_review', 'approved', 'rejected', 'withdrawn'] as const;
export const approvalState = z.enum(APPROVAL_STATES);

export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), total: z.number().int(), next: z.string().nullable() });
export const pageQuery = {
  /** Opaque cursor from the `next` of the page before. */
  cursor: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

export const user = z.object({
  id,
  name: z.string(),
  role: z.enum(['operator', 'reviewer', 'tenant']),
  /** Null for the operator's own staff. */
  tenantId: id.nullable(),
  mustChangePassword: z.boolean(),
  actions: z.array(z.string()),
});

export const message = z.object({
  id,
  bizId: z.string(),
  /** Masked (138****5678) unless unmasked on purpose. */
  phone: z.string(),
  signName: z.string(),
  templateCode: z.string(),
  kind: messageKind,
  state: messageState,
  errCode: z.string().nullable(),
  segments: z.number().int(),
  acceptedAt: instant,
  finalAt: instant.nullable(),
});

export const step = z.object({
  /** 1..20, the numbers of docs/life-of-a-message.md. */
  step: z.number().int(),
  name: z.string(),
  outcome: z.enum(['done', 'waiting', 'refused', 'skipped']),
  at: instant.nullable(),
  /** Machine-readable reason and facts; never personal data. */
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export const evidence = z.object({
  start: z.number().int(),
  end: z.number().int(),
  restored: z.string(),
  rule: z.string(),
  label: z.string().nullable(),
});

export const SCREENING_VERDICTS = ['pass', 'review', 'block'] as const;

export const messageDetail = message.extend({
  /** Null until unmasked: the text belongs to the tenant and may hold personal data. */
  content: z.string().nullable(),
  steps: z.array(step),
  attempts: z.array(
    z.object({
      carrier: z.string(),
      segment: z.number().int(),
      state: z.enum(['intended', 'accepted', 'rejected', 'unknown', 'delivered', 'undelivered', 'expired']),
      carrierMessageId: z.string().nullable(),
      status: z.string().nullable(),
      at: instant,
      receiptAt: instant.nullable(),
    }),
  ),
  screening: z
    .object({
      verdict: z.enum(SCREENING_VERDICTS),
      labels: z.array(z.string()),
      spans: z.array(evidence),
    })
    .nullable(),
  auditIndex: z.string().nullable(),
});

/** Codes of what a reviewer is told; the console has the words. */
export const SIGN_SOURCES = [
  'enterprise',
  'website',
  'app',
  'official_account',
  'shop',
  'trademark',
] as const;
export const SIGN_USES = ['codes_only', 'general'] as const;
export const CREDIT_CODE_CHECKS = ['right', 'wrong'] as const;

const text = z.string().optional();
const list = z.array(z.string()).readonly().optional();

/** What a reviewer is told of a subject, by name: values and codes, never prose of the server. */
export const reviewFacts = z.strictObject({
  // a qualification
  company: text,
  creditCode: text,
  /** Whether the check character of GB 32100-2015 is right. */
  creditCodeCheck: z.enum(CREDIT_CODE_CHECKS).optional(),
  legalPerson: text,
  ownUse: z.boolean().optional(),
  /** Masked. */
  contactPhone: text,
  // a signature
  source: z.enum(SIGN_SOURCES).optional(),
  use: z.enum(SIGN_USES).optional(),
  qualificationId: id.optional(),
  /** Applied for in the name of somebody else, as the applicant says. */
  thirdParty: z.boolean().optional(),
  /** How many files belong to the application: readReviewFile, from 0. */
  files: z.number().int().optional(),
  // a template
  code: text,
  /** Name → type of packages/sms-text. */
  variables: z.record(z.string(), z.string()).readonly().optional(),
  relatedSignName: text,
  trafficDriving: text,
  screening: z.enum(SCREENING_VERDICTS).optional(),
  // a message
  signature: text,
  template: text,
  rules: list,
  acceptedAt: instant.optional(),
  expiresAt: instant.optional(),
  // several
  kind: messageKind.optional(),
  labels: list,
  applyScene: text,
  remark: text,
});

/** What a file can be by its first octets; anything else is only to be saved. */
export const FILE_MEDIA_TYPES = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'application/pdf',
  'application/octet-stream',
] as const;
/** No answer holds a larger file. */
export const MAX_FILE_OCTETS = 2 * 1024 * 1024;

export const fileAnswer = z.object({
  name: z.string(),
  mediaType: z.enum(FILE_MEDIA_TYPES),
  contents: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
});

export const qualification = z.object({
  id,
  name: z.string(),
  company: z.string(),
  creditCode: z.string(),
  legalPerson: z.string(),
  ownUse: z.boolean(),
  state: approvalState,
  reason: z.string().nullable(),
  createdAt: instant,
  /** When the reviewer decided; null until then. */
  decidedAt: instant.nullable(),
});

export const signature = z.object({
  id,
  name: z.string(),
  /** SignSource of the wire: 0 enterprise, 1 website, 2 app, 3 official account, 4 shop, 5 trademark. */
  source: z.number().int().min(0).max(5),
  /** True for a signature that may only be used with codes (SignType 0). */
  codeOnly: z.boolean(),
  qualificationId: id,
  remark: z.string(),
  state: approvalState,
  reason: z.string().nullable(),
  createdAt: instant,
  /** When the reviewer decided; null until then. */
  decidedAt: instant.nullable(),
});

export const template = z.object({
  id,
  code: z.string(),
  name: z.string(),
  kind: messageKind,
  content: z.string(),
  /** Variable name → type of packages/sms-text. */
  variables: z.record(z.string(), z.string()),
  relatedSignName: z.string().nullable(),
  remark: z.string(),
  state: approvalState,
  reason: z.string().nullable(),
  createdAt: instant,
  /** When the reviewer decided; null until then. */
  decidedAt: instant.nullable(),
});

export const accessKey = z.object({
  id: z.string(),
  state: z.enum(['active', 'inactive']),
  remark: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
});

export const review = z.object({
  id,
  tenantId: id,
  tenantName: z.string(),
  subject: z.enum(['qualification', 'signature', 'template', 'message']),
  subjectId: id,
  /** What the reviewer needs for the decision and no more; a message's text is here, its number is not. */
  title: z.string(),
  facts: reviewFacts,
  text: z.string().nullable(),
  spans: z.array(evidence),
  state: z.enum(['open', 'approved', 'rejected', 'lapsed']),
  openedAt: instant,
  dueAt: instant,
  decidedAt: instant.nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
});

export const carrier = z.object({
  id,
  name: z.string(),
  host: z.string(),
  port: z.number().int(),
  tls: z.boolean(),
  systemId: z.string(),
  sourceAddress: z.string(),
  window: z.number().int(),
  perSecond: z.number().int(),
  enabled: z.boolean(),
  sandbox: z.boolean(),
  link: z.enum(['connecting', 'bound', 'throttled', 'closing', 'closed']),
  linkReason: z.string().nullable(),
  queued: z.number().int(),
});

export const carrierDraft = z.strictObject({
  name: z.string().trim().min(1).max(64),
  host: z.string().trim().min(1).max(253),
  port: z.number().int().min(1).max(65535),
  tls: z.boolean().default(false),
  systemId: z.string().min(1).max(15),
  password: z.string().max(8),
  // With 8 digits of extension it still fits source_addr (20, SMPP 3.4 clause 4.4.1).
  sourceAddress: z.string().regex(/^\d{1,12}$/),
  window: z.number().int().min(1).max(1000).default(32),
  perSecond: z.number().int().min(0).max(10000).default(0),
});

export const webhook = z.object({
  reportUrl: z.string().nullable(),
  inboundUrl: z.string().nullable(),
  state: z.enum(['healthy', 'retrying', 'failing', 'unset']),
  lastError: z.string().nullable(),
  waiting: z.number().int(),
  deadLetters: z.number().int(),
});

export const delivery = z.object({
  id,
  kind: z.enum(['report', 'inbound']),
  events: z.number().int(),
  state: z.enum(['waiting', 'delivered', 'dead']),
  attempts: z.number().int(),
  lastStatus: z.string().nullable(),
  createdAt: instant,
  nextAt: instant.nullable(),
});

export const phoneMessage = z.object({
  id: z.string(),
  direction: z.enum(['received', 'sent']),
  from: z.string(),
  to: z.string(),
  text: z.string(),
  segments: z.number().int(),
  at: instant,
});

export const PHONE_BEHAVIOURS = ['deliver', 'undeliverable', 'expire', 'reject', 'silent'] as const;
