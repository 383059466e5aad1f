export const QUALIFICATION_ERRORS = {
  notFound: {
    code: 'qualification.not_found',
    http: 404,
    problem: 'not_found',
    wire: 'isv.INVALID_PARAMETERS',
  },
  nameTaken: {
    code: 'qualification.name_taken',
    http: 409,
    problem: 'conflict',
    wire: 'isv.INVALID_PARAMETERS',
  },
  creditCode: {
    code: 'qualification.credit_code',
    http: 400,
    problem: 'refused',
    wire: 'isv.INVALID_PARAMETERS',
  },
  tooMany: {
    code: 'qualification.too_many',
    http: 409,
    problem: 'limit_reached',
    wire: 'isv.INVALID_PARAMETERS',
  },
  notInReview: {
    code: 'qualification.not_in_review',
    http: 409,
    problem: 'conflict',
    wire: 'isv.INVALID_PARAMETERS',
  },
} as const;
