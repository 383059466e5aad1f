import { readNumber } from '@signet/sms-text';
import type { MessageDetails } from '../../../modules/sms/messages/public.ts';
import { sendStatus } from '../../../modules/sms/messages/public.ts';
import type { Action } from '../dispatch.ts';
import { businessError } from '../errors.ts';
import { param } from '../params.ts';
import type { DysmsDeps } from './deps.ts';
import { dysmsAction } from './dysms-action.ts';
import { demand, MAX_PAGE, MAX_PAGE_SIZE, readDay, readRequiredInteger, readText } from './parameters.ts';
import { wireDay, wireNumber, wireTime } from './wire-words.ts';

const DAY_MS = 86_400_000;
/** SendDate is one of the last 30 days (reference §7). */
const DAYS_KEPT = 30;
const MAX_BIZ_ID_CHARACTERS = 32;

/** QuerySendDetails: what became of the messages to one number on one day of UTC+8, newest first. */
export const querySendDetails = ({ reading }: Pick<DysmsDeps, 'reading'>): Action =>
  dysmsAction('QuerySendDetails', {
    required: ['PhoneNumber', 'SendDate', 'PageSize', 'CurrentPage'],
    handle: async ({ params, now }, { tenantId }) => {
      const number = readNumber(param(params, 'PhoneNumber') ?? '');
      if (!number.ok)
        return businessError(
          'isv.MOBILE_NUMBER_ILLEGAL',
          '手机号码格式错误 (PhoneNumber is no mobile number)',
        );
      const day = readDay(params, 'SendDate');
      const oldest = wireDay(now - DAYS_KEPT * DAY_MS);
      demand(day >= oldest && day <= wireDay(now), 'SendDate', `one of the last ${DAYS_KEPT} days`);
      const page = readRequiredInteger(params, 'CurrentPage', [1, MAX_PAGE]);
      const pageSize = readRequiredInteger(params, 'PageSize', [1, MAX_PAGE_SIZE]);
      const bizId = readText(params, 'BizId', MAX_BIZ_ID_CHARACTERS, null);
      const found = await reading.details({
        tenantId,
        e164: number.e164,
        day,
        page,
        pageSize,
        bizId: bizId ?? undefined,
      });
      return { TotalCount: found.total, SmsSendDetailDTOs: { SmsSendDetailDTO: found.rows.map(detail) } };
    },
  });

/** A date or code that there is not yet is empty text, as the typings promise text. */
const detail = (row: MessageDetails) => ({
  PhoneNum: wireNumber(row.phone),
  SendStatus: sendStatus(row.state),
  ErrCode: row.errCode ?? '',
  TemplateCode: row.templateCode,
  Content: row.content,
  SendDate: wireTime(row.acceptedAt),
  ReceiveDate: row.finalAt === null ? '' : wireTime(row.finalAt),
  OutId: row.outId ?? '',
});
