import type { BusinessError, WireError } from './errors.ts';
import type { Params } from './params.ts';
import { xmlDocument } from './xml.ts';

export type Format = 'JSON' | 'XML';

/** One HTTP answer, ready to send. */
export interface Answer {
  readonly httpStatus: number;
  readonly contentType: string;
  readonly body: string;
  /** Further headers, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface AnswerContext {
  /** An upper-case UUID. */
  readonly requestId: string;
  readonly format: Format;
}

export interface ErrorContext extends AnswerContext {
  /** The host that the client called, echoed in `HostId`. */
  readonly hostId: string;
  /** An address or hint for the reader of the error; empty text where there is none. */
  readonly recommend: string;
}

/** Exactly these: openapi-client parses XML by this very text, and Java refuses any other media type. */
const CONTENT_TYPES: Record<Format, string> = {
  JSON: 'application/json;charset=utf-8',
  XML: 'text/xml;charset=utf-8',
};

/**
 * The format asked for by parameter `Format`. The vendor is said to answer XML when it is absent; we answer JSON
 * then, because every client observed sends JSON (V1) or no Format and expects JSON (V3).
 */
export function formatOf(params: Params): Format {
  const asked = params.get('Format');
  return asked !== undefined && asked.toUpperCase() === 'XML' ? 'XML' : 'JSON';
}

/** A gateway error: HTTP 4xx or 5xx with `RequestId, HostId, Code, Message, Recommend`; XML root `Error`. */
export function errorAnswer(error: WireError, context: ErrorContext): Answer {
  const fields: Record<string, unknown> = {
    RequestId: context.requestId,
    HostId: context.hostId,
    Code: error.code,
    Message: error.message,
    Recommend: context.recommend,
  };
  if (error.accessDeniedDetail !== undefined) fields.AccessDeniedDetail = error.accessDeniedDetail;
  const retry: Record<string, string> =
    error.retryAfterMs === undefined ? {} : { 'x-acs-retry-after': String(Math.ceil(error.retryAfterMs)) };
  return answer(error.httpStatus, 'Error', fields, context, retry);
}

/**
 * A success: HTTP 200. `coded` products (SMS) say `Code` and `Message` OK, `bare` ones (RAM, STS, ActionTrail) only
 * RequestId and data. XML root `<Action>Response`.
 */
export function successAnswer(
  action: string,
  envelope: 'coded' | 'bare',
  fields: Readonly<Record<string, unknown>>,
  context: AnswerContext,
): Answer {
  const head = envelope === 'coded' ? { Code: 'OK', Message: 'OK' } : {};
  return answer(200, `${action}Response`, { RequestId: context.requestId, ...head, ...fields }, context, {});
}

/** A business refusal: HTTP 200 with its Code; some clients take any 4xx for a failure of the transport. */
export function businessAnswer(action: string, error: BusinessError, context: AnswerContext): Answer {
  const fields = { RequestId: context.requestId, Code: error.code, Message: error.message };
  return answer(200, `${action}Response`, fields, context, {});
}

function answer(
  httpStatus: number,
  root: string,
  fields: Readonly<Record<string, unknown>>,
  { requestId, format }: AnswerContext,
  headers: Record<string, string>,
): Answer {
  return {
    httpStatus,
    contentType: CONTENT_TYPES[format],
    body: format === 'XML' ? xmlDocument(root, fields) : JSON.stringify(fields),
    headers: { 'x-acs-request-id': requestId, ...headers },
  };
}
