import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { consoleFiles } from './console-files.ts';

let root: string;
let distDir: string;
let app: FastifyInstance;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'signet-console-files-'));
  distDir = join(root, 'dist');
  mkdirSync(join(distDir, 'assets'), { recursive: true });
  writeFileSync(join(root, 'secret.txt'), 'not to be served');
  writeFileSync(join(distDir, '.hidden'), 'not to be served');
  writeFileSync(join(distDir, 'index.html'), '<!doctype html><title>console</title>');
  writeFileSync(join(distDir, 'favicon.svg'), '<svg/>');
  writeFileSync(join(distDir, 'assets', 'main-Ab12.js'), 'start()');
  app = await serve();
});
afterEach(async () => {
  await app.close();
  rmSync(root, { recursive: true });
});

/** As main.ts composes it: `/` belongs to another scope, which falls back to the console. */
async function serve(): Promise<FastifyInstance> {
  const files = consoleFiles({ distDir });
  const server = Fastify({ trustProxy: 'loopback' });
  await server.register(async (scope) => {
    scope.route({ method: ['GET', 'HEAD'], url: '/', exposeHeadRoute: false, handler: files.serveConsole });
  });
  await server.register(files.routes);
  return server;
}

describe('files of the console', () => {
  it('serves the page at / and at every client-side address, never kept, never framed', async () => {
    for (const url of ['/', '/t/1/messages', '/audit', '/assets', '/?x=1.2']) {
      const { statusCode, headers, body } = await app.inject({ url });
      expect([url, statusCode, body]).toEqual([url, 200, '<!doctype html><title>console</title>']);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      const policy = String(headers['content-security-policy']).split('; ');
      expect(policy).toEqual(
        expect.arrayContaining([
          "default-src 'self'",
          "style-src 'self' 'unsafe-inline'",
          "img-src 'self' data:",
          "frame-ancestors 'none'",
        ]),
      );
      expect(policy.join()).not.toMatch(/script-src|unsafe-eval/);
      expect(headers).not.toHaveProperty('strict-transport-security');
    }
    const secure = await app.inject({ url: '/', headers: { 'x-forwarded-proto': 'https' } });
    expect(secure.headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it('serves assets for good and other files for the moment, with the same headers', async () => {
    const asset = await app.inject({ url: '/assets/main-Ab12.js' });
    expect([asset.statusCode, asset.body]).toEqual([200, 'start()']);
    expect(asset.headers['content-type']).toMatch(/javascript/);
    expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(asset.headers['content-security-policy']).toContain("default-src 'self'");
    const icon = await app.inject({ url: '/favicon.svg' });
    expect(icon.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' });
    expect((await app.inject({ method: 'HEAD', url: '/' })).statusCode).toBe(200);
  });

  it('serves nothing else', async () => {
    for (const url of [
      '/nothing.js',
      '/assets/nothing.js',
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/.hidden',
      '/x%00.js',
    ]) {
      const answer = await app.inject({ url });
      expect([url, answer.statusCode >= 400 && answer.statusCode < 500]).toEqual([url, true]);
      expect(answer.body).not.toContain('not to be served');
      expect(String(answer.headers['cache-control'])).not.toContain('immutable');
    }
    expect((await app.inject({ method: 'POST', url: '/t/1' })).statusCode).toBe(404);
  });

  it('says in both languages how to build what is missing', async () => {
    rmSync(distDir, { recursive: true });
    const unbuilt = await serve();
    for (const url of ['/', '/t/1/messages']) {
      const { statusCode, body, headers } = await unbuilt.inject({ url });
      expect(statusCode).toBe(503);
      expect(body.match(/npm run build:console/g)).toHaveLength(2);
      expect(body).toContain('控制台尚未构建');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['content-security-policy']).toContain("default-src 'self'");
    }
    // Built meanwhile: no new start is needed.
    mkdirSync(distDir);
    writeFileSync(join(distDir, 'index.html'), 'built');
    expect((await unbuilt.inject({ url: '/' })).body).toBe('built');
    await unbuilt.close();
  });
});
