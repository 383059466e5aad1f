import { type Operation, type OperationName, operations } from '@signet/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actorOf } from '../../modules/trust/access/public.ts';
import { checkAnswer } from './answer-check.ts';
import { type FileAnswer, sendFile } from './file-answer.ts';
import { type GuardDeps, readSession, refuseCrossSite, requireAllowed, requireSession } from './guards.ts';
import type { Handlers, OpenContext } from './operation-call.ts';
import {
  PROBLEM_MEDIA_TYPE,
  type ProblemFields,
  problemContext,
  problemOf,
  problemOfCode,
} from './problems.ts';
import { type PartName, readPart } from './request-parts.ts';
import { dropToken, keepToken, tokenOf } from './session-cookie.ts';

export type MountDeps = GuardDeps & {
  requestId(): string;
  /** Told of every failure that is no refusal; the caller gets the id alone. */
  reportFailure(failure: { requestId: string; operation: string; error: unknown }): void;
  /** Holds every answer against its schema. For tests: it reads each answer a second time. */
  checkAnswers?: boolean;
};

/** The largest body is a template or a message with its variables. */
export const BODY_LIMIT_OCTETS = 64 * 1024;

// The table is typed by operation; walking it needs one shape for all.
type AnyHandler = (call: Record<PartName, unknown>, context: unknown) => Promise<unknown>;
type Outcome = { kind: 'answer'; value: unknown } | { kind: 'unreadable'; fields: ProblemFields };

/** Makes one route of each row of the contract. */
export function mountOperations(app: FastifyInstance, handlers: Handlers, deps: MountDeps): void {
  for (const name of Object.keys(operations) as OperationName[]) {
    const operation: Operation = operations[name];
    const handler = handlers[name] as unknown as AnyHandler;
    app.route({
      method: operation.method,
      url: operation.path,
      bodyLimit: BODY_LIMIT_OCTETS,
      handler: (request, reply) => serve(name, operation, handler, request, reply, deps),
    });
  }
}

async function serve(
  name: OperationName,
  operation: Operation,
  handler: AnyHandler,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: MountDeps,
): Promise<FastifyReply> {
  const requestId = deps.requestId();
  try {
    const outcome = await run(operation, handler, request, reply, requestId, deps);
    if (outcome.kind === 'answer' && operation.file) return sendFile(reply, outcome.value as FileAnswer);
    if (outcome.kind === 'answer') {
      if (deps.checkAnswers) checkAnswer(name, operation.answer, outcome.value);
      return reply.send(outcome.value);
    }
    const context = problemContext(requestId, request.headers['accept-language']);
    return sendProblem(reply, problemOfCode('invalid_request', context, { fields: outcome.fields }));
  } catch (error) {
    return sendFailure(request, reply, deps, { requestId, operation: name, error });
  }
}

/** Every call, top to bottom: foreign pages, session, policy, the parts of the request, the handler. */
async function run(
  operation: Operation,
  handler: AnyHandler,
  request: FastifyRequest,
  reply: FastifyReply,
  requestId: string,
  deps: MountDeps,
): Promise<Outcome> {
  refuseCrossSite(request);
  const { language } = problemContext(requestId, request.headers['accept-language']);
  const read = (part: PartName, given: unknown) => readPart(part, operation[part], given, language);
  const session = await readSession(deps, request);
  const caller = operation.action === 'open' ? undefined : requireSession(session);

  const params = read('params', request.params);
  if (!params.ok) return { kind: 'unreadable', fields: params.fields };
  if (caller !== undefined) {
    const { action, resource } = operation;
    await requireAllowed(deps, request, caller, {
      action,
      resource,
      params: params.value as Record<string, string>,
    });
  }
  const query = read('query', request.query);
  const body = read('body', request.body);
  if (!query.ok || !body.ok) {
    return {
      kind: 'unreadable',
      fields: [...(query.ok ? [] : query.fields), ...(body.ok ? [] : body.fields)],
    };
  }
  const context =
    caller === undefined
      ? openContext(request, reply, requestId, session)
      : { requestId, user: caller.principal, actor: actorOf(caller.principal) };
  return {
    kind: 'answer',
    value: await handler({ params: params.value, query: query.value, body: body.value }, context),
  };
}

function openContext(
  request: FastifyRequest,
  reply: FastifyReply,
  requestId: string,
  session: OpenContext['session'],
): OpenContext {
  return {
    requestId,
    sourceIp: request.ip,
    token: tokenOf(request),
    session,
    keepToken: (token, expiresAt) => keepToken(request, reply, token, expiresAt),
    dropToken: () => dropToken(request, reply),
  };
}

/** Answers what was thrown as a problem; what nobody expected is reported and tells its id only. */
export function sendFailure(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Pick<MountDeps, 'reportFailure'>,
  failure: { requestId: string; operation: string; error: unknown },
): FastifyReply {
  const context = problemContext(failure.requestId, request.headers['accept-language']);
  const { problem, unexpected, retryAfterSeconds } = problemOf(failure.error, context);
  if (unexpected) deps.reportFailure(failure);
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  return sendProblem(reply, problem);
}

function sendProblem(reply: FastifyReply, problem: ReturnType<typeof problemOfCode>): FastifyReply {
  // As text, so that fastify does not put its own media type in place of the problem's.
  return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}
