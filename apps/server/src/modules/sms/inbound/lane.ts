import type { Flush, Lane } from '../../../platform/group-commit.ts';
import type { LogState } from '../../trust/audit/public.ts';
import { recordOptOuts } from '../opt-outs/public.ts';
import { queueInbound } from '../webhooks/public.ts';
import type { DropReason, InboundResult } from './model.ts';
import { type ReplyRow, storeReplies } from './store.ts';

/** What the service made of an inbound message before the commit. */
export type InboundWrite =
  | { kind: 'reply'; row: ReplyRow; optOut: { id: string; sealedNumber: Buffer } | null }
  | { kind: 'dropped'; carrierId: string; why: DropReason; numberDigest: string };

/** Stores replies, their opt-outs and their pushes in one transaction; the carrier is answered after it. */
export function inboundLane(deps: { wakePusher(): void }): Lane<InboundWrite, InboundResult, LogState> {
  return {
    name: 'inbound',
    tenantsOf: (write) => (write.kind === 'reply' ? [write.row.tenantId] : []),
    async run(flush, writes) {
      const replies = writes.filter((write) => write.kind === 'reply');
      if (replies.length > 0) {
        await storeReplies(
          flush.tx,
          replies.map(({ row }) => row),
        );
      }
      for (const write of writes) recordInbound(flush, write);
      await recordOptOuts(
        flush,
        replies.flatMap(({ row, optOut }) =>
          optOut === null
            ? []
            : [
                {
                  tenantId: row.tenantId,
                  id: optOut.id,
                  numberKey: row.numberKey,
                  sealedNumber: optOut.sealedNumber,
                  source: 'reply' as const,
                  actor: `carrier:${row.carrierId}`,
                },
              ],
        ),
      );
      await queueInbound(
        flush,
        replies.map(({ row }) => ({ tenantId: row.tenantId, inboundId: row.id })),
      );
      return writes.map((write) =>
        write.kind === 'reply'
          ? { kind: 'stored', tenantId: write.row.tenantId, id: write.row.id }
          : { kind: 'dropped', why: write.why },
      );
    },
    committed: () => deps.wakePusher(),
  };
}

function recordInbound(flush: Flush<LogState>, write: InboundWrite): void {
  if (write.kind === 'reply') {
    const { carrierId, tenantId, id, optOut } = write.row;
    flush.log.append({
      action: 'inbound.received',
      actor: `carrier:${carrierId}`,
      tenantId,
      subject: `inb_${id}`,
      facts: { optOut },
    });
    return;
  }
  flush.log.append({
    action: `inbound.${write.why}`,
    actor: `carrier:${write.carrierId}`,
    tenantId: null,
    subject: `num_${write.numberDigest}`,
    facts: {},
  });
}
