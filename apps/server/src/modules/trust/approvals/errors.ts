export const REVIEW_ERRORS = {
  notFound: { code: 'review.not_found', http: 404, problem: 'not_found', wire: 'isp.SYSTEM_ERROR' },
  decidedAlready: {
    code: 'review.decided_already',
    http: 409,
    problem: 'conflict',
    wire: 'isp.SYSTEM_ERROR',
  },
  reasonMissing: {
    code: 'review.reason_missing',
    http: 400,
    problem: 'reason_required',
    wire: 'isp.SYSTEM_ERROR',
  },
  notYours: { code: 'review.not_yours', http: 403, problem: 'forbidden', wire: 'isp.RAM_PERMISSION_DENY' },
  badCursor: {
    code: 'review.bad_cursor',
    http: 400,
    problem: 'invalid_request',
    wire: 'isv.INVALID_PARAMETERS',
  },
} as const;
