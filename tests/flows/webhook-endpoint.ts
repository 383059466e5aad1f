import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Push = { path: string; headers: IncomingHttpHeaders; body: string };

export type WebhookEndpoint = {
  readonly url: string;
  readonly pushes: readonly Push[];
  close(): void;
};

/** A customer's endpoint: takes every push and answers as Alibaba's documentation asks. */
export async function startWebhookEndpoint(): Promise<WebhookEndpoint> {
  const pushes: Push[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      pushes.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"code":0,"msg":"ok"}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pushes,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The signature as a customer recomputes it from what arrived: HMAC-SHA-256 over `id.timestamp.body` (RFC 2104). */
export function expectedSignature(secret: string, { headers, body }: Push): string {
  const signed = `${headers['x-signet-delivery-id']}.${headers['x-signet-timestamp']}.${body}`;
  return `v1=${createHmac('sha256', secret).update(signed).digest('hex')}`;
}
