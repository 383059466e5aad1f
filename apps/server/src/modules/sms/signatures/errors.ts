export const SIGNATURE_ERRORS = {
  notFound: {
    code: 'signature.not_found',
    http: 404,
    problem: 'not_found',
    wire: 'isv.SMS_SIGNATURE_ILLEGAL',
  },
  fileNotFound: {
    code: 'signature.file_not_found',
    http: 404,
    problem: 'not_found',
    wire: 'isv.SMS_SIGNATURE_ILLEGAL',
  },
  nameIllegal: {
    code: 'signature.name_illegal',
    http: 400,
    problem: 'refused',
    wire: 'isv.SIGN_NAME_ILLEGAL',
  },
  nameTaken: { code: 'signature.name_taken', http: 409, problem: 'conflict', wire: 'isv.SIGN_NAME_ILLEGAL' },
  sourceIllegal: {
    code: 'signature.source_illegal',
    http: 400,
    problem: 'refused',
    wire: 'isv.INVALID_PARAMETERS',
  },
  remarkTooLong: {
    code: 'signature.remark_too_long',
    http: 400,
    problem: 'refused',
    wire: 'isv.INVALID_PARAMETERS',
  },
  filesIllegal: {
    code: 'signature.files_illegal',
    http: 400,
    problem: 'refused',
    wire: 'isv.SIGN_FILE_LIMIT',
  },
  qualification: {
    code: 'signature.qualification_unusable',
    http: 400,
    problem: 'refused',
    wire: 'isv.INVALID_PARAMETERS',
  },
  tooManyToday: {
    code: 'signature.too_many_today',
    http: 409,
    problem: 'limit_reached',
    wire: 'isv.SIGN_COUNT_OVER_LIMIT',
  },
  tooMany: { code: 'signature.too_many', http: 409, problem: 'limit_reached', wire: 'isv.SIGN_OVER_LIMIT' },
  notInReview: {
    code: 'signature.not_in_review',
    http: 409,
    problem: 'conflict',
    wire: 'isv.SIGN_STATE_ILLEGAL',
  },
} as const;
