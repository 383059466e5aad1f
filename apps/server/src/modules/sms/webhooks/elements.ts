/** A final message as a push tells it; `phone` in E.164, times in ms. */
export type ReportEvent = {
  messageId: string;
  callId: string;
  phone: string;
  acceptedAt: number;
  finalAt: number | null;
  state: string;
  errCode: string | null;
  segmentCount: number;
  outId: string | null;
};

/** A reply as a push tells it; `phone` in E.164, time in ms. */
export type ReplyEvent = {
  inboundId: string;
  phone: string;
  content: string;
  destCode: string;
  receivedAt: number;
};

/** Element of Alibaba's SmsReport (reference §9): the exact fields, in its order. */
export type SmsReport = {
  phone_number: string;
  send_time: string;
  report_time: string;
  success: boolean;
  err_code: string;
  err_msg: string;
  sms_size: string;
  biz_id: string;
  out_id: string;
};

/** Element of Alibaba's SmsUp (reference §9). */
export type SmsUp = {
  phone_number: string;
  content: string;
  send_time: string;
  dest_code: string;
  sequence_id: string;
};

export const smsReport = (event: ReportEvent): SmsReport => ({
  phone_number: callersNumber(event.phone),
  send_time: chinaTime(event.acceptedAt),
  report_time: chinaTime(event.finalAt ?? event.acceptedAt),
  success: event.state === 'delivered',
  err_code: event.errCode ?? (event.state === 'delivered' ? 'DELIVERED' : 'UNKNOWN'),
  err_msg: errorText(event.state, event.errCode),
  sms_size: String(event.segmentCount),
  biz_id: `${event.callId}^0`,
  out_id: event.outId ?? '',
});

export const smsUp = (event: ReplyEvent): SmsUp => ({
  phone_number: callersNumber(event.phone),
  content: event.content,
  send_time: chinaTime(event.receivedAt),
  dest_code: event.destCode,
  sequence_id: event.inboundId,
});

/** The number as callers write it: without 86 at home, country code and number without `+` abroad. */
export function callersNumber(e164: string): string {
  return /^\+861\d{10}$/.test(e164) ? e164.slice(3) : e164.replace(/^\+/, '');
}

const CHINA_OFFSET_MS = 8 * 3_600_000;

/** `yyyy-MM-dd HH:mm:ss` of China's one time zone. */
export function chinaTime(ms: number): string {
  const iso = new Date(ms + CHINA_OFFSET_MS).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

// Words for people; clients decide by err_code and success.
const ERROR_TEXTS: Readonly<Record<string, string>> = {
  DELIVERED: '用户接收成功',
  UNDELIV: '短信未送达',
  EXPIRED: '短信超过有效期',
  REJECTD: '短信被运营商拒绝',
  DELETED: '短信已被运营商删除',
  UNKNOWN: '运营商返回未知状态',
  NOROUTE: '没有可用的运营商通道',
  MBBLACK: '号码在运营商黑名单中',
  DBBLACK: '号码在运营商黑名单中',
  MOBILE_IN_BLACK: '号码已退订',
  'MK:0001': '空号',
  'MK:0005': '用户停机',
  'MK:0010': '用户关机或不在服务区',
  'MK:0013': '用户停机',
  'MK:0023': '用户关机',
  'MK:0115': '被运营商拦截',
  'isv.BUSINESS_LIMIT_CONTROL': '触发发送频率限制',
};

function errorText(state: string, errCode: string | null): string {
  const known = errCode === null ? undefined : ERROR_TEXTS[errCode];
  if (known !== undefined) return known;
  return state === 'delivered' ? ERROR_TEXTS.DELIVERED! : '短信发送失败';
}

/** What the test button pushes: a documentation number and nothing of the tenant's. */
export const sampleReport = (id: string, now: number): SmsReport =>
  smsReport({
    messageId: id,
    callId: id,
    phone: SAMPLE_NUMBER,
    acceptedAt: now,
    finalAt: now,
    state: 'delivered',
    errCode: 'DELIVERED',
    segmentCount: 1,
    outId: 'signet-test',
  });

export const sampleReply = (id: string, now: number): SmsUp =>
  smsUp({ inboundId: id, phone: SAMPLE_NUMBER, content: '测试', destCode: '10690000', receivedAt: now });

const SAMPLE_NUMBER = '+8613800138000';
