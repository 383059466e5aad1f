import { equalInConstantTime } from './constant-time.ts';
import {
  gatewayError,
  invalidParameter,
  missingParameter,
  signatureDoesNotMatch,
  type WireError,
} from './errors.ts';
import type { Params } from './params.ts';
import { type ApiRequest, headerText, mergeBody, type RawRequest, readRequest } from './request.ts';
import { stringToSignV1, verifyV1 } from './signature-v1.ts';
import {
  bodySha256,
  canonicalRequestV3,
  readAuthorizationV3,
  stringToSignV3,
  V3_ALGORITHM,
  V3_DEMANDED_HEADERS,
  verifyV3,
} from './signature-v3.ts';
import type { KeyRecord, SigningSecret } from './signing-keys.ts';
import { readTimestamp } from './timestamp.ts';

/** A request may be dated this far from the server's clock, either way. */
export const TIME_WINDOW_MS = 15 * 60_000;

/** How long a nonce must be remembered: a request dated 15 minutes ahead stays valid for 30. */
export const NONCE_MEMORY_MS = 2 * TIME_WINDOW_MS;

const NONCE_LIMIT_CHARACTERS = 128;

export interface AuthenticateDeps {
  /** Milliseconds since 1970. */
  now(): number;
  findKey(accessKeyId: string): Promise<KeyRecord | undefined> | KeyRecord | undefined;
  /**
   * Stores the nonce for NONCE_MEMORY_MS and says in the same atomic step whether it was new. Shared by all nodes.
   * `now` is the clock reading that the time check used.
   */
  rememberNonce(accessKeyId: string, nonce: string, now: number): Promise<boolean> | boolean;
  /** Whether an action claims the nonce with its own commit: `nonce` of the answer is then still to be claimed. */
  claimsNonce?(version: string, action: string): boolean;
}

export interface AuthenticatedCall {
  readonly ok: true;
  readonly key: KeyRecord;
  readonly action: string;
  readonly version: string;
  /** Business parameters: query, form and JSON together, without the common parameters. */
  readonly params: Params;
  readonly scheme: 'v1' | 'v3';
  /** A nonce that nobody has claimed yet; undefined when it was claimed here. */
  readonly nonce: string | undefined;
}

export interface RefusedCall {
  readonly ok: false;
  readonly error: WireError;
  /** The key that the request names, proven or not; for the audit trail. */
  readonly accessKeyId?: string;
}

/** What both schemes need for the checks, wherever they carry it. */
interface Claim {
  accessKeyId: string;
  action: string;
  version: string;
  timestamp: string;
  nonce: string;
  securityToken: string | undefined;
  verify(secret: SigningSecret): SignatureVerdict;
}

type SignatureVerdict = { ok: true } | { ok: false; stringToSign: string };

const V1_COMMON: ReadonlySet<string> = new Set([
  'AccessKeyId',
  'Action',
  'Format',
  'RegionId',
  'SecurityToken',
  'Signature',
  'SignatureMethod',
  'SignatureNonce',
  'SignatureType',
  'SignatureVersion',
  'Timestamp',
  'Version',
]);

/** V3 carries the rest in headers; the SDKs still send RegionId as a parameter to some actions. */
const V3_COMMON: ReadonlySet<string> = new Set(['Format', 'RegionId']);

/**
 * Decides who calls. The order is the vendor's: form of the request → key known and active → time within ±15 min →
 * signature → token → nonce, which is stored only when everything before it holds, so that a stranger can neither
 * burn a client's nonce nor fill the memory; an action with a commit of its own stores it there. Takes the raw request or one already read.
 * Errors: the gateway codes of `errors.ts`; rejects only if a dep rejects.
 */
export async function authenticate(
  request: RawRequest | ApiRequest,
  deps: AuthenticateDeps,
): Promise<AuthenticatedCall | RefusedCall> {
  const reading = 'raw' in request ? ({ ok: true, request } as const) : readRequest(request);
  if (!reading.ok) return refused(reading.error);
  const api = reading.request;
  if (api.raw.method !== 'GET' && api.raw.method !== 'POST')
    return refused(gatewayError('UnsupportedHTTPMethod'));

  const claim = api.scheme === 'v3' ? claimV3(api) : api.scheme === 'v1' ? claimV1(api) : noClaim(api);
  if ('kind' in claim) return refused(claim);
  const { accessKeyId } = claim;

  const found = deps.findKey(accessKeyId);
  // Awaiting only what is a promise keeps the cached case free of a turn of the microtask queue.
  const key = found instanceof Promise ? await found : found;
  // A temporary key without its token is not a key at all (the vendor's words); status comes second.
  if (key === undefined || (key.securityToken !== undefined && claim.securityToken === undefined)) {
    return refused(gatewayError('InvalidAccessKeyId.NotFound'), accessKeyId);
  }
  if (key.status !== 'Active') return refused(gatewayError('InvalidAccessKeyId.Inactive'), accessKeyId);

  const now = deps.now();
  const datedAt = readTimestamp(claim.timestamp);
  if (datedAt === undefined) return refused(gatewayError('InvalidTimeStamp.Format'), accessKeyId);
  if (Math.abs(now - datedAt) > TIME_WINDOW_MS)
    return refused(gatewayError('InvalidTimeStamp.Expired'), accessKeyId);

  const verdict = claim.verify(key.secret);
  if (!verdict.ok) return refused(signatureDoesNotMatch(verdict.stringToSign), accessKeyId);

  const tokenError = refuseToken(key, claim.securityToken, now);
  if (tokenError !== undefined) return refused(tokenError, accessKeyId);

  // The body of a signed request that cannot be read does not use its nonce up.
  const merged = api.scheme === 'v1' ? { ok: true as const, params: api.params.values } : mergeBody(api);
  if (!merged.ok) return refused(merged.error, accessKeyId);

  const open = deps.claimsNonce?.(claim.version, claim.action) === true;
  if (!open) {
    const remembered = deps.rememberNonce(accessKeyId, claim.nonce, now);
    const isNew = remembered instanceof Promise ? await remembered : remembered;
    if (!isNew) return refused(gatewayError('SignatureNonceUsed'), accessKeyId);
  }

  const scheme = api.scheme === 'v1' ? 'v1' : 'v3';
  const params = without(scheme === 'v1' ? V1_COMMON : V3_COMMON, merged.params);
  const nonce = open ? claim.nonce : undefined;
  return { ok: true, key, action: claim.action, version: claim.version, params, scheme, nonce };
}

