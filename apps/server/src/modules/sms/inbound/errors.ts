export const INBOUND_ERRORS = {
  notFound: {
    code: 'inbound.not_found',
    http: 404,
    problem: 'not_found',
    wire: 'isv.INVALID_PARAMETERS',
  },
  reasonMissing: {
    code: 'inbound.reason_required',
    http: 400,
    problem: 'reason_required',
    wire: 'isv.INVALID_PARAMETERS',
  },
} as const;
