import type { Tx } from '../../../platform/db.ts';
import type { OpenLog } from '../../trust/audit/public.ts';
import { isFinal, MESSAGE_STATES, type MessageEvent, type MessageState } from './model.ts';
import { moveStates } from './store.ts';

export type Ending = {
  tenantId: string;
  messageId: string;
  event: Exclude<MessageEvent, 'release'>;
  /** The carrier's or the platform's word for why; DELIVERED for success (reference §8, receipt codes). */
  errCode: string | null;
  actor: string;
};

/** The part of a group commit, or of a change, that writing needs. */
export type Writing = { tx: Tx; log: OpenLog; now: number };

const EVENTS: readonly MessageEvent[] = ['doubt', 'clear', 'deliver', 'fail', 'expire', 'reject'];

/**
 * Moves messages along the state table inside a group commit, with an audit entry each, and queues the reports of those
 * that became final. An event that has no row for the stored state changes nothing: it is returned as late.
 */
export async function moveMessages(
  flush: Writing,
  endings: readonly Ending[],
  queueReports: (flush: Writing, finals: readonly { tenantId: string; messageId: string }[]) => Promise<void>,
): Promise<{ late: number }> {
  let moved = 0;
  const finals: { tenantId: string; messageId: string }[] = [];
  for (const event of EVENTS) {
    const batch = endings.filter((ending) => ending.event === event);
    if (batch.length === 0) continue;
    const { from, to } = rows(event);
    const done = await moveStates(flush.tx, batch, from, to, flush.now);
    const byId = new Map(batch.map((ending) => [ending.messageId, ending]));
    for (const messageId of done) {
      const ending = byId.get(messageId)!;
      flush.log.append({
        // `message.accepted` is the entry of step 10.
        action: event === 'clear' ? 'message.cleared' : `message.${to}`,
        actor: ending.actor,
        tenantId: ending.tenantId,
        subject: `msg_${messageId}`,
        facts: { code: ending.errCode },
      });
      if (isFinal(to)) finals.push({ tenantId: ending.tenantId, messageId });
    }
    moved += done.length;
  }
  if (finals.length > 0) await queueReports(flush, finals);
  return { late: endings.length - moved };
}

/** The rows of the state table with this event: all lead to one state. */
function rows(event: MessageEvent): { from: MessageState[]; to: MessageState } {
  const states = Object.keys(MESSAGE_STATES) as MessageState[];
  const from = states.filter((state) => MESSAGE_STATES[state][event] !== undefined);
  return { from, to: MESSAGE_STATES[from[0]!][event]! };
}
