import type { FastifyReply, FastifyRequest } from 'fastify';

/** Set for `/api` alone: nothing else of this origin is given it. */
export const SESSION_COOKIE = 'signet_session';
const PATH = '/api';

const flags = (request: FastifyRequest) => ({
  path: PATH,
  httpOnly: true,
  sameSite: 'strict' as const,
  secure: isSecure(request),
});

/** Over TLS, here or at the proxy that fastify was told to trust. */
export const isSecure = (request: FastifyRequest): boolean => request.protocol === 'https';

export const tokenOf = (request: FastifyRequest): string | undefined => request.cookies[SESSION_COOKIE];

export function keepToken(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  expiresAt: Date,
): void {
  reply.setCookie(SESSION_COOKIE, token, { ...flags(request), expires: expiresAt });
}

export function dropToken(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(SESSION_COOKIE, flags(request));
}
