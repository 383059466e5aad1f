import type { RunningServer } from '../world/server.ts';

/** The console's API as the browser uses it: a session cookie, and the header that only our own page can set. */
export type ConsoleSession = {
  /** An operation below `/api`; throws with status and problem when it is refused. */
  call<T = unknown>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>;
};

/** The operator's password once the one-time password has been changed. */
export const OPERATOR_PASSWORD = 'a long pass phrase for flow tests 1';

async function ask(url: string, method: string, cookie: string | null, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { 'x-signet-console': '1' };
  if (cookie !== null) headers.cookie = cookie;
  if (body !== undefined) headers['content-type'] = 'application/json';
  const answer = await fetch(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Signs in; with the one-time password of a first start it is changed to OPERATOR_PASSWORD, as the console asks. */
export async function signIn({ ready }: Pick<RunningServer, 'ready'>): Promise<ConsoleSession> {
  const api = `${ready.url}/api`;
  const oneTime = ready.consolePassword as string | null;
  const password = oneTime ?? OPERATOR_PASSWORD;
  const first = await ask(`${api}/session`, 'POST', null, { name: ready.consoleUser, password });
  let cookie = cookieOf(first);
  if (oneTime !== null) {
    const changed = await ask(`${api}/session/password`, 'PUT', cookie, {
      current: oneTime,
      next: OPERATOR_PASSWORD,
    });
    cookie = cookieOf(changed) ?? cookie;
  }
  return {
    async call<T>(method: string, path: string, body?: unknown) {
      return (await (await ask(`${api}${path}`, method, cookie, body)).json()) as T;
    },
  };
}

const cookieOf = (answer: Response): string | null => answer.headers.getSetCookie()[0]?.split(';')[0] ?? null;

/** Id of the tenant that a first start makes. */
export async function sandboxTenant(console: ConsoleSession): Promise<string> {
  const { items } = await console.call<{ items: { id: string; sandbox: boolean }[] }>('GET', '/tenants');
  return items.find((tenant) => tenant.sandbox)!.id;
}

/** Applies for a template of the sandbox tenant and approves it as the operator. Returns its code. */
export async function approvedTemplate(
  console: ConsoleSession,
  draft: { name: string; kind: 'notice' | 'marketing'; content: string; variables?: Record<string, string> },
): Promise<string> {
  const tenantId = await sandboxTenant(console);
  const made = await console.call<{ id: string; code: string }>(
    'POST',
    `/tenants/${tenantId}/templates`,
    draft,
  );
  const { items } = await console.call<{ items: { id: string; subjectId: string }[] }>(
    'GET',
    '/reviews?subject=template',
  );
  const review = items.find(({ subjectId }) => subjectId === made.id)!;
  await console.call('POST', `/reviews/${review.id}/decision`, { approve: true, reason: 'flow test' });
  return made.code;
}
