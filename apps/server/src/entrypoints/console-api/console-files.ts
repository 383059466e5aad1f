import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PAGE_HEADERS, STRICT_TRANSPORT } from './page-headers.ts';
import { isSecure } from './session-cookie.ts';

export type ConsoleFilesDeps = {
  /** Absolute path of apps/console/dist, where vite builds to. */
  distDir: string;
};

export type ConsoleFiles = {
  /** Everything but `/` and `/api`; register it on the server itself. */
  routes: FastifyPluginAsync;
  /** Serves the console at `/`: the fallback of entrypoints/aliyun-rpc, in whose scope it runs. */
  serveConsole(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>;
};

const KEPT = { cacheControl: true, maxAge: 31_536_000_000, immutable: true };
const HTML = 'text/html; charset=utf-8';

/** The built console as files: assets, whose names hold their digest, are kept for good, the page itself never. */
export function consoleFiles({ distDir }: ConsoleFilesDeps): ConsoleFiles {
  const serveConsole = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    setHeaders(request, reply);
    const page = await readFile(join(distDir, 'index.html')).catch(() => undefined);
    if (page !== undefined) return reply.type(HTML).header('cache-control', 'no-cache').send(page);
    return reply.code(503).type(HTML).header('cache-control', 'no-store').send(NOT_BUILT);
  };

  const routes: FastifyPluginAsync = async (app) => {
    await app.register(staticFiles, {
      root: distDir,
      serve: false,
      index: false,
      dotfiles: 'deny',
      cacheControl: false,
    });
    app.get<{ Params: { '*': string } }>('/*', (request, reply) => {
      const path = request.params['*'];
      // The room of a client-side address is chosen by the page.
      if (!path.includes('.')) return serveConsole(request, reply);
      setHeaders(request, reply);
      // Said only with a file: that an asset is missing must not be kept.
      if (path.startsWith('assets/')) return reply.sendFile(path, KEPT);
      return reply.header('cache-control', 'no-cache').sendFile(path);
    });
  };
  return { routes, serveConsole };
}

function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(PAGE_HEADERS);
  if (isSecure(request)) reply.header('strict-transport-security', STRICT_TRANSPORT);
}

const NOT_BUILT = `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Signet</title>
<main>
<h1>控制台尚未构建</h1>
<p>请在 Signet 目录下运行 <code>npm run build:console</code>，然后刷新本页。API 不受影响。</p>
<h1 lang="en">The console is not built</h1>
<p lang="en">Run <code>npm run build:console</code> in the folder of Signet, then load this page again. The API works without it.</p>
</main>
</html>
`;
