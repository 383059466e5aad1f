import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { DomainError } from '../../platform/domain-error.ts';
import type { ConsoleApiDeps } from './deps.ts';
import { CONSOLE_ERRORS } from './errors.ts';
import { consoleHandlers } from './handlers.ts';
import { mountLive } from './live.ts';
import { mountOperations, sendFailure } from './mount.ts';
import { describeApi } from './open-api.ts';

/** Answers are one person's: nobody keeps them, no page frames them, no browser guesses what they are. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * The console API under `/api`: every operation of packages/contract, the live events and the description. Register it
 * on the server itself; behind a TLS proxy the server must be told to trust it (fastify `trustProxy`), or the cookie
 * lacks its Secure flag and attempts are counted by the proxy's address.
 */
export function consoleApi(deps: ConsoleApiDeps): FastifyPluginAsync {
  const mount = async (app: FastifyInstance): Promise<void> => {
    await app.register(cookie);
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers(HEADERS);
    });
    app.setErrorHandler((error, request, reply) =>
      sendFailure(request, reply, deps, { requestId: deps.requestId(), operation: 'unread', error }),
    );
    mountOperations(app, consoleHandlers(deps), deps);
    mountLive(app, deps);
    let description: string | undefined;
    app.get('/openapi.json', (_request, reply) => {
      description ??= JSON.stringify(describeApi());
      return reply.type('application/json; charset=utf-8').send(description);
    });
    for (const url of ['/', '/*']) {
      app.all(url, (request, reply) => {
        const error = new DomainError(
          CONSOLE_ERRORS.noSuchPath,
          'There is nothing at this address; /api/openapi.json lists what there is.',
        );
        return sendFailure(request, reply, deps, { requestId: deps.requestId(), operation: 'none', error });
      });
    }
  };
  return async (app) => {
    await app.register(mount, { prefix: '/api' });
  };
}
