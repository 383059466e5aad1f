import { Readable } from 'node:stream';
import { operations } from '@signet/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../../platform/domain-error.ts';
import { CONSOLE_ERRORS } from './errors.ts';
import { type GuardDeps, readSession, requireAllowed, requireSession } from './guards.ts';
import { type MountDeps, sendFailure } from './mount.ts';

export type LiveDeps = GuardDeps &
  Pick<MountDeps, 'requestId' | 'reportFailure'> & {
    /** Calls `listener` after each commit that changed messages of the tenant; returns its end. */
    onChange(tenantId: string, listener: () => void): () => void;
    /** Runs `act` once after `delayMs`; returns its cancellation. */
    setTimer(delayMs: number, act: () => void): () => void;
  };

/** Proxies close a connection that is silent for 30 s or more. */
export const HEARTBEAT_MS = 25_000;
/** However fast messages change, a list is read again at most once a second. */
export const EVENT_SPACING_MS = 1_000;
export const MAX_LISTENERS_A_TENANT = 50;
/** A client that reads nothing is given nothing more. */
const MAX_UNREAD_OCTETS = 4_096;

const CHANGED = 'event: changed\ndata: {}\n\n';
const HEARTBEAT = ': still here\n\n';

/** GET /tenants/:tenantId/live: server-sent events that say when a list of messages is worth reading again. */
export function mountLive(app: FastifyInstance, deps: LiveDeps): void {
  const streams = new Map<string, Set<Readable>>();
  const { action, resource, params } = operations.listMessages;

  const allow = async (request: FastifyRequest, tenantId: string): Promise<void> => {
    const session = requireSession(await readSession(deps, request));
    await requireAllowed(deps, request, session, { action, resource, params: { tenantId } });
  };

  const open = (tenantId: string, request: FastifyRequest): Readable => {
    const ofTenant = streams.get(tenantId) ?? new Set();
    if (ofTenant.size >= MAX_LISTENERS_A_TENANT) {
      throw new DomainError(
        CONSOLE_ERRORS.tooManyListeners,
        `At most ${MAX_LISTENERS_A_TENANT} pages of one tenant are kept up to date; close some.`,
      );
    }
    streams.set(tenantId, ofTenant);
    const stream = liveStream(deps, tenantId, () => allow(request, tenantId));
    ofTenant.add(stream);
    stream.once('close', () => {
      ofTenant.delete(stream);
      if (ofTenant.size === 0) streams.delete(tenantId);
    });
    return stream;
  };

  app.get('/tenants/:tenantId/live', { exposeHeadRoute: false }, async (request, reply) => {
    try {
      const { tenantId } = params.safeParse(request.params).data ?? { tenantId: '' };
      await allow(request, tenantId);
      return reply
        .type('text/event-stream; charset=utf-8')
        .header('x-accel-buffering', 'no')
        .send(open(tenantId, request));
    } catch (error) {
      return sendFailure(request, reply, deps, { requestId: deps.requestId(), operation: 'live', error });
    }
  });
  // An open stream would keep the server from closing.
  app.addHook('preClose', async () => {
    for (const stream of [...streams.values()].flatMap((ofTenant) => [...ofTenant])) stream.destroy();
  });
}

/** `stillAllowed` rejects when the session is over or policy changed: looked at with every heartbeat. */
function liveStream(deps: LiveDeps, tenantId: string, stillAllowed: () => Promise<void>): Readable {
  const stream = new Readable({ read: () => undefined });
  let cancelHeartbeat = (): void => undefined;
  let cancelSpacing: (() => void) | undefined;
  let changedMeanwhile = false;

  const push = (text: string): void => {
    if (!stream.destroyed && stream.readableLength < MAX_UNREAD_OCTETS) stream.push(text);
  };
  const changed = (): void => {
    if (cancelSpacing !== undefined) {
      changedMeanwhile = true;
      return;
    }
    push(CHANGED);
    cancelSpacing = deps.setTimer(EVENT_SPACING_MS, () => {
      cancelSpacing = undefined;
      if (!changedMeanwhile) return;
      changedMeanwhile = false;
      changed();
    });
  };
  const beat = (): void => {
    cancelHeartbeat = deps.setTimer(HEARTBEAT_MS, () => {
      stillAllowed().then(
        () => {
          if (stream.destroyed) return;
          push(HEARTBEAT);
          beat();
        },
        () => stream.push(null),
      );
    });
  };

  const unsubscribe = deps.onChange(tenantId, changed);
  stream.once('close', () => {
    unsubscribe();
    cancelHeartbeat();
    cancelSpacing?.();
  });
  push(HEARTBEAT);
  beat();
  return stream;
}
