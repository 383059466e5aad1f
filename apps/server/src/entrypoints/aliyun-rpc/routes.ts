import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Answer, businessAnswer, errorAnswer, formatOf, successAnswer } from './answers.ts';
import { type AuthenticateDeps, authenticate } from './authenticate.ts';
import { type ActionCall, type DispatchDeps, dispatch } from './dispatch.ts';
import { gatewayError, isRefusal, type WireError } from './errors.ts';
import { type OpenNonce, openNonce } from './open-nonce.ts';
import { headerText, isApiCall, type RawRequest, type RequestReading, readRequest } from './request.ts';

/** SignFileList carries whole files in base64. */
export const DEFAULT_BODY_LIMIT_OCTETS = 10 * 1024 * 1024;

/** What one call came to, for metrics and the audit trail; holds no parameter and no string to sign. */
export interface CallRecord {
  readonly requestId: string;
  readonly httpStatus: number;
  /** The wire's Code; `OK` for a success. */
  readonly code: string;
  readonly sourceIp: string;
  /** The key that was named; proven only if `tenantId` is there. */
  readonly accessKeyId?: string;
  readonly tenantId?: string;
  readonly action?: string;
  readonly version?: string;
}

export interface AliyunRpcDeps extends AuthenticateDeps, DispatchDeps {
  /** A fresh upper-case UUID. */
  requestId(): string;
  /** Serves `/` when the request is not an API call: the console. */
  fallback(request: FastifyRequest, reply: FastifyReply): unknown;
  /** When the next call may be taken up; default at once. */
  turn?(): Promise<void> | undefined;
  /** What is stored of a nonce that an action claims with its own commit. */
  nonceDigest(accessKeyId: string, nonce: string): string;
  /** Told of every API call after its answer is made. */
  observe?(record: CallRecord): void;
  /** Text of `Recommend` for an error code, such as an address of our documentation. */
  recommend?(code: string): string;
  /** Default DEFAULT_BODY_LIMIT_OCTETS. */
  readonly bodyLimitOctets?: number;
}

const NO_BODY = Buffer.alloc(0);
const HOST_LIMIT_CHARACTERS = 255;

/**
 * Mounts the API on `/` next to the console: requests with `Signature`, `AccessKeyId` or `Authorization: ACS3-…` are
 * answered here, every other GET or HEAD goes to `fallback`. Bodies arrive as raw octets whatever their type. The
 * routes log nothing below warnings and never a target: it holds numbers and parameters.
 */
export function aliyunRpc(deps: AliyunRpcDeps): (app: FastifyInstance) => Promise<void> {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.setErrorHandler((error: FastifyError, request, reply) => {
      // GET and HEAD fail here only in the fallback; the console answers for itself.
      if (request.method === 'GET' || request.method === 'HEAD') throw error;
      // Some clients send a Content-Type, even an empty one, without a body; fastify refuses what is no media type.
      if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' && announcesNoBody(request)) {
        return serve(deps, request, reply);
      }
      return send(reply, refuseUnread(deps, request, error));
    });
    app.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/',
      exposeHeadRoute: false,
      bodyLimit: deps.bodyLimitOctets ?? DEFAULT_BODY_LIMIT_OCTETS,
      logLevel: 'warn',
      logSerializers: { req: (request: { method: string }) => ({ method: request.method, url: '/' }) },
      handler: (request, reply) => serve(deps, request, reply),
    });
  };
}

async function serve(deps: AliyunRpcDeps, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  await deps.turn?.();
  const raw = rawRequest(request);
  const reading = readRequest(raw);
  if (!isApiCall(reading) && (raw.method === 'GET' || raw.method === 'HEAD'))
    return deps.fallback(request, reply);
  const requestId = deps.requestId();
  try {
    return send(reply, await answerCall(deps, raw, reading, requestId, request.ip));
  } catch (error) {
    // A dep rejected (the key store is down), or an answer could not be written.
    const refusal = isRefusal(error) && error.kind === 'gateway' ? error : gatewayError('InternalError');
    if (refusal !== error) deps.reportFailure({ requestId, action: '', error });
    observe(deps, { requestId, sourceIp: request.ip, httpStatus: refusal.httpStatus, code: refusal.code });
    return send(reply, refuse(deps, refusal, raw, requestId, reading));
  }
}

