/** The customer's endpoint, a process of its own: takes SmsReport batches (POST) and Kannel's report calls (GET). */

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDistinctCounter, type DistinctCounter, serveCounter } from './distinct.ts';
import { runningOf } from './requests.ts';

export interface WebhookSink {
  readonly port: number;
  readonly counter: DistinctCounter;
  close(): void;
}

/** Running numbers in an SmsReport push: a JSON array of objects with `phone_number`. Empty for anything else. */
export function reportedNumbers(body: string): number[] {
  const reports: unknown = JSON.parse(body);
  if (!Array.isArray(reports)) return [];
  return reports.flatMap((report: unknown) =>
    typeof report === 'object' && report !== null && 'phone_number' in report
      ? [runningOf(String(report.phone_number))]
      : [],
  );
}

/** Listens on 127.0.0.1; port 0 takes a free one. Answers as Alibaba's documentation asks of an endpoint. */
export async function listenWebhookSink(port: number): Promise<WebhookSink> {
  const counter = createDistinctCounter();
  const answer = '{"code":0,"msg":"OK"}';
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') {
        counter.see(
          Number(new URL(request.url ?? '/', 'http://127.0.0.1').searchParams.get('running') ?? -1),
        );
      } else {
        for (const running of reportedNumbers(Buffer.concat(chunks).toString())) counter.see(running);
      }
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
      response.end(answer);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    counter,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

if (import.meta.main) {
  const sink = await listenWebhookSink(0);
  serveCounter(sink.counter, sink.port);
}
