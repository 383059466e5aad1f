import type { Database } from '../../../platform/db.ts';
import type { MakeChange } from '../../trust/audit/public.ts';
import { moveMessages } from '../messages/public.ts';
import { queueReports } from '../webhooks/public.ts';
import { unknownSegments } from './model.ts';
import { readOldestChunks, readQueued, removeFinished, storeSegments } from './store.ts';

// A batch call has one chunk for all its recipients, so chunks of a change are few.
const CHUNKS_A_CHANGE = 20;

/**
 * Puts everything in doubt that the outbox of a restored backup holds, due or not, and empties it: the server that the
 * backup was taken from may have gone on and sent it since, or may still, over any carrier. Each segment says `restored`;
 * no receipt can be told to be of it, so it ends as all that is never answered (sms/messages, keeping).
 *
 * @param takenAt ms: the moment of the backup, from which on the other server may have sent them
 * @returns how many messages are in doubt now
 */
export async function doubtQueue(
  deps: { db: Database; makeChange: MakeChange },
  takenAt: number,
): Promise<number> {
  let doubted = 0;
  for (;;) {
    const chunks = await deps.db.sweep((tx) => readOldestChunks(tx, CHUNKS_A_CHANGE));
    if (chunks.length === 0) return doubted;
    const chunkIds = chunks.map(({ id }) => id);
    doubted += await deps.makeChange({
      tenants: [...new Set(chunks.flatMap((chunk) => chunk.tenant_ids))],
      async run(tx, log, now) {
        const queued = await readQueued(tx, chunkIds);
        if (queued.length > 0) {
          const segments = queued.flatMap((one) =>
            unknownSegments({
              tenantId: one.tenant_id,
              messageId: one.id,
              attempt: one.attempt,
              segmentCount: one.segment_count,
              carrierId: null,
              status: 'restored',
              route: 'restored',
              intendedAt: takenAt,
            }),
          );
          await storeSegments(tx, segments, now);
          const endings = queued.map((one) => ({
            tenantId: one.tenant_id,
            messageId: one.id,
            event: 'doubt' as const,
            errCode: null,
            actor: 'system:restore',
          }));
          await moveMessages({ tx, log, now }, endings, queueReports);
        }
        await removeFinished(tx, chunkIds, []);
        return queued.length;
      },
    });
  }
}
