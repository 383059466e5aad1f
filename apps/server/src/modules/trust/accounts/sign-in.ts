import { createHash } from 'node:crypto';
import { DomainError } from '../../../platform/domain-error.ts';
import type { UserPrincipal } from '../access/public.ts';
import { createAttempts } from './attempts.ts';
import type { AccountDeps } from './deps.ts';
import { ACCOUNT_ERRORS } from './errors.ts';
import {
  faultOfPassword,
  isToken,
  MIN_PASSWORD_CHARACTERS,
  newOneTimePassword,
  type PasswordFault,
  SESSION_MS,
  type Session,
  TOKEN_OCTETS,
} from './model.ts';
import { hashPassword, isPassword } from './passwords.ts';
import {
  amongAllUsers,
  deleteExpiredSessions,
  deleteSession,
  deleteSessionsOfUser,
  findSession,
  findUser,
  findUserByName,
  insertSession,
  storePassword,
  type UserRow,
} from './store.ts';

export type SignIn = {
  /** `address`: where the request came from. Errors: account.wrong_credentials, too_many_attempts, frozen. */
  signIn(given: {
    name: string;
    password: string;
    address: string;
  }): Promise<{ token: string; session: Session }>;
  /** At most one second old. Undefined when there is no such session or it is over. */
  readSession(token: string): Promise<Session | undefined>;
  signOut(token: string): Promise<void>;
  /**
   * Ends the user's other sessions. Errors: account.wrong_credentials (also for a session that is over), weak_password,
   * too_many_attempts.
   */
  changePassword(given: { token: string; current: string; next: string }): Promise<Session>;
  /** A new one-time password, for the operator at the machine; ends all sessions. Errors: account.user_not_found. */
  resetPassword(name: string, actor: string): Promise<string>;
  /** Job: deletes sessions that are over; returns how many. */
  forgetSessions(): Promise<number>;
};

const WINDOW_MS = 15 * 60_000;
const TRIES_A_NAME = 10;
const TRIES_AN_ADDRESS = 50;
const MAX_WINDOWS = 10_000;
const CACHE_MS = 1_000;
const MAX_CACHED = 10_000;

