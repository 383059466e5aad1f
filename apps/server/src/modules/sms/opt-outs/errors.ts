export const OPT_OUT_ERRORS = {
  notFound: { code: 'opt_out.not_found', http: 404, problem: 'not_found', wire: 'isv.INVALID_PARAMETERS' },
  reasonMissing: {
    code: 'opt_out.reason_missing',
    http: 400,
    problem: 'reason_required',
    wire: 'isv.INVALID_PARAMETERS',
  },
  numberIllegal: {
    code: 'opt_out.number_illegal',
    http: 400,
    problem: 'invalid_request',
    wire: 'isv.MOBILE_NUMBER_ILLEGAL',
  },
} as const;
