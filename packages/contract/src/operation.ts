import { z } from 'zod';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One HTTP operation of the console API. `action` and `resource` are what the policy decision is asked for
 * (packages/policy); an operation that names neither does not compile. `resource` may hold `{name}` places that are
 * filled from the path parameters.
 */
export type Operation<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = {
  readonly method: Method;
  /** Fastify path with `:name` parameters, below `/api`. */
  readonly path: `/${string}`;
  /** `open` needs no session; every other operation is decided by policy, default deny. */
  readonly action: `signet:${string}` | 'open';
  readonly resource: string;
  /** One line for the API pages. */
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly answer: Answer;
  /** The answer is the file's own octets under its own media type, not JSON; `answer` is then `fileAnswer` of shapes.ts. */
  readonly file: boolean;
  /** Codes of `errors.ts` that this operation can answer with, besides those every operation has. */
  readonly errors: readonly ErrorCode[];
};

const nothing = z.strictObject({});
export type Nothing = typeof nothing;

type Draft = {
  method: Method;
  path: `/${string}`;
  action: `signet:${string}` | 'open';
  resource: string;
  summary: string;
  file?: true;
  errors?: readonly ErrorCode[];
};

/** Declares an operation; what is left out of params, query or body must be empty in the request. */
export function operation<
  Answer extends z.ZodType,
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = Nothing,
>(
  draft: Draft & { answer: Answer; params?: Params; query?: Query; body?: Body },
): Operation<Params, Query, Body, Answer> {
  return {
    ...draft,
    file: draft.file ?? false,
    errors: draft.errors ?? [],
    params: draft.params ?? (nothing as unknown as Params),
    query: draft.query ?? (nothing as unknown as Query),
    body: draft.body ?? (nothing as unknown as Body),
  };
}

/** The closed list of codes the console API answers with, as the `code` of an RFC 9457 problem. */
export const ERROR_CODES = [
  'not_signed_in',
  'wrong_credentials',
  'too_many_attempts',
  'password_change_required',
  'password_too_weak',
  'forbidden',
  'cross_site',
  'invalid_request',
  'not_found',
  'conflict',
  'reason_required',
  'limit_reached',
  'refused',
  'sandbox_off',
  'carrier_unreachable',
  'endpoint_refused',
  'internal',
  'unavailable',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** RFC 9457 problem document; `detail` is a plain sentence in the language of the request and says what to do next. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.enum(ERROR_CODES),
  detail: z.string(),
  id: z.string(),
  fields: z.array(z.object({ path: z.string(), detail: z.string() })).optional(),
});
export type Problem = z.infer<typeof problem>;
