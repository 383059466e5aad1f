import type { TemplateKind } from '@signet/sms-text';
import type { ReviewFacts } from '../../../trust/approvals/public.ts';
import type { MessageState } from '../model.ts';
import type { StepView } from './life-view.ts';
import type { ShownState } from './model.ts';

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

export type EvidenceView = {
  start: number;
  end: number;
  restored: string;
  rule: string;
  label: string | null;
};

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
export type MessageReview = {
  title: string;
  facts: ReviewFacts;
  text: string;
  spans: EvidenceView[];
};

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

export type Page<Item> = { items: Item[]; total: number; next: string | null };

export type OverviewDay = { day: string; total: number; delivered: number; failed: number; waiting: number };
