import type { FastifyRequest } from 'fastify';
import type { Access } from '../../modules/trust/access/public.ts';
import type { Accounts, Session } from '../../modules/trust/accounts/public.ts';
import { DomainError } from '../../platform/domain-error.ts';
import { CONSOLE_ERRORS } from './errors.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { isSecure, tokenOf } from './session-cookie.ts';

export type GuardDeps = {
  accounts: Pick<Accounts, 'readSession' | 'tenantNames'>;
  access: Pick<Access, 'decide'>;
  now(): number;
};

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD'];

/**
 * Refuses a change that a foreign page could have sent. The header cannot be sent across origins without a preflight,
 * which nobody here answers; Sec-Fetch-Site and Origin are held against it where the client sends them (scripts do not).
 */
export function refuseCrossSite({
  method,
  headers,
  host,
}: Pick<FastifyRequest, 'method' | 'headers' | 'host'>): void {
  if (SAFE_METHODS.includes(method)) return;
  const site = headers['sec-fetch-site'];
  const { origin } = headers;
  const ours =
    headers['x-signet-console'] === '1' &&
    (site === undefined || site === 'same-origin') &&
    (origin === undefined || hostOf(origin) === host.toLowerCase());
  if (!ours) throw new DomainError(CONSOLE_ERRORS.crossSite, PROBLEM_TEXTS.cross_site.detail.en);
}

// The scheme is left out: behind a TLS proxy the browser's is https and ours is http.
const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;

/** The session that the cookie names, if it is still one. */
export async function readSession(deps: GuardDeps, request: FastifyRequest): Promise<Session | undefined> {
  const token = tokenOf(request);
  return token === undefined ? undefined : deps.accounts.readSession(token);
}

/** Somebody who is signed in with a password of his own. */
export function requireSession(session: Session | undefined): Session {
  if (session === undefined)
    throw new DomainError(CONSOLE_ERRORS.notSignedIn, PROBLEM_TEXTS.not_signed_in.detail.en);
  if (session.mustChangePassword) {
    throw new DomainError(CONSOLE_ERRORS.passwordChange, PROBLEM_TEXTS.password_change_required.detail.en);
  }
  return session;
}

/** Step 2 for the console: the policy decision over action and resource, default deny. */
export async function requireAllowed(
  deps: GuardDeps,
  request: FastifyRequest,
  { principal }: Session,
  wanted: { action: string; resource: string; params: Readonly<Record<string, string>> },
): Promise<void> {
  const decision = deps.access.decide(
    principal,
    wanted.action,
    fillResource(wanted.resource, wanted.params),
    {
      'acs:SourceIp': request.ip,
      'acs:SecureTransport': String(isSecure(request)),
      'acs:CurrentTime': new Date(deps.now()).toISOString(),
    },
  );
  if (decision.effect !== 'allow')
    throw new DomainError(CONSOLE_ERRORS.forbidden, PROBLEM_TEXTS.forbidden.detail.en);
  const { tenantId } = wanted.params;
  // The operator's staff may name any tenant; one that does not exist must not come into being by being looked at.
  if (tenantId === undefined || tenantId === principal.tenantId) return;
  if (!(await deps.accounts.tenantNames([tenantId])).has(tenantId)) {
    throw new DomainError(CONSOLE_ERRORS.noSuchTenant, 'There is no such tenant; look at the list again.');
  }
}

/** Fills the `{name}` places. Values are escaped: a `:` or `/` in one would otherwise name another account's resource. */
export const fillResource = (template: string, params: Readonly<Record<string, string>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
