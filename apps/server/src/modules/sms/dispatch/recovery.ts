import type { Database } from '../../../platform/db.ts';
import type { MakeChange } from '../../trust/audit/public.ts';
import type { Vault } from '../../trust/vault/public.ts';
import { moveMessages, type Outgoing, openEnvelope } from '../messages/public.ts';
import { queueReports } from '../webhooks/public.ts';
import type { Dispatcher } from './dispatcher.ts';
import { type LostAttempt, unknownSegments } from './model.ts';
import {
  type ClaimedChunk,
  type ClaimedMessage,
  claimChunks,
  type OrphanAttempt,
  readClaimed,
  readOpenAttempts,
  readOrphanAttempts,
  releaseOrphanChunks,
  removeFinished,
  storeSegments,
} from './store.ts';

export type Recovery = {
  /** Puts in doubt what a process that is gone had intended, then frees its chunks. */
  settleOrphans(): Promise<number>;
  /** Claims due chunks that nobody owns, as long as the dispatcher has room. Returns how many messages it took. */
  claim(): Promise<number>;
};

const CHUNKS_A_CLAIM = 50;
const ROOM_WANTED = 2_000;

export function createRecovery(deps: {
  db: Database;
  vault: Vault;
  makeChange: MakeChange;
  dispatcher: Pick<Dispatcher, 'hasRoom' | 'take'>;
  owner: string;
  now(): number;
}): Recovery {
  const toOutgoing = async (row: ClaimedMessage, attempt: number): Promise<Outgoing> => {
    const sealer = await deps.vault.sealer(row.tenant_id);
    const envelope = openEnvelope(
      sealer.open({ table: 'messages', column: 'sealed', row: row.id }, row.sealed!),
    );
    return {
      tenantId: row.tenant_id,
      messageId: row.id,
      e164: envelope.phone,
      domestic: envelope.phone.startsWith('+86'),
      text: envelope.text,
      extendCode: envelope.extendCode,
      expiresAt: row.expires_at.getTime(),
      attempt,
    };
  };

  const take = async (chunk: ClaimedChunk): Promise<number> => {
    const rows = await deps.db.sweep((tx) => readClaimed(tx, chunk.tenant_ids, chunk.message_ids));
    // One with an outcome that is no plain rejection is done here: submitted, in doubt or final. One whose rejection
    // was stored is due in the newer chunk of its next attempt.
    const open = rows.filter(
      (row) =>
        row.sealed !== null &&
        row.state === 'accepted' &&
        !row.last_unfinished &&
        (row.last_attempt ?? 0) + 1 === chunk.attempt,
    );
    if (open.length === 0) {
      await deps.db.sweep((tx) => removeFinished(tx, [chunk.id], []));
      return 0;
    }
    deps.dispatcher.take(chunk.id, await Promise.all(open.map((row) => toOutgoing(row, chunk.attempt))));
    return open.length;
  };

  /**
   * The messages of one intent without an outcome: nobody knows which of their segments went out, so each segment is
   * marked, and none is sent. A receipt may still settle it (sms/receipts).
   */
  const putInDoubt = (attempt: OrphanAttempt): Promise<number> =>
    deps.makeChange({
      tenants: [...new Set(attempt.tenant_ids)],
      async run(tx, log, now) {
        const { tenant_ids, message_ids, attempt_numbers } = attempt;
        const open = await readOpenAttempts(tx, tenant_ids, message_ids, attempt_numbers);
        if (open.length > 0) {
          const lost = open.map(({ message_id, segment_count }): LostAttempt => {
            const place = message_ids.indexOf(message_id);
            return {
              tenantId: tenant_ids[place]!,
              messageId: message_id,
              attempt: attempt_numbers[place]!,
              segmentCount: segment_count,
              carrierId: attempt.carrier_id,
              status: 'process_lost',
              route: attempt.routes[place]!,
              intendedAt: attempt.at.getTime(),
            };
          });
          await storeSegments(tx, lost.flatMap(unknownSegments), now);
          const endings = lost.map(({ tenantId, messageId }) => ({
            tenantId,
            messageId,
            event: 'doubt' as const,
            errCode: null,
            actor: 'system:recovery',
          }));
          await moveMessages({ tx, log, now }, endings, queueReports);
        }
        await removeFinished(tx, [], [attempt.id]);
        return open.length;
      },
    });

  return {
    async settleOrphans() {
      const orphans = await deps.db.sweep(readOrphanAttempts);
      let doubted = 0;
      for (const orphan of orphans) doubted += await putInDoubt(orphan);
      await deps.db.sweep(releaseOrphanChunks);
      return doubted;
    },
    async claim() {
      let taken = 0;
      while (deps.dispatcher.hasRoom(ROOM_WANTED)) {
        const chunks = await deps.db.sweep((tx) => claimChunks(tx, deps.owner, deps.now(), CHUNKS_A_CLAIM));
        for (const chunk of chunks) taken += await take(chunk);
        if (chunks.length < CHUNKS_A_CLAIM) break;
      }
      return taken;
    },
  };
}