async function answerCall(
  deps: AliyunRpcDeps,
  raw: RawRequest,
  reading: RequestReading,
  requestId: string,
  sourceIp: string,
): Promise<Answer> {
  const caller = reading.ok
    ? await authenticate(reading.request, deps)
    : { ok: false as const, error: reading.error };
  if (!caller.ok) {
    const { error, ...named } = caller;
    const record = { requestId, sourceIp, httpStatus: error.httpStatus, code: error.code };
    observe(deps, 'accessKeyId' in named ? { ...record, accessKeyId: named.accessKeyId } : record);
    return refuse(deps, error, raw, requestId, reading);
  }
  const call: ActionCall = {
    principal: caller.key,
    action: caller.action,
    version: caller.version,
    params: caller.params,
    requestId,
    now: deps.now(),
    sourceIp,
    header: (name) => headerText(raw, name),
    nonce: caller.nonce === undefined ? null : openNonceOf(deps, caller.key.accessKeyId, caller.nonce),
  };
  const outcome = await dispatch(call, deps);
  const context = { requestId, format: formatOfReading(reading) };
  let answer: Answer;
  let code = 'OK';
  if (outcome.kind === 'done') {
    answer = successAnswer(call.action, outcome.action.envelope ?? 'coded', outcome.fields, context);
  } else {
    code = outcome.error.code;
    answer =
      outcome.error.kind === 'business'
        ? businessAnswer(call.action, outcome.error, context)
        : refuse(deps, outcome.error, raw, requestId, reading);
  }
  observe(deps, {
    requestId,
    sourceIp,
    httpStatus: answer.httpStatus,
    code,
    accessKeyId: caller.key.accessKeyId,
    tenantId: caller.key.tenantId,
    action: call.action,
    version: call.version,
  });
  return answer;
}

const openNonceOf = (deps: AliyunRpcDeps, keyId: string, nonce: string): OpenNonce =>
  openNonce({
    digest: () => deps.nonceDigest(keyId, nonce),
    remember: () => deps.rememberNonce(keyId, nonce, deps.now()),
  });

function announcesNoBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
}

/** The body never arrived whole: too large, cut off, or of a length that cannot be. */
function refuseUnread(deps: AliyunRpcDeps, request: FastifyRequest, error: FastifyError): Answer {
  const requestId = deps.requestId();
  const status = error.statusCode ?? 500;
  const refusal = gatewayError(
    status === 413 ? 'RequestBodyTooLarge' : status < 500 ? 'InvalidParameter.Format' : 'InternalError',
  );
  if (status >= 500) deps.reportFailure({ requestId, action: '', error });
  observe(deps, { requestId, sourceIp: request.ip, httpStatus: refusal.httpStatus, code: refusal.code });
  return refuse(deps, refusal, rawRequest(request), requestId, undefined);
}

function refuse(
  deps: AliyunRpcDeps,
  error: WireError,
  raw: RawRequest,
  requestId: string,
  reading: RequestReading | undefined,
): Answer {
  return errorAnswer(error, {
    requestId,
    format: reading === undefined ? 'JSON' : formatOfReading(reading),
    hostId: (headerText(raw, 'host') ?? '').slice(0, HOST_LIMIT_CHARACTERS),
    recommend: deps.recommend?.(error.code) ?? '',
  });
}

function formatOfReading(reading: RequestReading): 'JSON' | 'XML' {
  return reading.ok ? formatOf(reading.request.params.values) : 'JSON';
}

function observe(deps: AliyunRpcDeps, record: CallRecord): void {
  deps.observe?.(record);
}

function rawRequest(request: FastifyRequest): RawRequest {
  return {
    method: request.method,
    url: request.originalUrl,
    headers: request.headers,
    body: Buffer.isBuffer(request.body) ? request.body : NO_BODY,
  };
}

function send(reply: FastifyReply, answer: Answer): FastifyReply {
  return reply
    .code(answer.httpStatus)
    .headers(answer.headers)
    .header('content-type', answer.contentType)
    .send(answer.body);
}
