import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import Fastify, { type FastifyInstance } from 'fastify';
import { aliyunRpc } from '../entrypoints/aliyun-rpc/routes.ts';
import { consoleApi } from '../entrypoints/console-api/console-api.ts';
import { consoleFiles } from '../entrypoints/console-api/console-files.ts';
import { createFlushWatch } from '../entrypoints/status/flush-watch.ts';
import { statusPages } from '../entrypoints/status/status-pages.ts';
import { isLoopback, StartFailure } from '../platform/settings/public.ts';
import { createTurns } from '../platform/turns.ts';
import { aliyunDeps } from './aliyun-deps.ts';
import type { Foundation } from './foundation.ts';
import type { Modules } from './modules.ts';
import { listenFailure, readTls, type TlsFiles } from './preflight.ts';
import type { Sandbox } from './sandbox.ts';

export type Api = {
  /** e.g. `http://127.0.0.1:8080` */
  readonly url: string;
  /** Stops taking requests and lets those in hand be answered. */
  close(): Promise<void>;
};

/** Calls that one turn of the event loop takes up: of 1, 3 and 6 the fastest with 50 callers. */
const CALLS_A_TURN = 3;

const CONSOLE_DIST = fileURLToPath(new URL('../../../console/dist', import.meta.url));

/** Sending waits for a commit of some milliseconds; an idle keep-alive connection may stay longer than any proxy's. */
const KEEP_ALIVE_MS = 75_000;

/** The role that answers HTTP: OpenAPI, console, status; one origin serves all (DESIGN.md). */
export async function startApi(
  foundation: Foundation,
  modules: Modules,
  sandbox: Sandbox | null,
): Promise<Api> {
  const { settings } = foundation;
  const tls = readTls(settings);
  const secure = tls !== null;
  if (!secure && !isLoopback(settings.host) && !settings.allowPlaintext) {
    throw new StartFailure(
      `SIGNET_HOST: ${settings.host} is no loopback address, so TLS is needed: set SIGNET_TLS_CERT and SIGNET_TLS_KEY, or SIGNET_ALLOW_PLAINTEXT=on behind a TLS proxy`,
    );
  }
  const app = createApp(settings, tls);
  await mount(app, foundation, modules, sandbox, secure);
  try {
    await app.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    await app.close();
    throw listenFailure(settings, error);
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return { url: `${secure ? 'https' : 'http'}://${host}:${port}`, close: () => app.close() };
}

function createApp(settings: Foundation['settings'], tls: TlsFiles | null): FastifyInstance {
  const base = {
    logger: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    // The API reads its query itself, in the vendor's encoding, from the original URL: the router is spared it.
    rewriteUrl: ({ url }: { url?: string }) => (url?.startsWith('/?') ? '/' : (url ?? '/')),
    // Plaintext beyond loopback is allowed only behind a TLS proxy of this machine, whose word on the caller is taken.
    trustProxy: settings.allowPlaintext ? 'loopback' : false,
    // A parser error has no request to answer in its own form; JSON, as every other answer, so that clients can read it.
    clientErrorHandler: (_error: Error, socket: Socket) => {
      if (!socket.writable) return;
      const body = JSON.stringify({
        Code: 'InvalidParameter.Format',
        Message: 'The request is not HTTP.',
        RequestId: '',
        HostId: '',
        Recommend: '',
      });
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json;charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
    },
  } as const;
  if (tls === null) return Fastify(base) as unknown as FastifyInstance;
  return Fastify({ ...base, https: { ...tls, minVersion: 'TLSv1.2' } }) as unknown as FastifyInstance;
}

async function mount(
  app: FastifyInstance,
  foundation: Foundation,
  modules: Modules,
  sandbox: Sandbox | null,
  secure: boolean,
): Promise<void> {
  const { clock, log, metrics, random } = foundation;
  const requestId = (): string => uuid(random.octets(16));
  const files = consoleFiles({ distDir: CONSOLE_DIST });
  const reportFailure = (failure: { requestId: string; error: unknown }): void => {
    metrics.faults.labels('request').inc();
    log.fault('request.failed', failure.error, { requestId: failure.requestId });
  };
  const watch = createFlushWatch({ drain: () => foundation.commit.drain(), now: () => clock.now() });
  foundation.onFlush(watch.flushed);
  await app.register(
    statusPages({
      askStore: () => foundation.readRegistryVersion(),
      storeHasRoom: foundation.storeHasRoom,
      linkStates: () => modules.gateway.carriers.running().map((carrier) => carrier.link.state),
      stuckForMs: watch.stuckForMs,
      registry: metrics.registry,
      setTimer,
    }),
  );
  await app.register(
    consoleApi({
      ...modules,
      carriers: modules.gateway.carriers,
      queuedAt: (carrierId) => modules.gateway.dispatcher.queued(carrierId),
      sandbox,
      send: modules.sending.send,
      requestId,
      reportFailure,
      now: () => clock.now(),
      onChange: modules.listeners.on,
      onReview: modules.onReview,
      setTimer,
    }),
  );
  await app.register(files.routes);
  await app.register(
    aliyunRpc({
      ...aliyunDeps(foundation, modules, { secure, reportFailure }),
      turn: createTurns(CALLS_A_TURN),
      requestId,
      reportFailure,
      fallback: files.serveConsole,
      observe: ({ action, code }) => metrics.countCall(nameOfAction(action, code), code),
    }),
  );
}

/** The name of an action that nobody knows is the caller's text: as a label it could hold personal data, without end. */
function nameOfAction(action: string | undefined, code: string): string {
  return code === 'InvalidAction.NotFound' || code === 'InvalidVersion' ? 'unknown' : (action ?? 'none');
}

function setTimer(delayMs: number, act: () => void): () => void {
  const timer = setTimeout(act, delayMs);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Version 4 (RFC 9562 §5.4), upper case as the wire writes request ids. */
function uuid(octets: Buffer): string {
  octets[6] = (octets[6]! & 0x0f) | 0x40;
  octets[8] = (octets[8]! & 0x3f) | 0x80;
  const hex = octets.toString('hex').toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
