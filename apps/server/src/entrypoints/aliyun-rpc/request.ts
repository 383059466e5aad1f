import { isUtf8 } from 'node:buffer';
import { gatewayError, type WireError } from './errors.ts';
import {
  type Params,
  type ParamsBuilder,
  paramsBuilder,
  type ReadParams,
  readJsonMembers,
  readPairs,
} from './params.ts';

/** A request as it came off the wire: nothing decoded, nothing normalised, header names in lower case. */
export interface RawRequest {
  readonly method: string;
  /** The request target as sent, `/?Action=…`; both schemes sign what is in it. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The raw body octets; V3 signs their hash. The server limits their number. */
  readonly body: Buffer;
}

/** V3 and ROA show in the Authorization header, V1 in a parameter `Signature` or `AccessKeyId`. */
export type Scheme = 'v1' | 'v3' | 'roa' | 'anonymous';

export interface ApiRequest {
  readonly raw: RawRequest;
  readonly scheme: Scheme;
  /** The target before `?`, as sent. */
  readonly path: string;
  /** Query parameters only: the part that V3 signs as canonical query. */
  readonly query: ParamsBuilder;
  /** V1: query and form together, a form value replacing a query value. V3: the query only, see `mergeBody`. */
  readonly params: ParamsBuilder;
}

export type RequestReading =
  | { ok: true; request: ApiRequest }
  /** `scheme` is what the request claims to be, as far as the unreadable parts let it be seen. */
  | { ok: false; scheme: Scheme; error: WireError };

const OUTSIDE_TARGET = /[^\x21-\x7e]/;
const CLAIMS_V1 = /(?:^|&)(?:Signature|AccessKeyId)=/;

/** One header as text; a repeated one joined as RFC 9110 §5.3 has it. Never reaches the object's prototype. */
export function headerText(request: RawRequest, name: string): string | undefined {
  if (!Object.hasOwn(request.headers, name)) return undefined;
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * Reads target and (unless V3 signs the body by its hash) form body into parameters and tells the scheme by the
 * order: `Authorization: ACS3-…` → `acs …` → a parameter Signature or AccessKeyId → anonymous.
 * A JSON body counts in V3 alone: V1 does not sign it.
 */
export function readRequest(raw: RawRequest): RequestReading {
  const authorised = schemeOfAuthorization(headerText(raw, 'authorization'));
  const question = raw.url.indexOf('?');
  const path = question < 0 ? raw.url : raw.url.slice(0, question);
  const queryText = question < 0 ? '' : raw.url.slice(question + 1);

  const query = paramsBuilder();
  const readQuery: ReadParams = OUTSIDE_TARGET.test(raw.url)
    ? { ok: false, reason: 'The request target holds characters that must be percent-encoded (RFC 3986).' }
    : readPairs(queryText, query);
  if (!readQuery.ok) {
    return unreadable(authorised ?? claimedScheme(queryText, raw), readQuery.reason);
  }
  if (authorised !== undefined) {
    return { ok: true, request: { raw, scheme: authorised, path, query, params: query } };
  }

  let params = query;
  if (raw.body.length > 0 && bodyKind(raw) === 'form') {
    params = paramsBuilder(query);
    const readForm = readBodyText(raw.body, (text) => readPairs(text, params));
    if (!readForm.ok) return unreadable(claimedScheme(queryText, raw), readForm.reason);
  }
  const scheme: Scheme =
    params.values.has('Signature') || params.values.has('AccessKeyId') ? 'v1' : 'anonymous';
  return { ok: true, request: { raw, scheme, path, query, params } };
}

/** Whether the request claims to be an API call; anything else at `/` belongs to the console. */
export function isApiCall(reading: RequestReading): boolean {
  return (reading.ok ? reading.request.scheme : reading.scheme) !== 'anonymous';
}

/**
 * Merges the body of a verified V3 request into its query parameters: form pairs, or the top-level members of a
 * JSON object. Done after the signature so that strangers cannot make us parse megabytes.
 */
export function mergeBody(
  request: ApiRequest,
): { ok: true; params: Params } | { ok: false; error: WireError } {
  const { raw, query } = request;
  const kind = raw.body.length === 0 ? 'other' : bodyKind(raw);
  if (kind === 'other') return { ok: true, params: query.values };
  const merged = paramsBuilder(query);
  const read = readBodyText(raw.body, (text) =>
    kind === 'form' ? readPairs(text, merged) : readJsonMembers(text, merged.values),
  );
  if (!read.ok)
    return { ok: false, error: gatewayError('InvalidParameter.Format', { message: read.reason }) };
  return { ok: true, params: merged.values };
}

function schemeOfAuthorization(authorization: string | undefined): Scheme | undefined {
  if (authorization === undefined) return undefined;
  // ACS4- and the RSA and SM3 kinds of ACS3- belong here too: authenticate answers InvalidSignatureMethod.
  if (/^ACS[0-9]-/.test(authorization)) return 'v3';
  return authorization.startsWith('acs ') ? 'roa' : undefined;
}

/** A body without Content-Type counts as a form: hand-written clients leave it out. */
function bodyKind(raw: RawRequest): 'form' | 'json' | 'other' {
  const contentType = headerText(raw, 'content-type');
  if (contentType === undefined || contentType === '') return 'form';
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === 'application/x-www-form-urlencoded') return 'form';
  return mediaType === 'application/json' ? 'json' : 'other';
}

function readBodyText(body: Buffer, read: (text: string) => ReadParams): ReadParams {
  if (!isUtf8(body)) return { ok: false, reason: 'The request body is not UTF-8.' };
  return read(body.toString('utf8'));
}

function claimedScheme(queryText: string, raw: RawRequest): Scheme {
  if (CLAIMS_V1.test(queryText)) return 'v1';
  const formHead = raw.body.length > 0 && bodyKind(raw) === 'form' ? raw.body.toString('latin1') : '';
  return CLAIMS_V1.test(formHead) ? 'v1' : 'anonymous';
}

function unreadable(scheme: Scheme, message: string): RequestReading {
  return { ok: false, scheme, error: gatewayError('InvalidParameter.Format', { message }) };
}
