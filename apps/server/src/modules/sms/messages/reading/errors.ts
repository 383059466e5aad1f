/** Expected refusals of reading; `wire` as QuerySendDetails and QuerySendStatistics answer them. */
export const READING_ERRORS = {
  messageUnknown: {
    code: 'message.not_found',
    http: 404,
    problem: 'not_found',
    wire: 'isv.INVALID_PARAMETERS',
  },
  dayIllegal: {
    code: 'message.day_illegal',
    http: 400,
    problem: 'invalid_request',
    wire: 'isv.INVALID_PARAMETERS',
  },
  cursorIllegal: {
    code: 'message.cursor_illegal',
    http: 400,
    problem: 'invalid_request',
    wire: 'isv.INVALID_PARAMETERS',
  },
  reasonMissing: {
    code: 'message.reason_required',
    http: 400,
    problem: 'reason_required',
    wire: 'isv.INVALID_PARAMETERS',
  },
  tooManyExempt: {
    code: 'message.too_many_exempt',
    http: 400,
    problem: 'limit_reached',
    wire: 'isv.BUSINESS_LIMIT_CONTROL',
  },
} as const;
