/** What this entrypoint refuses by itself, before a module is asked. `wire` is never sent: this is no OpenAPI call. */
export const CONSOLE_ERRORS = {
  notSignedIn: { code: 'console.not_signed_in', http: 401, problem: 'not_signed_in', wire: '' },
  passwordChange: {
    code: 'console.password_change',
    http: 403,
    problem: 'password_change_required',
    wire: '',
  },
  forbidden: { code: 'console.forbidden', http: 403, problem: 'forbidden', wire: '' },
  crossSite: { code: 'console.cross_site', http: 403, problem: 'cross_site', wire: '' },
  noSuchPath: { code: 'console.no_such_path', http: 404, problem: 'not_found', wire: '' },
  noSuchFile: { code: 'console.no_such_file', http: 404, problem: 'not_found', wire: '' },
  noSuchTenant: { code: 'console.no_such_tenant', http: 404, problem: 'not_found', wire: '' },
  badCursor: { code: 'console.bad_cursor', http: 400, problem: 'invalid_request', wire: '' },
  tooManyListeners: { code: 'console.too_many_listeners', http: 429, problem: 'limit_reached', wire: '' },
  sandboxOff: { code: 'console.sandbox_off', http: 409, problem: 'sandbox_off', wire: '' },
  noReceiver: { code: 'console.sandbox_no_receiver', http: 409, problem: 'carrier_unreachable', wire: '' },
} as const;
