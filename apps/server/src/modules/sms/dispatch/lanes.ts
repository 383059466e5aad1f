import type { Lane } from '../../../platform/group-commit.ts';
import type { Ids } from '../../../platform/ids.ts';
import type { LogState } from '../../trust/audit/public.ts';
import { type Ending, moveMessages, type Outgoing } from '../messages/public.ts';
import { queueReports } from '../webhooks/public.ts';
import { type LateAnswer, storeLateAnswers } from './late-answers.ts';
import type { Conclusion, SegmentWrite } from './model.ts';
import { type AttemptRow, removeFinished, storeAttempts, storeChunks, storeSegments } from './store.ts';

/** Step 14: the intent, durable before anything goes on the wire. */
export const attemptLane = (): Lane<AttemptRow, void, LogState> => ({
  name: 'attempts',
  tenantsOf: () => [],
  async run(flush, attempts) {
    flush.later(storeAttempts(flush.tx, attempts));
    return attempts.map(() => undefined);
  },
});

export type OutcomeItem =
  | {
      kind: 'outcome';
      message: Outgoing;
      carrierId: string;
      segments: SegmentWrite[];
      conclusion: Conclusion;
    }
  | LateAnswer
  | { kind: 'expired'; message: Outgoing }
  | { kind: 'finished'; chunkId: string | null; attemptId: string | null };

/** Step 16: what the carrier said, with what follows from it, in one transaction. */
export function outcomeLane(deps: {
  ids: Ids;
  /** After the commit: tenants of messages that became final or doubtful. */
  onFinal(tenantIds: readonly string[]): void;
}): Lane<OutcomeItem, void, LogState> {
  let ended: string[] = [];
  return {
    name: 'outcomes',
    tenantsOf: (item) => (item.kind === 'finished' ? [] : [item.message.tenantId]),
    async run(flush, items) {
      const segments: SegmentWrite[] = [];
      const endings: Ending[] = [];
      const retries: {
        id: string;
        messageIds: string[];
        tenantIds: string[];
        attempt: number;
        notBefore: number;
      }[] = [];
      const chunkIds: string[] = [];
      const attemptIds: string[] = [];
      const lateAnswers: LateAnswer[] = [];
      for (const item of items) {
        if (item.kind === 'finished') {
          if (item.chunkId !== null) chunkIds.push(item.chunkId);
          if (item.attemptId !== null) attemptIds.push(item.attemptId);
          continue;
        }
        if (item.kind === 'late') {
          lateAnswers.push(item);
          continue;
        }
        const { tenantId, messageId } = item.message;
        if (item.kind === 'expired') {
          endings.push({
            tenantId,
            messageId,
            event: 'expire',
            errCode: 'EXPIRED',
            actor: 'system:dispatch',
          });
          continue;
        }
        segments.push(...item.segments);
        const { conclusion } = item;
        const actor = `carrier:${item.carrierId}`;
        if (conclusion.kind === 'failed')
          endings.push({ tenantId, messageId, event: 'fail', errCode: conclusion.errCode, actor });
        if (conclusion.kind === 'in_doubt')
          endings.push({ tenantId, messageId, event: 'doubt', errCode: null, actor });
        if (conclusion.kind === 'retry') {
          const attempt = item.message.attempt + 1;
          retries.push({
            id: deps.ids.next(),
            messageIds: [messageId],
            tenantIds: [tenantId],
            attempt,
            notBefore: conclusion.notBefore,
          });
        }
      }
      if (segments.length > 0) flush.later(storeSegments(flush.tx, segments, flush.now));
      if (lateAnswers.length > 0) endings.push(...(await storeLateAnswers(flush.tx, lateAnswers, flush.now)));
      ended = [...new Set(endings.map((ending) => ending.tenantId))];
      if (endings.length > 0) await moveMessages(flush, endings, queueReports);
      if (retries.length > 0) flush.later(storeChunks(flush.tx, retries));
      if (chunkIds.length + attemptIds.length > 0)
        flush.later(removeFinished(flush.tx, chunkIds, attemptIds));
      return items.map(() => undefined);
    },
    committed() {
      if (ended.length > 0) deps.onFinal(ended);
    },
  };
}
