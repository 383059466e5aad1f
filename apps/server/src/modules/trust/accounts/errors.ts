export const ACCOUNT_ERRORS = {
  wrongCredentials: {
    code: 'account.wrong_credentials',
    http: 401,
    problem: 'wrong_credentials',
    wire: 'isp.RAM_PERMISSION_DENY',
  },
  tooManyAttempts: {
    code: 'account.too_many_attempts',
    http: 429,
    problem: 'too_many_attempts',
    wire: 'isp.RAM_PERMISSION_DENY',
  },
  weakPassword: {
    code: 'account.weak_password',
    http: 400,
    problem: 'password_too_weak',
    wire: 'isv.INVALID_PARAMETERS',
  },
  frozen: { code: 'account.frozen', http: 403, problem: 'forbidden', wire: 'isv.ACCOUNT_ABNORMAL' },
  nameTaken: { code: 'account.name_taken', http: 409, problem: 'conflict', wire: 'isv.INVALID_PARAMETERS' },
  userNotFound: {
    code: 'account.user_not_found',
    http: 404,
    problem: 'not_found',
    wire: 'isv.ACCOUNT_NOT_EXISTS',
  },
  tenantNotFound: {
    code: 'account.tenant_not_found',
    http: 404,
    problem: 'not_found',
    wire: 'isv.ACCOUNT_NOT_EXISTS',
  },
  stateUnchanged: {
    code: 'account.state_unchanged',
    http: 409,
    problem: 'conflict',
    wire: 'isv.INVALID_PARAMETERS',
  },
  keyNotFound: {
    code: 'account.key_not_found',
    http: 404,
    problem: 'not_found',
    wire: 'InvalidAccessKeyId.NotFound',
  },
  tooManyKeys: {
    code: 'account.too_many_keys',
    http: 409,
    problem: 'limit_reached',
    wire: 'isv.INVALID_PARAMETERS',
  },
} as const;
