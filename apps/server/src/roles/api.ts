import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import Fastify, { type FastifyInstance } from 'fastify';
import { aliyunRpc } from '../entrypoints/aliyun-rpc/routes.ts';
import { consoleApi } from '../entrypoints/console-api/console-api.ts';
import { consoleFiles } from '../entrypoints/console-api/console-files.ts';
import { createFlushWatch } from '../entrypoints/status/flush-watch.ts';
import { statusPages } from '../entrypoints/status/status-pages.ts';
import { isLoopback, reasonOf, StartFailure } from '../platform/settings/public.ts';
import { aliyunDeps } from './aliyun-deps.ts';
import type { Foundation } from './foundation.ts';
import type { Modules } from './modules.ts';
import type { Sandbox } from './sandbox.ts';

export type Api = {
  /** e.g. `http://127.0.0.1:8080` */
  readonly url: string;
  /** Stops taking requests and lets those in hand be answered. */
  close(): Promise<void>;
};

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
  const secure = settings.tlsCertFile !== null && settings.tlsKeyFile !== null;
  if (!secure && !isLoopback(settings.host) && !settings.allowPlaintext) {
    throw new StartFailure(
      `SIGNET_HOST: ${settings.host} is no loopback address, so TLS is needed: set SIGNET_TLS_CERT and SIGNET_TLS_KEY, or SIGNET_ALLOW_PLAINTEXT=on behind a TLS proxy`,
    );
  }
  const app = createApp(settings, secure);
  await mount(app, foundation, modules, sandbox, secure);
  try {
    await app.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    await app.close();
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EADDRINUSE')
      throw new StartFailure(
        `SIGNET_PORT: port ${settings.port} is taken; stop the other program or choose another with --port`,
      );
    throw new StartFailure(
      `SIGNET_HOST, SIGNET_PORT: cannot listen on ${settings.host}:${settings.port} (${reasonOf(error)})`,
    );
  }
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  return { url: `${secure ? 'https' : 'http'}://${host}:${port}`, close: () => app.close() };
}

function createApp(settings: Foundation['settings'], secure: boolean): FastifyInstance {
  const base = {
    logger: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
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
  if (!secure) return Fastify(base) as unknown as FastifyInstance;
  try {
    const https = {
      cert: readFileSync(settings.tlsCertFile!),
      key: readFileSync(settings.tlsKeyFile!),
      minVersion: 'TLSv1.2',
    } as const;
    return Fastify({ ...base, https }) as unknown as FastifyInstance;
  } catch (error) {
    throw new StartFailure(`SIGNET_TLS_CERT, SIGNET_TLS_KEY: cannot be used (${reasonOf(error)})`);
  }
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
      setTimer,
    }),
  );
  await app.register(files.routes);
  await app.register(
    aliyunRpc({
      ...aliyunDeps(foundation, modules, secure),
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
