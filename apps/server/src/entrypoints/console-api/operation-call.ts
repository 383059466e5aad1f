import type { OperationName, Operations } from '@signet/contract';
import type { z } from 'zod';
import type { UserPrincipal } from '../../modules/trust/access/public.ts';
import type { Session } from '../../modules/trust/accounts/public.ts';

/** Operations that need no session and no policy decision; a test holds this list against the contract. */
export const OPEN_OPERATIONS = ['signIn', 'readSession', 'signOut', 'changePassword'] as const;
export type OpenOperation = (typeof OPEN_OPERATIONS)[number];

/** The parts of a request as its contract row parsed them. */
export type OperationCall<Name extends OperationName> = {
  readonly params: z.output<Operations[Name]['params']>;
  readonly query: z.output<Operations[Name]['query']>;
  readonly body: z.output<Operations[Name]['body']>;
};
export type OperationAnswer<Name extends OperationName> = z.output<Operations[Name]['answer']>;

/** What a handler knows of its caller when policy allowed the call. */
export type CallerContext = {
  readonly requestId: string;
  /** Who is signed in. */
  readonly user: UserPrincipal;
  /** `user:<id>`, for the audit log. */
  readonly actor: string;
};

/** What a session handler knows: perhaps nobody is signed in. */
export type OpenContext = {
  readonly requestId: string;
  readonly sourceIp: string;
  readonly token: string | undefined;
  readonly session: Session | undefined;
  /** Sends the cookie with the answer. */
  keepToken(token: string, expiresAt: Date): void;
  dropToken(): void;
};

/** Translates one operation to the modules and back; it holds no rules. Refusals are thrown as DomainError. */
export type Handler<Name extends OperationName> = (
  call: OperationCall<Name>,
  context: Name extends OpenOperation ? OpenContext : CallerContext,
) => Promise<OperationAnswer<Name>>;

/** One handler an operation: a missing one does not compile. */
export type Handlers = { readonly [Name in OperationName]: Handler<Name> };
