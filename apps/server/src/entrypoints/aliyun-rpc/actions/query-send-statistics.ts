import type { Action } from '../dispatch.ts';
import type { DysmsDeps, SendDay } from './deps.ts';
import { demand, MAX_PAGE, MAX_PAGE_SIZE, readDay, readInteger, readRequiredInteger, readText } from './parameters.ts';
import { DYSMS_VERSIONS } from './resources.ts';
import { templateKind } from './wire-words.ts';

/** IsGlobe: 1 for numbers in China, 2 for numbers abroad. */
const ABROAD = 2;
/** TemplateType 7 is digital messages, of which there are none here. */
const LARGEST_TEMPLATE_TYPE = 7;
const MAX_NAME_CHARACTERS = 64;

/** QuerySendStatistics: sent, delivered, failed and unanswered messages by day of UTC+8. */
export const querySendStatistics = ({ reading }: Pick<DysmsDeps, 'reading'>): Action => ({
  name: 'QuerySendStatistics',
  versions: DYSMS_VERSIONS,
  ramAction: 'dysms:QuerySendStatistics',
  required: ['IsGlobe', 'StartDate', 'EndDate', 'PageIndex', 'PageSize'],
  handle: async ({ params, principal }) => {
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
      tenantId: principal.tenantId,
      fromDay,
      toDay,
      international,
      ...(signName === null ? {} : { signName }),
      ...(kind === null ? {} : { kind }),
      page,
      pageSize,
    });
    return { Data: { TotalSize: found.total, TargetList: found.rows.map(target) } };
  },
});

const target = (row: SendDay) => ({
  SendDate: row.day,
  TotalCount: row.total,
  RespondedSuccessCount: row.success,
  RespondedFailCount: row.fail,
  NoRespondedCount: row.noReply,
});
