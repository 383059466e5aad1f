export const TEMPLATE_ERRORS = {
  notFound: { code: 'template.not_found', http: 404, problem: 'not_found', wire: 'isv.SMS_TEMPLATE_ILLEGAL' },
  contentIllegal: {
    code: 'template.content_illegal',
    http: 400,
    problem: 'refused',
    wire: 'isv.SMS_CONTENT_ILLEGAL',
  },
  variablesIllegal: {
    code: 'template.variables_illegal',
    http: 400,
    problem: 'refused',
    wire: 'isv.TEMPLATE_PARAMS_ILLEGAL',
  },
  nameIllegal: {
    code: 'template.name_illegal',
    http: 400,
    problem: 'refused',
    wire: 'isv.INVALID_PARAMETERS',
  },
  remarkTooLong: {
    code: 'template.remark_too_long',
    http: 400,
    problem: 'refused',
    wire: 'isv.INVALID_PARAMETERS',
  },
  signatureUnknown: {
    code: 'template.signature_unknown',
    http: 400,
    problem: 'refused',
    wire: 'isv.SMS_SIGNATURE_ILLEGAL',
  },
  approvedAlready: {
    code: 'template.approved_already',
    http: 409,
    problem: 'conflict',
    wire: 'isv.SMS_TEMPLATE_ILLEGAL',
  },
  tooManyToday: {
    code: 'template.too_many_today',
    http: 409,
    problem: 'limit_reached',
    wire: 'isv.TEMPLATE_COUNT_OVER_LIMIT',
  },
  tooMany: {
    code: 'template.too_many',
    http: 409,
    problem: 'limit_reached',
    wire: 'isv.TEMPLATE_OVER_LIMIT',
  },
  notInReview: {
    code: 'template.not_in_review',
    http: 409,
    problem: 'conflict',
    wire: 'isv.SMS_TEMPLATE_ILLEGAL',
  },
} as const;