function claimV1(request: ApiRequest): Claim | WireError {
  const { raw } = request;
  const params = request.params.values;
  const required = [
    'AccessKeyId',
    'Signature',
    'SignatureMethod',
    'SignatureNonce',
    'Timestamp',
    'Action',
    'Version',
  ];
  for (const name of required) {
    if (!params.get(name)) return missingParameter(name);
  }
  if (params.get('SignatureMethod') !== 'HMAC-SHA1') return gatewayError('InvalidSignatureMethod');
  if ((params.get('SignatureVersion') ?? '1.0') !== '1.0') return invalidParameter('SignatureVersion');
  // Python, Java and Go send it empty; the other value known, BEARERTOKEN, carries no signature.
  if ((params.get('SignatureType') ?? '') !== '') return invalidParameter('SignatureType');
  const nonce = params.get('SignatureNonce') as string;
  if (nonce.length > NONCE_LIMIT_CHARACTERS) return invalidParameter('SignatureNonce');
  return {
    accessKeyId: params.get('AccessKeyId') as string,
    action: params.get('Action') as string,
    version: params.get('Version') as string,
    timestamp: params.get('Timestamp') as string,
    nonce,
    securityToken: params.get('SecurityToken') || undefined,
    verify(secret) {
      const stringToSign = stringToSignV1(raw.method, request.params);
      const holds = verifyV1(secret, stringToSign, params.get('Signature') as string);
      return holds ? { ok: true } : { ok: false, stringToSign };
    },
  };
}

function claimV3(request: ApiRequest): Claim | WireError {
  const { raw } = request;
  const text = headerText(raw, 'authorization') ?? '';
  if (!/^ACS3-HMAC-SHA256(?: |$)/.test(text)) return gatewayError('InvalidSignatureMethod');
  const authorization = readAuthorizationV3(text);
  if (authorization === undefined) {
    const message = `Authorization must be: ${V3_ALGORITHM} Credential=…,SignedHeaders=…,Signature=…`;
    return gatewayError('IncompleteSignature', { message });
  }
  for (const name of V3_DEMANDED_HEADERS) {
    if (!headerText(raw, name))
      return gatewayError('IncompleteSignature', { message: `Header ${name} is missing.` });
    if (!authorization.signedHeaders.includes(name)) {
      return gatewayError('IncompleteSignature', {
        message: `Header ${name} must be among the signed headers.`,
      });
    }
  }
  const nonce = (headerText(raw, 'x-acs-signature-nonce') as string).trim();
  if (nonce === '' || nonce.length > NONCE_LIMIT_CHARACTERS) return invalidParameter('SignatureNonce');
  return {
    accessKeyId: authorization.accessKeyId,
    action: (headerText(raw, 'x-acs-action') as string).trim(),
    version: (headerText(raw, 'x-acs-version') as string).trim(),
    timestamp: (headerText(raw, 'x-acs-date') as string).trim(),
    nonce,
    securityToken: headerText(raw, 'x-acs-security-token')?.trim() || undefined,
    verify(secret) {
      const bodyHash = bodySha256(raw.body);
      const stringToSign = stringToSignV3(canonicalRequestV3(request, authorization, bodyHash));
      const sameBody = headerText(raw, 'x-acs-content-sha256')?.trim() === bodyHash;
      const holds = verifyV3(secret, stringToSign, authorization.signature) && sameBody;
      return holds ? { ok: true } : { ok: false, stringToSign };
    },
  };
}

function noClaim(request: ApiRequest): WireError {
  return gatewayError(request.scheme === 'roa' ? 'InvalidSignatureMethod' : 'MissingAccessKeyId');
}

/** After the signature, so that only the holder of the secret learns whether a token fits. */
function refuseToken(key: KeyRecord, given: string | undefined, now: number): WireError | undefined {
  if (key.securityToken !== undefined) {
    if (given === undefined || !equalInConstantTime(key.securityToken, given)) {
      return gatewayError('InvalidSecurityToken.MismatchWithAccessKey');
    }
  } else if (given !== undefined) {
    return gatewayError('InvalidSecurityToken.MismatchWithAccessKey');
  }
  if (key.expiresAtMs !== undefined && now >= key.expiresAtMs)
    return gatewayError('InvalidSecurityToken.Expired');
  return undefined;
}

function without(common: ReadonlySet<string>, params: Params): Params {
  const business = new Map<string, string>();
  for (const [name, value] of params) if (!common.has(name)) business.set(name, value);
  return business;
}

function refused(error: WireError, accessKeyId?: string): RefusedCall {
  return accessKeyId === undefined ? { ok: false, error } : { ok: false, error, accessKeyId };
}
