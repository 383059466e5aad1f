import type { Method, OperationName, Operations, Problem } from '@signet/contract';

type AnyOperation = Operations[OperationName];
type Input<S> = S extends { _zod: { input: infer I } } ? I : never;
type Output<S> = S extends { _zod: { output: infer O } } ? O : never;
type Part<K extends string, V> = Record<never, never> extends V ? { [P in K]?: V } : { [P in K]: V };

/** What an operation must be given: a part may be left out when all in it may. */
export type RequestOf<O extends AnyOperation> = Part<'params', Input<O['params']>> &
  Part<'query', Input<O['query']>> &
  Part<'body', Input<O['body']>>;
export type AnswerOf<O extends AnyOperation> = Output<O['answer']>;
export type Answer<N extends OperationName> = AnswerOf<Operations[N]>;

/** A problem as the server told it, or `unreachable` when no answer came (`detail` is then empty). */
export type Trouble = Omit<Problem, 'code'> & { code: Problem['code'] | 'unreachable' };
export type Outcome<T> = { ok: true; answer: T } | { ok: false; problem: Trouble };

type Told = (problem: Trouble) => void;
type Client = { language: string; onProblem: Told | undefined };
const client: Client = { language: 'zh-CN', onProblem: undefined };

/** Language in which the server words its problems, and who is told of each (the session listens for sign-out). */
export function configureCalls(settings: Partial<Client>): void {
  Object.assign(client, settings);
}

/** Path below `/api` with its `:name` places filled and the query appended; empty values are left out. */
export function addressOf(
  path: string,
  params: Readonly<Record<string, unknown>> = {},
  query: Readonly<Record<string, unknown>> = {},
): string {
  const filled = path.replace(/:([A-Za-z]+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const tail = search.toString();
  return `/api${filled}${tail === '' ? '' : `?${tail}`}`;
}

export type Loose = { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };
type Arguments<O extends AnyOperation> =
  Record<never, never> extends RequestOf<O> ? [request?: RequestOf<O>] : [request: RequestOf<O>];

/**
 * Calls one operation of the contract. Never throws for an answer that is a problem or for a lost connection.
 * Changing calls carry `x-signet-console`, which a foreign page cannot send.
 */
export function call<O extends AnyOperation>(
  operation: O,
  ...[request]: Arguments<O>
): Promise<Outcome<AnswerOf<O>>> {
  return ask(operation, (request ?? {}) as Loose);
}

/** {@link call} for a request whose parts are known to fit; an aborted one rejects with AbortError. */
export async function ask<O extends AnyOperation>(
  operation: O,
  { params, query, body }: Loose,
  signal?: AbortSignal,
): Promise<Outcome<AnswerOf<O>>> {
  const { method, path }: { method: Method; path: string } = operation;
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': client.language };
  if (method !== 'GET') headers['x-signet-console'] = '1';
  if (body !== undefined) headers['content-type'] = 'application/json';
  let outcome: Outcome<AnswerOf<O>>;
  try {
    const response = await fetch(addressOf(path, params, query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    outcome = await readOutcome<AnswerOf<O>>(response);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    outcome = { ok: false, problem: noAnswer(0) };
  }
  if (!outcome.ok) client.onProblem?.(outcome.problem);
  return outcome;
}

async function readOutcome<T>(response: Response): Promise<Outcome<T>> {
  const json: unknown = await response.json().catch(() => undefined);
  if (response.ok && json !== undefined) return { ok: true, answer: json as T };
  return { ok: false, problem: isProblem(json) ? json : noAnswer(response.status) };
}

function isProblem(json: unknown): json is Problem {
  return typeof json === 'object' && json !== null && 'code' in json && 'detail' in json;
}

function noAnswer(status: number): Trouble {
  return { type: 'about:blank', title: '', status, code: 'unreachable', detail: '', id: '' };
}
