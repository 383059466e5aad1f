import { firstIdAt } from '../../../../platform/ids.ts';
import type { Envelope, SendAnswer } from '../model.ts';
import { iso } from './model.ts';
import { opener } from './opener.ts';
import type { MessageReading, ReadingDeps } from './service.ts';
import { type DetailMessage, readMessages } from './store/detail.ts';
import { readAnswer, readByIds, readLastSender, type SealedMessage } from './store/queries.ts';
import type { MessageReport, MessageReview } from './views.ts';

const REPLY_WINDOW_MS = 7 * 86_400_000;

/** What other modules ask: the accept path, the pushes, the reviewers' desk, the replies. */
export function answersToModules(
  deps: ReadingDeps,
): Pick<MessageReading, 'reports' | 'describe' | 'reviewFacts' | 'lastSender' | 'storedAnswer'> {
  const describe: MessageReading['describe'] = async (subjects) => {
    const wanted = subjects.map(({ tenantId, subjectId }) => ({ tenantId, id: subjectId }));
    const tenantIds = [...new Set(subjects.map(({ tenantId }) => tenantId))];
    const rows = await deps.db.withTenants(tenantIds, (tx) => readMessages(tx, wanted));
    const facts = await Promise.all(rows.map((row) => reviewFacts(deps, row)));
    return new Map(rows.map((row, i) => [row.id, facts[i]!]));
  };
  return {
    async reports(tenantId, ids) {
      const open = await opener(deps.vault, tenantId);
      const rows = await deps.db.withTenants([tenantId], (tx) => readByIds(tx, tenantId, ids));
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.flatMap((id) => {
        const row = byId.get(id);
        const envelope = row && open(row);
        return row === undefined || envelope === undefined || row.finalAt === null
          ? []
          : [toReport(row, row.finalAt, envelope)];
      });
    },
    describe,
    reviewFacts: async (tenantId, subjectId) => (await describe([{ tenantId, subjectId }])).get(subjectId),
    lastSender: (numberKey) =>
      deps.db.sweep((tx) => readLastSender(tx, numberKey, firstIdAt(deps.now() - REPLY_WINDOW_MS))),
    async storedAnswer(tenantId, keyDigest) {
      const stored = await deps.db.withTenants([tenantId], (tx) =>
        readAnswer(tx, tenantId, keyDigest, new Date(deps.now())),
      );
      return stored && { bodyDigest: stored.bodyDigest, answer: stored.answer as SendAnswer };
    },
  };
}

function toReport(row: SealedMessage, finalAt: Date, { phone, outId }: Envelope): MessageReport {
  return {
    messageId: row.id,
    callId: row.callId,
    phone,
    acceptedAt: row.acceptedAt.getTime(),
    finalAt: finalAt.getTime(),
    state: row.state,
    errCode: row.errCode,
    segmentCount: row.segmentCount,
    outId,
  };
}

/** Labels and evidence come from screening again: the record keeps no words of the text. */
async function reviewFacts(deps: ReadingDeps, row: DetailMessage): Promise<MessageReview> {
  const text = (await opener(deps.vault, row.tenantId))(row)?.text ?? '';
  const { labels, spans } = deps.screen(text, { messageKind: row.kind, signName: row.signName });
  return {
    title: `【${row.signName}】 ${row.templateCode}`,
    facts: {
      signature: row.signName,
      template: row.templateCode,
      kind: row.kind,
      labels,
      rules: [...new Set(spans.map((span) => span.rule))],
      acceptedAt: iso(row.acceptedAt),
      expiresAt: iso(row.expiresAt),
    },
    text,
    spans: spans.map(({ start, end, restored, rule, label }) => ({
      start,
      end,
      restored,
      rule,
      label: label ?? null,
    })),
  };
}
