import type { Action } from '../dispatch.ts';
import type { DysmsDeps } from './deps.ts';
import { dysmsAction } from './dysms-action.ts';
import {
  demand,
  MAX_PAGE,
  MAX_PAGE_SIZE,
  readDay,
  readInteger,
  readRequiredInteger,
  readText,
} from './parameters.ts';
import { templateKind } from './wire-words.ts';

/** IsGlobe: 1 for numbers in China, 2 for numbers abroad. */
const ABROAD = 2;
/** TemplateType 7 is digital messages, of which there are none here. */
const LARGEST_TEMPLATE_TYPE = 7;
const MAX_NAME_CHARACTERS = 64;

/** QuerySendStatistics: sent, delivered, failed and unanswered messages by day of UTC+8. */
export const querySendStatistics = ({ reading }: Pick<DysmsDeps, 'reading'>): Action =>
  dysmsAction('QuerySendStatistics', {
    required: ['IsGlobe', 'StartDate', 'EndDate', 'PageIndex', 'PageSize'],
    handle: async ({ params }, { tenantId }) => {
      const international = readRequiredInteger(params, 'IsGlobe', [1, ABROAD]) === ABROAD;
      const fromDay = readDay(params, 'StartDate');
      const toDay = readDay(params, 'EndDate');
      demand(fromDay <= toDay, 'EndDate', 'no earlier than StartDate');
      const page = readRequiredInteger(params, 'PageIndex', [1, MAX_PAGE]);
      const pageSize = readRequiredInteger(params, 'PageSize', [1, MAX_PAGE_SIZE]);
      const signName = readText(params, 'SignName', MAX_NAME_CHARACTERS, null);
      const templateType = readInteger(params, 'TemplateType', [0, LARGEST_TEMPLATE_TYPE], null);
      const kind = templateType === null ? null : templateKind(templateType);
      if (kind === undefined) return { Data: { TotalSize: 0, TargetList: [] } };
      const found = await reading.statistics({
        tenantId,
        fromDay,
        toDay,
        international,
        signName: signName ?? undefined,
        kind: kind ?? undefined,
        page,
        pageSize,
      });
      return { Data: { TotalSize: found.total, TargetList: found.rows.map(target) } };
    },
  });

type Days = Awaited<ReturnType<DysmsDeps['reading']['statistics']>>;

const target = (row: Days['rows'][number]) => ({
  SendDate: row.day,
  TotalCount: row.total,
  RespondedSuccessCount: row.success,
  RespondedFailCount: row.fail,
  NoRespondedCount: row.noreply,
});
