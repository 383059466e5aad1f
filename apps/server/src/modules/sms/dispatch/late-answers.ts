import { storedIdKey } from '@signet/carrier-protocols/smpp';
import type { Tx } from '../../../platform/db.ts';
import type { Outcome } from '../carriers/public.ts';
import type { Ending, Outgoing } from '../messages/public.ts';
import { concludeLate, statusCode } from './model.ts';
import { type LateAnswerWrite, readAttempts, settleUnknown } from './store.ts';

/** What a carrier said, as against that it said nothing. */
export type AnsweredOutcome = Exclude<Outcome, { kind: 'unknown' }>;

/** The answer to one segment (from 1) of a stored attempt, after its timeout. */
export type LateAnswer = {
  kind: 'late';
  message: Outgoing;
  carrierId: string;
  segment: number;
  outcome: AnsweredOutcome;
};

/**
 * Stores answers that came after their timeout: an accepted segment gets the id by which its receipt is matched, a
 * refused one its status. A segment that has its fate already keeps it. Returns what follows for their messages; one that
 * is final stays so by the state table.
 */
export async function storeLateAnswers(tx: Tx, items: readonly LateAnswer[], now: number): Promise<Ending[]> {
  const settled = await settleUnknown(tx, items.map(toWrite), now);
  if (settled.length === 0) return [];
  const carriers = new Map(items.map(({ message, carrierId }) => [message.messageId, carrierId]));
  const attempts = Map.groupBy(await readAttempts(tx, settled), (row) => row.message_id);
  return [...attempts].flatMap(([messageId, rows]): Ending[] => {
    const conclusion = concludeLate(rows.map(({ state }) => state));
    if (conclusion === 'in_doubt') return [];
    return [
      {
        tenantId: rows[0]!.tenant_id,
        messageId,
        event: conclusion,
        errCode: conclusion === 'fail' ? rows.find(({ state }) => state === 'rejected')!.status : null,
        actor: `carrier:${carriers.get(messageId)!}`,
      },
    ];
  });
}

const toWrite = ({ message, segment, outcome }: LateAnswer): LateAnswerWrite => ({
  tenantId: message.tenantId,
  messageId: message.messageId,
  attempt: message.attempt,
  segment,
  state: outcome.kind,
  carrierKey: outcome.kind === 'accepted' ? storedIdKey(outcome.carrierMessageId) : null,
  carrierMessageId: outcome.kind === 'accepted' ? outcome.carrierMessageId : null,
  status: outcome.kind === 'rejected' ? statusCode(outcome.status) : null,
});