const FAULTS: Readonly<Record<PasswordFault, string>> = {
  too_short: `Choose a password of at least ${MIN_PASSWORD_CHARACTERS} characters.`,
  too_long: 'Choose a shorter password.',
  same_as_before: 'Choose a password that is not the one you have.',
  contains_name: 'Choose a password that does not contain your user name.',
};

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export function signInCases(deps: AccountDeps): SignIn {
  const byName = createAttempts(TRIES_A_NAME, WINDOW_MS, MAX_WINDOWS);
  const byAddress = createAttempts(TRIES_AN_ADDRESS, WINDOW_MS, MAX_WINDOWS);
  const cached = new Map<string, { session: Session; until: number }>();

  const tooMany = (): DomainError =>
    new DomainError(
      ACCOUNT_ERRORS.tooManyAttempts,
      'Too many attempts; wait a quarter of an hour and try again.',
      {
        retryAfterSeconds: WINDOW_MS / 1_000,
      },
    );

  /** Counts the try for both; gives back what it counted when it is right. */
  const takeTry = (name: string, address: string | null): (() => void) => {
    const now = deps.now();
    if (address !== null && !byAddress.take(address, now)) throw tooMany();
    if (!byName.take(name, now)) throw tooMany();
    return () => {
      byName.giveBack(name, now);
      if (address !== null) byAddress.giveBack(address, now);
    };
  };

  const tenantsOf = (user: UserRow | undefined): string[] => (user?.tenantId == null ? [] : [user.tenantId]);

  // The same commit for a name that does not exist, so that its time tells nothing.
  const refuse = async (user: UserRow | undefined): Promise<never> => {
    await deps.makeChange({
      tenants: tenantsOf(user),
      async run(_tx, log) {
        const subject = user === undefined ? 'usr_unknown' : `usr_${user.id}`;
        log.append({
          action: 'user.sign_in_failed',
          actor: 'system:accounts',
          tenantId: user?.tenantId ?? null,
          subject,
          facts: {},
        });
      },
    });
    throw new DomainError(ACCOUNT_ERRORS.wrongCredentials, 'Name or password is wrong; try again.');
  };

  const readFresh = async (token: string): Promise<Session | undefined> => {
    const now = deps.now();
    const row = await deps.db.sweep((tx) => findSession(tx, digestOf(token), new Date(now)));
    if (row === undefined || row.state !== 'active' || row.tenantState === 'frozen') return undefined;
    return sessionOf(row, row.expiresAt);
  };

  return {
    async signIn({ name, password, address }) {
      const right = takeTry(name, address);
      const user = await deps.db.sweep((tx) => findUserByName(tx, name));
      const known = user?.state === 'active' ? user : undefined;
      if (!(await isPassword(known?.passwordHash, password)) || known === undefined) return refuse(user);
      right();
      if (known.tenantState === 'frozen') {
        throw new DomainError(
          ACCOUNT_ERRORS.frozen,
          'This account is frozen; ask the operator of the platform.',
        );
      }
      const token = deps.random.octets(TOKEN_OCTETS).toString('base64url');
      const expiresAt = await deps.makeChange({
        tenants: tenantsOf(known),
        async run(tx, log, now) {
          const expiresAt = new Date(now + SESSION_MS);
          await insertSession(tx, {
            digest: digestOf(token),
            userId: known.id,
            createdAt: new Date(now),
            expiresAt,
          });
          const actor = `user:${known.id}`;
          const subject = `usr_${known.id}`;
          log.append({ action: 'user.signed_in', actor, tenantId: known.tenantId, subject, facts: {} });
          return expiresAt;
        },
      });
      return { token, session: sessionOf(known, expiresAt) };
    },
    async readSession(token) {
      if (!isToken(token)) return undefined;
      const now = deps.now();
      const hit = cached.get(token);
      if (hit !== undefined && now < hit.until)
        return now < hit.session.expiresAt.getTime() ? hit.session : undefined;
      const session = await readFresh(token);
      cached.delete(token);
      if (session === undefined) return undefined;
      if (cached.size >= MAX_CACHED) cached.delete(cached.keys().next().value as string);
      cached.set(token, { session, until: now + CACHE_MS });
      return session;
    },
    async signOut(token) {
      if (!isToken(token)) return;
      const session = await readFresh(token);
      await deps.makeChange({
        tenants: session?.principal.tenantId == null ? [] : [session.principal.tenantId],
        async run(tx, log) {
          const userId = await deleteSession(tx, digestOf(token));
          if (userId === undefined) return;
          log.append({
            action: 'user.signed_out',
            actor: `user:${userId}`,
            tenantId: session?.principal.tenantId ?? null,
            subject: `usr_${userId}`,
            facts: {},
          });
        },
      });
      cached.delete(token);
    },
    async changePassword({ token, current, next }) {
      const session = isToken(token) ? await readFresh(token) : undefined;
      const user = session && (await deps.db.sweep((tx) => findUser(tx, session.principal.userId)));
      if (session === undefined || user === undefined) return refuse(undefined);
      const right = takeTry(user.name, null);
      if (!(await isPassword(user.passwordHash, current))) return refuse(user);
      right();
      const fault = faultOfPassword(next, current, user.name);
      if (fault !== undefined) throw new DomainError(ACCOUNT_ERRORS.weakPassword, FAULTS[fault]);
      const passwordHash = await hashPassword(next);
      await deps.makeChange({
        tenants: tenantsOf(user),
        async run(tx, log) {
          const stored = {
            id: user.id,
            passwordHash,
            mustChangePassword: false,
            replaces: user.passwordHash,
          };
          if (!(await amongAllUsers(tx, () => storePassword(tx, stored)))) {
            throw new DomainError(
              ACCOUNT_ERRORS.wrongCredentials,
              'The password was changed meanwhile; sign in again.',
            );
          }
          await deleteSessionsOfUser(tx, user.id, digestOf(token));
          log.append({
            action: 'user.password_changed',
            actor: `user:${user.id}`,
            tenantId: user.tenantId,
            subject: `usr_${user.id}`,
            facts: {},
          });
        },
      });
      cached.clear();
      return { ...session, mustChangePassword: false };
    },
    async resetPassword(name, actor) {
      const user = await deps.db.sweep((tx) => findUserByName(tx, name));
      if (user === undefined) {
        throw new DomainError(
          ACCOUNT_ERRORS.userNotFound,
          'There is no user of this name; check its spelling.',
        );
      }
      const oneTimePassword = newOneTimePassword(deps.random.octets);
      const passwordHash = await hashPassword(oneTimePassword);
      await deps.makeChange({
        tenants: tenantsOf(user),
        async run(tx, log) {
          const stored = { id: user.id, passwordHash, mustChangePassword: true, replaces: user.passwordHash };
          if (!(await amongAllUsers(tx, () => storePassword(tx, stored)))) {
            throw new DomainError(
              ACCOUNT_ERRORS.stateUnchanged,
              'The password was changed meanwhile; reset it again.',
            );
          }
          await deleteSessionsOfUser(tx, user.id, null);
          log.append({
            action: 'user.password_reset',
            actor,
            tenantId: user.tenantId,
            subject: `usr_${user.id}`,
            facts: {},
          });
        },
      });
      cached.clear();
      return oneTimePassword;
    },
    forgetSessions: () => deps.db.sweep((tx) => deleteExpiredSessions(tx, new Date(deps.now()))),
  };
}

function sessionOf(user: UserRow, expiresAt: Date): Session {
  const principal: UserPrincipal = {
    kind: 'user',
    userId: user.id,
    name: user.name,
    role: user.role,
    tenantId: user.tenantId,
    sandbox: user.sandbox === true,
  };
  return { principal, mustChangePassword: user.mustChangePassword, expiresAt };
}
