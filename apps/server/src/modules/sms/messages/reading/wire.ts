import { DomainError } from '../../../../platform/domain-error.ts';
import type { Envelope } from '../model.ts';
import { READING_ERRORS } from './errors.ts';
import { idRange, type Period, readBizId, readChinaDay } from './model.ts';
import { opener } from './opener.ts';
import type { MessageReading, ReadingDeps } from './service.ts';
import { boundTime } from './store/lists.ts';
import { countDays, readDetails, type SealedMessage } from './store/queries.ts';
import type { MessageDetails } from './views.ts';

/** What QuerySendDetails and QuerySendStatistics ask. */
export function wireReading(deps: ReadingDeps): Pick<MessageReading, 'details' | 'statistics'> {
  return {
    async details({ tenantId, e164, day, page, pageSize, bizId }) {
      const range = idRange(dayOrThrow(day));
      const callId = bizId === undefined || bizId === '' ? null : readBizId(bizId);
      if (callId === undefined) return { total: 0, rows: [] };
      const open = await opener(deps.vault, tenantId);
      const numberKey = deps.vault.numberKey(e164);
      const { total, rows } = await deps.db.withTenants([tenantId], (tx) =>
        readDetails(tx, {
          tenantId,
          numberKey,
          range,
          callId,
          limit: pageSize,
          offset: (page - 1) * pageSize,
        }),
      );
      return { total, rows: rows.map((row) => toDetails(row, open(row))) };
    },
    async statistics({ tenantId, fromDay, toDay, international, signName, kind, page, pageSize }) {
      const range = idRange({ from: dayOrThrow(fromDay).from, to: dayOrThrow(toDay).to });
      const days = await deps.db.withTenants([tenantId], async (tx) => {
        await boundTime(tx);
        return countDays(tx, {
          tenantId,
          range,
          international,
          signName: signName ?? null,
          kind: kind ?? null,
        });
      });
      return { total: days.length, rows: days.slice((page - 1) * pageSize, page * pageSize) };
    },
  };
}

function dayOrThrow(day: string): Period {
  const period = readChinaDay(day);
  if (period !== undefined) return period;
  throw new DomainError(
    READING_ERRORS.dayIllegal,
    'A date is a day of the calendar written yyyyMMdd, for example 20260131.',
  );
}

function toDetails(row: SealedMessage, envelope: Envelope | undefined): MessageDetails {
  return {
    phone: envelope?.phone ?? '',
    state: row.state,
    errCode: row.errCode,
    templateCode: row.templateCode,
    content: envelope?.text ?? '',
    acceptedAt: row.acceptedAt.getTime(),
    finalAt: row.finalAt?.getTime() ?? null,
    outId: envelope?.outId ?? null,
    kind: row.kind,
  };
}
