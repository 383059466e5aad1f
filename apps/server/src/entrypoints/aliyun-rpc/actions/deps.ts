import type { TemplateKind } from '@signet/sms-text';
import type { MessageState, Refusal, SendAnswer, SendCall } from '../../../modules/sms/messages/public.ts';
import type { ApprovalState } from './wire-words.ts';

/** Who asks, and for whom; `actor` is `key:<AccessKeyId>`, for the audit log. */
export type Asking = { readonly tenantId: string; readonly actor: string };

/** One recipient in QuerySendDetails. */
export type SendDetail = {
  /** E.164. */
  readonly phone: string;
  readonly state: MessageState;
  readonly errCode: string | null;
  readonly templateCode: string;
  /** `【sign】content`. */
  readonly content: string;
  readonly acceptedAt: Date;
  readonly finalAt: Date | null;
  readonly outId: string | null;
};

/** One day of QuerySendStatistics; `day` is `yyyyMMdd` in UTC+8. */
export type SendDay = {
  readonly day: string;
  readonly total: number;
  readonly success: number;
  readonly fail: number;
  readonly noReply: number;
};

export type DetailsQuery = {
  readonly tenantId: string;
  readonly e164: string;
  readonly day: string;
  readonly page: number;
  readonly pageSize: number;
  readonly bizId?: string;
};

export type StatisticsQuery = {
  readonly tenantId: string;
  readonly fromDay: string;
  readonly toDay: string;
  readonly international: boolean;
  readonly signName?: string;
  readonly kind?: TemplateKind;
  readonly page: number;
  readonly pageSize: number;
};

export type Page<T> = { readonly total: number; readonly rows: readonly T[] };
export type PageQuery = { readonly tenantId: string; readonly page: number; readonly pageSize: number };

/** What the answers show of a signature or a template alike. */
export type Registered = {
  readonly state: ApprovalState;
  readonly reason: string | null;
  readonly remark: string;
  readonly orderId: string;
  readonly createdAt: Date;
};

export type SignatureShown = Registered & {
  readonly id: string;
  readonly name: string;
  readonly codeOnly: boolean;
  readonly qualificationId: string | null;
};

export type SignatureDraft = {
  readonly name: string;
  /** SignSource of the wire, 0 to 5. */
  readonly source: number;
  readonly codeOnly: boolean;
  /** Null through the old action names, which know no qualification. */
  readonly qualificationId: string | null;
  readonly remark: string;
  readonly files: readonly { readonly suffix: string; readonly contents: Buffer }[];
};

export type TemplateShown = Registered & {
  readonly code: string;
  readonly name: string;
  readonly kind: TemplateKind;
  readonly content: string;
  /** Variable name → type name of packages/sms-text. */
  readonly variables: Readonly<Record<string, string>>;
  readonly relatedSignName: string | null;
};

export type TemplateDraft = {
  readonly name: string;
  readonly kind: TemplateKind;
  readonly content: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly relatedSignName: string | null;
  readonly remark: string;
};

/** The doors that the actions of dysms 2017-05-25 use. Expected refusals are thrown as DomainError. */
export type DysmsDeps = {
  /** Steps 3 to 10. */
  send(call: SendCall): Promise<SendAnswer>;
  /** Stores a refusal that was found before the steps; a repeat of a known Idempotency-Key gets that answer. */
  refuse(call: SendCall, refusal: Refusal): Promise<SendAnswer>;
  /** A keyed digest. */
  digest(text: string): Buffer;
  reading: {
    details(query: DetailsQuery): Promise<Page<SendDetail>>;
    statistics(query: StatisticsQuery): Promise<Page<SendDay>>;
  };
  signatures: {
    create(asking: Asking, draft: SignatureDraft): Promise<SignatureShown>;
    update(asking: Asking, name: string, draft: SignatureDraft): Promise<SignatureShown>;
    remove(asking: Asking, name: string): Promise<void>;
    find(tenantId: string, name: string): Promise<SignatureShown | undefined>;
    page(query: PageQuery): Promise<Page<SignatureShown>>;
  };
  templates: {
    create(asking: Asking, draft: TemplateDraft): Promise<TemplateShown>;
    update(asking: Asking, code: string, draft: TemplateDraft): Promise<TemplateShown>;
    remove(asking: Asking, code: string): Promise<void>;
    find(tenantId: string, code: string): Promise<TemplateShown | undefined>;
    page(query: PageQuery): Promise<Page<TemplateShown>>;
  };
  /** Qualifications of a tenant, for an id that a client rounded (wire-words.ts, sameWireId). */
  qualifications(tenantId: string): Promise<readonly { readonly id: string; readonly ownUse: boolean }[]>;
};
