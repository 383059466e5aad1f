import { Readable } from 'node:stream';
import { type LiveTopic, liveTopics, operations } from '@signet/contract';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '../../platform/domain-error.ts';
import { CONSOLE_ERRORS } from './errors.ts';
import { type GuardDeps, readSession, requireAllowed, requireSession } from './guards.ts';
import { type MountDeps, sendFailure } from './mount.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';

export type LiveDeps = GuardDeps &
  Pick<MountDeps, 'requestId' | 'reportFailure'> & {
    /** Calls `listener` after each commit that changed messages or applications of the tenant; returns its end. */
    onChange(tenantId: string, listener: () => void): () => void;
    /** The same for the queue of the reviewers. */
    onReview(listener: () => void): () => void;
    /** Null when the sandbox is off: a message came to its phone, or went from it. */
    sandbox: { onMessage(listener: () => void): () => void } | null;
    /** Runs `act` once after `delayMs`; returns its cancellation. */
    setTimer(delayMs: number, act: () => void): () => void;
  };

/** Proxies close a connection that is silent for 30 s or more. */
export const HEARTBEAT_MS = 25_000;
/** However fast things change, a list is read again at most once a second. */
export const EVENT_SPACING_MS = 1_000;
export const MAX_LISTENERS_A_TOPIC = 50;
/** A client that reads nothing is given nothing more. */
const MAX_UNREAD_OCTETS = 4_096;

const CHANGED = 'event: changed\ndata: {}\n\n';
const HEARTBEAT = ': still here\n\n';

type Subscribe = (listener: () => void) => () => void;

/** GET of each live topic: server-sent events that say when a list is worth reading again, and nothing of what is in it. */
export function mountLive(app: FastifyInstance, deps: LiveDeps): void {
  const streams = new Map<string, Set<Readable>>();
  const sources: Readonly<Record<LiveTopic, (tenantId: string) => Subscribe>> = {
    tenant: (tenantId) => (listener) => deps.onChange(tenantId, listener),
    reviews: () => deps.onReview,
    phone: () => {
      if (deps.sandbox !== null) return deps.sandbox.onMessage;
      throw new DomainError(CONSOLE_ERRORS.sandboxOff, PROBLEM_TEXTS.sandbox_off.detail.en);
    },
  };

  const open = (key: string, subscribe: Subscribe, stillAllowed: () => Promise<void>): Readable => {
    const ofTopic = streams.get(key) ?? new Set();
    if (ofTopic.size >= MAX_LISTENERS_A_TOPIC) {
      throw new DomainError(
        CONSOLE_ERRORS.tooManyListeners,
        `At most ${MAX_LISTENERS_A_TOPIC} pages of one kind are kept up to date; close some.`,
      );
    }
    streams.set(key, ofTopic);
    const stream = liveStream(deps, subscribe, stillAllowed);
    ofTopic.add(stream);
    stream.once('close', () => {
      ofTopic.delete(stream);
      if (ofTopic.size === 0) streams.delete(key);
    });
    return stream;
  };

  for (const topic of Object.keys(liveTopics) as LiveTopic[]) {
    const { path, follows } = liveTopics[topic];
    const { action, resource, params } = operations[follows];
    app.get(path, { exposeHeadRoute: false }, async (request, reply) => {
      try {
        const given = (params.safeParse(request.params).data ?? {}) as { tenantId?: string };
        const { tenantId = '' } = given;
        const values: Record<string, string> = path.includes(':tenantId') ? { tenantId } : {};
        const allow = async (): Promise<void> => {
          const session = requireSession(await readSession(deps, request));
          await requireAllowed(deps, request, session, { action, resource, params: values });
        };
        await allow();
        const subscribe = sources[topic](tenantId);
        return reply
          .type('text/event-stream; charset=utf-8')
          .header('x-accel-buffering', 'no')
          .send(open(`${topic}/${tenantId}`, subscribe, allow));
      } catch (error) {
        return sendFailure(request, reply, deps, { requestId: deps.requestId(), operation: 'live', error });
      }
    });
  }
  // An open stream would keep the server from closing.
  app.addHook('preClose', async () => {
    for (const stream of [...streams.values()].flatMap((ofTopic) => [...ofTopic])) stream.destroy();
  });
}

/** `stillAllowed` rejects when the session is over or policy changed: looked at with every heartbeat. */
function liveStream(
  deps: Pick<LiveDeps, 'setTimer'>,
  subscribe: Subscribe,
  stillAllowed: () => Promise<void>,
): Readable {
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

  const unsubscribe = subscribe(changed);
  stream.once('close', () => {
    unsubscribe();
    cancelHeartbeat();
    cancelSpacing?.();
  });
  push(HEARTBEAT);
  beat();
  return stream;
}
