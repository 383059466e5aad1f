import { describe, expect, it } from 'vitest';
import type { MessageDetails } from '../../../modules/sms/messages/public.ts';
import type { DysmsDeps } from './deps.ts';
import { answer, doors, type Sent, TENANT } from './testing/ask.ts';

/** 00:05 of the 22nd in UTC+8. */
const AT = Date.UTC(2026, 10, 21, 16, 5, 9);

describe('QuerySendDetails', () => {
  const query = { PhoneNumber: '+8613800138000', SendDate: '20261122', PageSize: '10', CurrentPage: '2' };
  const row: MessageDetails = {
    phone: '+8613800138000',
    state: 'delivered',
    errCode: 'DELIVERED',
    templateCode: 'SMS_1',
    content: '【示例】1234',
    acceptedAt: AT,
    finalAt: AT + 3_000,
    outId: 'o',
    kind: 'code',
  };
  const details = async (rows: readonly MessageDetails[], change: Sent = {}) => {
    const asked: unknown[] = [];
    const reading: DysmsDeps['reading'] = {
      ...doors.reading,
      details: async (wanted) => {
        asked.push(wanted);
        return { total: 11, rows: [...rows] };
      },
    };
    return { ...(await answer({ reading }, 'QuerySendDetails', { ...query, ...change })), asked };
  };

  it('answers in the words of the wire', async () => {
    const waiting = {
      ...row,
      phone: '+447400123456',
      state: 'held' as const,
      errCode: null,
      finalAt: null,
      outId: null,
    };
    const { asked, fields } = await details([row, waiting], { BizId: '7^0' });
    expect(asked).toEqual([
      { tenantId: TENANT, e164: '+8613800138000', day: '20261122', page: 2, pageSize: 10, bizId: '7^0' },
    ]);
    const common = { TemplateCode: 'SMS_1', Content: '【示例】1234', SendDate: '2026-11-22 00:05:09' };
    expect(fields).toEqual({
      TotalCount: 11,
      SmsSendDetailDTOs: {
        SmsSendDetailDTO: [
          {
            ...common,
            PhoneNum: '13800138000',
            SendStatus: 3,
            ErrCode: 'DELIVERED',
            ReceiveDate: '2026-11-22 00:05:12',
            OutId: 'o',
          },
          { ...common, PhoneNum: '447400123456', SendStatus: 1, ErrCode: '', ReceiveDate: '', OutId: '' },
        ],
      },
    });
  });

  it.each<[string, Sent, string]>([
    ['no number', { PhoneNumber: '12345' }, 'isv.MOBILE_NUMBER_ILLEGAL'],
    ['a day with dashes', { SendDate: '2026-11-22' }, 'isv.INVALID_PARAMETERS'],
    ['no day of the calendar', { SendDate: '20261131' }, 'isv.INVALID_PARAMETERS'],
    ['tomorrow', { SendDate: '20261123' }, 'isv.INVALID_PARAMETERS'],
    ['31 days ago', { SendDate: '20261022' }, 'isv.INVALID_PARAMETERS'],
    ['a page of 51', { PageSize: '51' }, 'isv.INVALID_PARAMETERS'],
    ['page 0', { CurrentPage: '0' }, 'isv.INVALID_PARAMETERS'],
    ['a page in words', { CurrentPage: 'one' }, 'isv.INVALID_PARAMETERS'],
    ['a BizId beyond all', { BizId: '1'.repeat(33) }, 'isv.INVALID_PARAMETERS'],
  ])('refuses %s', async (_what, change, code) => {
    const { asked, error } = await details([], change);
    expect(error).toMatchObject({ kind: 'business', code });
    expect(asked).toEqual([]);
  });

  it('takes the 30th day back', async () => {
    expect((await details([], { SendDate: '20261023' })).fields).toMatchObject({ TotalCount: 11 });
  });
});

describe('QuerySendStatistics', () => {
  const query = { IsGlobe: '1', StartDate: '20261120', EndDate: '20261122', PageIndex: '1', PageSize: '50' };
  const statistics = async (change: Sent = {}) => {
    const asked: unknown[] = [];
    const reading: DysmsDeps['reading'] = {
      ...doors.reading,
      statistics: async (wanted) => {
        asked.push(wanted);
        return { total: 3, rows: [{ day: '20261120', total: 4, success: 2, fail: 1, noreply: 1 }] };
      },
    };
    return { ...(await answer({ reading }, 'QuerySendStatistics', { ...query, ...change })), asked };
  };

  it('answers counts by day', async () => {
    const { asked, fields } = await statistics({ IsGlobe: '2', SignName: '示例', TemplateType: '2' });
    const wanted = { tenantId: TENANT, fromDay: '20261120', toDay: '20261122', page: 1, pageSize: 50 };
    expect(asked).toEqual([{ ...wanted, international: true, signName: '示例', kind: 'marketing' }]);
    expect(fields).toEqual({
      Data: {
        TotalSize: 3,
        TargetList: [
          {
            SendDate: '20261120',
            TotalCount: 4,
            RespondedSuccessCount: 2,
            RespondedFailCount: 1,
            NoRespondedCount: 1,
          },
        ],
      },
    });
  });

  it('has none for digital messages, and refuses what is out of range', async () => {
    const digital = await statistics({ TemplateType: '7' });
    expect([digital.fields, digital.asked]).toEqual([{ Data: { TotalSize: 0, TargetList: [] } }, []]);
    const wrong: Sent[] = [
      { IsGlobe: '3' },
      { EndDate: '20261119' },
      { TemplateType: '8' },
      { PageSize: '0' },
    ];
    for (const change of wrong) {
      expect((await statistics(change)).error).toMatchObject({ code: 'isv.INVALID_PARAMETERS' });
    }
  });
});
