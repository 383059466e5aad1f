import { ERROR_CODES, type ErrorCode, type Problem } from '@signet/contract';
import { DomainError } from '../../platform/domain-error.ts';
import { CommitUncertain } from '../../platform/group-commit.ts';
import { type Language, languageOf } from './language.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { SENTENCES_ZH } from './sentences-zh.ts';

export type ProblemFields = NonNullable<Problem['fields']>;
/** `id` names the request in the log; it is all that an unexpected failure tells. */
export type ProblemContext = { id: string; language: Language };

export const PROBLEM_MEDIA_TYPE = 'application/problem+json; charset=utf-8';

/** A problem in the fixed words of its code. */
export function problemOfCode(
  code: ErrorCode,
  { id, language }: ProblemContext,
  exact: { status?: number; detail?: string; fields?: ProblemFields } = {},
): Problem {
  const { status, title, detail } = PROBLEM_TEXTS[code];
  return {
    type: `urn:problem:signet:${code}`,
    title: title[language],
    status,
    code,
    detail: detail[language],
    id,
    ...exact,
  };
}

export type Told = {
  problem: Problem;
  /** True for what must be reported: only refusals and requests that fastify could not read are expected. */
  unexpected: boolean;
  /** Value of header Retry-After, where the refusal knows it. */
  retryAfterSeconds?: number;
};

/** The RFC 9457 problem of whatever was thrown. */
export function problemOf(error: unknown, context: ProblemContext): Told {
  if (error instanceof DomainError && isErrorCode(error.row.problem))
    return refusal(error, error.row.problem, context);
  if (error instanceof CommitUncertain)
    return { problem: problemOfCode('unavailable', context), unexpected: true };
  const status = unreadableStatus(error);
  if (status !== undefined)
    return { problem: problemOfCode('invalid_request', context, { status }), unexpected: false };
  return { problem: problemOfCode('internal', context), unexpected: true };
}

/**
 * A refusal in the words of the module that refused. The fact `field` names a field of the body, `retryAfterSeconds`
 * when to come again.
 */
function refusal({ row, message, facts }: DomainError, code: ErrorCode, context: ProblemContext): Told {
  const detail =
    context.language === 'en' ? message : (SENTENCES_ZH[row.code] ?? PROBLEM_TEXTS[code].detail.zh);
  const { field, retryAfterSeconds } = facts;
  const exact = {
    status: row.http,
    detail,
    ...(typeof field === 'string' ? { fields: [{ path: `body.${field}`, detail }] } : {}),
  };
  const problem = problemOfCode(code, context, exact);
  return typeof retryAfterSeconds === 'number'
    ? { problem, unexpected: false, retryAfterSeconds }
    : { problem, unexpected: false };
}

const isErrorCode = (code: string): code is ErrorCode => (ERROR_CODES as readonly string[]).includes(code);

/** 4xx of a request that fastify itself refused: no JSON, too large, cut off, another media type. */
function unreadableStatus(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  const ofFastify = (typeof code === 'string' && code.startsWith('FST_')) || error instanceof SyntaxError;
  return ofFastify && typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
    ? statusCode
    : undefined;
}

/** The context of a problem from a request's headers. */
export const problemContext = (id: string, acceptLanguage: string | undefined): ProblemContext => ({
  id,
  language: languageOf(acceptLanguage),
});
