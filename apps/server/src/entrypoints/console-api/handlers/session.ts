import type { Session } from '../../../modules/trust/accounts/public.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { ConsoleApiDeps } from '../deps.ts';
import { CONSOLE_ERRORS } from '../errors.ts';
import type { Handlers, OpenOperation, OperationAnswer } from '../operation-call.ts';
import { PROBLEM_TEXTS } from '../problem-texts.ts';

const notSignedIn = (): DomainError =>
  new DomainError(CONSOLE_ERRORS.notSignedIn, PROBLEM_TEXTS.not_signed_in.detail.en);

export function sessionHandlers({ accounts, access }: ConsoleApiDeps): Pick<Handlers, OpenOperation> {
  const user = ({ principal, mustChangePassword }: Session): OperationAnswer<'readSession'> => ({
    id: principal.userId,
    name: principal.name,
    role: principal.role,
    tenantId: principal.tenantId,
    mustChangePassword,
    actions: access.actionsOf(principal),
  });
  return {
    async signIn({ body }, { sourceIp, keepToken }) {
      const { token, session } = await accounts.signIn({ ...body, address: sourceIp });
      keepToken(token, session.expiresAt);
      return user(session);
    },
    async readSession(_call, { session }) {
      if (session === undefined) throw notSignedIn();
      return user(session);
    },
    async signOut(_call, { token, dropToken }) {
      if (token !== undefined) await accounts.signOut(token);
      dropToken();
      return { ok: true };
    },
    async changePassword({ body }, { token, session }) {
      if (token === undefined || session === undefined) throw notSignedIn();
      return user(await accounts.changePassword({ token, ...body }));
    },
  };
}
