import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';

export type StatusDeps = {
  /** Rejects when the database does not answer. */
  askStore(): Promise<unknown>;
  /** False when the store answers but cannot take more for want of disk. */
  storeHasRoom(): Promise<boolean>;
  /** States of the links of all enabled carriers. */
  linkStates(): readonly string[];
  /** Ms for which the group commit has had work and finished none; flush-watch.ts. */
  stuckForMs(): number;
  registry: Pick<Registry, 'metrics' | 'contentType'>;
  /** Runs `act` once after `delayMs`; returns its cancellation. */
  setTimer(delayMs: number, act: () => void): () => void;
};

/** What keeps a process from taking work, in one word each. */
export type NotReady = 'store' | 'disk' | 'carriers' | 'commit';

/** Longer than any query of a healthy store, shorter than the patience of a load balancer. */
const STORE_TIMEOUT_MS = 2_000;
/** A commit is milliseconds; one that takes this long is not coming back by itself. */
const STUCK_MS = 10_000;
/** Links in these states take messages: a throttled one is bound and slow. */
const BOUND: readonly string[] = ['bound', 'throttled'];

/**
 * GET /healthz (the process lives), /readyz (it can take work; 503 names what is missing) and /metrics (Prometheus, for
 * this machine alone, since it has no login).
 */
export function statusPages(deps: StatusDeps): FastifyPluginAsync {
  return async (app: FastifyInstance) => {
    app.addHook('onRequest', async (_request, reply) => {
      reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    });
    app.get('/healthz', () => ({ status: 'ok' }));
    app.get('/readyz', async (_request, reply) => {
      const reasons = await notReady(deps);
      return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
    });
    app.get('/metrics', async (request, reply) => {
      if (!isFromThisMachine(request)) {
        return reply
          .code(403)
          .type('text/plain; charset=utf-8')
          .send('Metrics are for this machine: ask at 127.0.0.1.\n');
      }
      return reply.type(deps.registry.contentType).send(await deps.registry.metrics());
    });
  };
}

async function notReady(deps: StatusDeps): Promise<NotReady[]> {
  const reasons: NotReady[] = [];
  if (!(await storeAnswers(deps))) reasons.push('store');
  else if (!(await deps.storeHasRoom())) reasons.push('disk');
  const states = deps.linkStates();
  if (states.length > 0 && !states.some((state) => BOUND.includes(state))) reasons.push('carriers');
  if (deps.stuckForMs() > STUCK_MS) reasons.push('commit');
  return reasons;
}

function storeAnswers({ askStore, setTimer }: StatusDeps): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = setTimer(STORE_TIMEOUT_MS, () => resolve(false));
    const settle = (answers: boolean) => (): void => {
      cancel();
      resolve(answers);
    };
    askStore().then(settle(true), settle(false));
  });
}

const LOOPBACK: readonly string[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

/** By the socket, not by what a header says; a request that came through a proxy on this machine is from elsewhere. */
function isFromThisMachine({ socket, headers }: FastifyRequest): boolean {
  const forwarded = headers['x-forwarded-for'] ?? headers.forwarded ?? headers.via;
  return forwarded === undefined && LOOPBACK.includes(socket.remoteAddress ?? '');
}
