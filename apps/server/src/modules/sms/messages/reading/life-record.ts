import type { TemplateKind } from '@signet/sms-text';
import type { MessageState } from '../model.ts';

/** What a step found, as `messages.finding` keeps it: never personal data. */
export type Finding =
  | { step: 7; code: string }
  | { step: 8; labels: string[]; spans: { start: number; end: number; rule: string; label: string | null }[] }
  | { step: 9; code: string; scope: string; window: string; permits: number; freeAt: string };

export type SegmentState = 'accepted' | 'rejected' | 'unknown' | 'delivered' | 'undelivered' | 'expired';

/** Everything that is stored about one message, but its number and text. */
export type LifeRecord = {
  message: {
    callId: string;
    kind: TemplateKind;
    state: MessageState;
    errCode: string | null;
    finding: Finding | null;
    segmentCount: number;
    signName: string;
    templateCode: string;
    acceptedAt: Date;
    expiresAt: Date;
    finalAt: Date | null;
    auditIndex: string;
    /** False for refused ones and for numbers exempt from the limits. */
    counted: boolean;
  };
  segments: {
    attempt: number;
    segment: number;
    carrier: string;
    state: SegmentState;
    carrierMessageId: string | null;
    status: string | null;
    /** Why this carrier (step 12), a reason of sms/routing. */
    route: string;
    /** When the intent was durable (step 14). */
    intendedAt: Date;
    at: Date;
    receiptAt: Date | null;
  }[];
  /** Attempts that are recorded and have no outcome yet. */
  intents: { carrier: string; attempt: number; route: string; at: Date }[];
  review: { state: 'open' | 'approved' | 'rejected' | 'lapsed'; decidedAt: Date | null } | null;
  push: {
    state: 'waiting' | 'delivered' | 'dead';
    tries: number;
    lastStatus: string | null;
    createdAt: Date;
    nextAt: Date;
  } | null;
};
