import type { TemplateKind } from '@signet/sms-text';
import type { ApprovalState } from '../../../modules/trust/approvals/public.ts';

/** SignStatus and TemplateStatus (reference aliyun-openapi §7, value lists). */
export const STATUS_NUMBER: Readonly<Record<ApprovalState, number>> = {
  in_review: 0,
  approved: 1,
  rejected: 2,
  withdrawn: 10,
};

/** AuditStatus in QuerySmsSignList. */
export const SIGN_AUDIT_STATUS: Readonly<Record<ApprovalState, string>> = {
  in_review: 'AUDIT_STATE_INIT',
  approved: 'AUDIT_STATE_PASS',
  rejected: 'AUDIT_STATE_NOT_PASS',
  withdrawn: 'AUDIT_STATE_CANCEL',
};

/** AuditStatus in QuerySmsTemplateList: the vendor's misspelling is what its clients compare with. */
export const TEMPLATE_AUDIT_STATUS: Readonly<Record<ApprovalState, string>> = {
  ...SIGN_AUDIT_STATUS,
  withdrawn: 'AUDIT_SATE_CANCEL',
};

/** TemplateType of every action but QuerySmsTemplateList, which calls this scale OuterTemplateType. */
export const TEMPLATE_TYPE: Readonly<Record<TemplateKind, number>> = {
  code: 0,
  notice: 1,
  marketing: 2,
  international: 3,
};

/** TemplateType of QuerySmsTemplateList only. */
export const LISTED_TEMPLATE_TYPE: Readonly<Record<TemplateKind, number>> = {
  notice: 0,
  marketing: 1,
  code: 2,
  international: 6,
};

/** The kind of a TemplateType on the usual scale; undefined for one that we do not have (7: digital). */
export function templateKind(templateType: number): TemplateKind | undefined {
  const kinds = Object.keys(TEMPLATE_TYPE) as TemplateKind[];
  return kinds.find((kind) => TEMPLATE_TYPE[kind] === templateType);
}

/** SignType: 0 for codes only, 1 for all uses. */
export const CODE_ONLY_SIGN_TYPE = 0;

const CHINA_OFFSET_MS = 8 * 3_600_000;

/** An instant in ms as `yyyy-MM-dd HH:mm:ss` in UTC+8, the dates of all SMS answers. */
export const wireTime = (ms: number): string =>
  new Date(ms + CHINA_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');

type Decided = { state: ApprovalState; reason: string | null; decidedAt: Date | null };

/** AuditInfo: when it was decided, approvals too, and why not. Undated while it waits. */
export const verdict = ({ reason, decidedAt }: Decided) => ({
  ...(decidedAt === null ? {} : { AuditDate: wireTime(decidedAt.getTime()) }),
  RejectInfo: reason ?? '',
});

/** Reason of the two lists; its date is one of a rejection. */
export const rejection = ({ state, reason, decidedAt }: Decided) => ({
  ...(state !== 'rejected' || decidedAt === null ? {} : { RejectDate: wireTime(decidedAt.getTime()) }),
  RejectInfo: reason ?? '',
  RejectSubInfo: '',
});

/** The day of UTC+8 that holds an instant in ms, as `yyyyMMdd`. */
export const wireDay = (ms: number): string => wireTime(ms).slice(0, 10).replaceAll('-', '');

/** A number as the vendor writes it in answers: bare in China, country code and number abroad. */
export const wireNumber = (e164: string): string =>
  e164.startsWith('+86') ? e164.slice('+86'.length) : e164.slice('+'.length);
