import type { ConsoleApiDeps } from '../deps.ts';
import type { Handlers } from '../operation-call.ts';
import { idCursor } from '../request-parts.ts';

export function auditHandlers({ audit }: ConsoleApiDeps): Pick<Handlers, 'readAudit' | 'exportCheckpoint'> {
  return {
    async readAudit({ query: { cursor, limit } }) {
      const { entries, size } = await audit.read(idCursor(cursor), limit);
      const items = entries.map(({ index, at, action, actor, tenantId, subject, facts }) => ({
        index,
        at: new Date(at).toISOString(),
        action,
        actor,
        tenantId,
        subject,
        facts: JSON.stringify(facts),
      }));
      const last = items.length < limit ? undefined : items.at(-1)!.index;
      return { items, total: Number(size), next: last === undefined || last === '0' ? null : last };
    },
    async exportCheckpoint() {
      const { note, verifierKey, size } = await audit.checkpoint();
      return { checkpoint: note, verifierKey, size };
    },
  };
}
