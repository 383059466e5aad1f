/**
 * The gateway's errors: code → HTTP status and message. These are refusals of the call as such; what the business
 * refuses is a BusinessError and travels with HTTP 200. The table is the vendor's documented list; RequestBodyTooLarge
 * is ours, as the vendor documents none.
 */
const GATEWAY_ERRORS = {
  'Forbidden.RAM': [
    403,
    'User not authorized to operate on the specified resource, or this API does not support RAM.',
  ],
  IdempotencyKeyReused: [
    409,
    'This Idempotency-Key was used with another body; use a new key for a new message.',
  ],
  IncompleteSignature: [400, 'The request signature does not conform to Aliyun standards.'],
  InternalError: [500, 'The request processing has failed due to some unknown error.'],
  'InvalidAccessKeyId.Inactive': [400, 'Specified access key is disabled.'],
  'InvalidAccessKeyId.NotFound': [404, 'Specified access key is not found.'],
  'InvalidAction.NotFound': [404, 'Specified api is not found, please check your url and method.'],
  'InvalidParameter.Format': [400, 'The request parameters cannot be read.'],
  'InvalidSecurityToken.Expired': [400, 'Specified SecurityToken is expired.'],
  'InvalidSecurityToken.Malformed': [400, 'Specified SecurityToken is malformed.'],
  'InvalidSecurityToken.MismatchWithAccessKey': [400, 'Specified SecurityToken mismatch with the AccessKey.'],
  InvalidSignatureMethod: [400, 'Specified signature method is not valid.'],
  'InvalidTimeStamp.Expired': [400, 'Specified time stamp or date value is expired.'],
  'InvalidTimeStamp.Format': [400, 'Specified time stamp or date value is not well formatted.'],
  InvalidVersion: [400, 'Specified parameter Version is not valid.'],
  MissingAccessKeyId: [400, 'AccessKeyId is mandatory for this action.'],
  NoPermission: [403, 'You are not authorized to do this action.'],
  RequestBodyTooLarge: [413, 'The request body is too large.'],
  ServiceUnavailable: [503, 'The request has failed due to a temporary failure of the server.'],
  SignatureDoesNotMatch: [400, 'Specified signature is not matched with our calculation.'],
  SignatureNonceUsed: [400, 'Specified signature nonce was used already.'],
  'Throttling.User': [400, 'Request was denied due to user flow control.'],
  UnsupportedHTTPMethod: [400, 'This http method is not supported.'],
} as const satisfies Record<string, readonly [number, string]>;

export type FixedGatewayCode = keyof typeof GATEWAY_ERRORS;

/** A capitalised parameter name behind the word, as in `MissingPhoneNumbers` and `InvalidPageSize`. */
export type ParameterCode = `Missing${string}` | `Invalid${string}`;

export type GatewayCode = FixedGatewayCode | ParameterCode;

/** An error of the gateway as it goes over the wire, with HTTP status 4xx or 5xx. */
export interface WireError {
  readonly kind: 'gateway';
  readonly code: GatewayCode;
  readonly httpStatus: number;
  readonly message: string;
  /** Sent as header `x-acs-retry-after`; the newest SDK hands it on with its ThrottlingError. */
  readonly retryAfterMs?: number;
  /** Sent as `AccessDeniedDetail`; the newest SDK hands it on. */
  readonly accessDeniedDetail?: Readonly<Record<string, unknown>>;
}

/** A refusal by the business rules: HTTP 200 with this Code and Message (`isv.…` caller's, `isp.…` ours). */
export interface BusinessError {
  readonly kind: 'business';
  readonly code: string;
  readonly message: string;
}

export type WireErrorDetails = Partial<Pick<WireError, 'message' | 'retryAfterMs' | 'accessDeniedDetail'>>;

/** An error of the fixed list, with another message or more detail where `details` says so. */
export function gatewayError(code: FixedGatewayCode, details?: WireErrorDetails): WireError {
  const [httpStatus, message] = GATEWAY_ERRORS[code];
  return { kind: 'gateway', code, httpStatus, message, ...details };
}

/** `MissingPhoneNumbers`: "PhoneNumbers is mandatory for this action.", HTTP 400. */
export function missingParameter(name: string): WireError {
  const message = `${name} is mandatory for this action.`;
  return { kind: 'gateway', code: `Missing${capitalised(name)}`, httpStatus: 400, message };
}

/** `InvalidPageSize`, HTTP 400. */
export function invalidParameter(name: string, message?: string): WireError {
  return {
    kind: 'gateway',
    code: `Invalid${capitalised(name)}`,
    httpStatus: 400,
    message: message ?? `Specified parameter ${name} is not valid.`,
  };
}

/** More of the string to sign than this is cut off: nobody may have us send megabytes back for a wrong signature. */
const ECHO_LIMIT_CHARACTERS = 65_536;

/**
 * The vendor's exact form: the Java and Go cores look for `server string to sign is:` and compare, the Python core
 * splits at the colon and dies without one. The message repeats the caller's key id and parameters; it goes to the
 * caller only and must never be logged.
 */
export function signatureDoesNotMatch(stringToSign: string): WireError {
  const echoed =
    stringToSign.length > ECHO_LIMIT_CHARACTERS ? stringToSign.slice(0, ECHO_LIMIT_CHARACTERS) : stringToSign;
  return gatewayError('SignatureDoesNotMatch', {
    message: `Specified signature is not matched with our calculation. server string to sign is:${echoed}`,
  });
}

/** A business refusal with its outer code, for handlers to return or throw. */
export function businessError(code: string, message: string): BusinessError {
  return { kind: 'business', code, message };
}

/** Whether a value that a handler returned or threw is a refusal meant for the wire. */
export function isRefusal(value: unknown): value is WireError | BusinessError {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('code' in value)) return false;
  return value.kind === 'business' || value.kind === 'gateway';
}

function capitalised(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
