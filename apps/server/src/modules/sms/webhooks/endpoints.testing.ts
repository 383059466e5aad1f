import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { type ChangeWorld, changeWorldForTests } from '../../../../../../tests/world/changes.ts';
import { createHttpOut, type HttpOut } from '../../../platform/http-out/public.ts';
import type { ReportEvent } from './elements.ts';
import { createPusher, createWebhooks, type Pusher, queueReports, type Webhooks } from './public.ts';

/** The clock's time when a file begins: noon in China. */
export const START = Date.UTC(2026, 10, 22, 4, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const OK = '{"code":0,"msg":"ok"}';

export type Push = { headers: IncomingHttpHeaders; body: string };
export type Receiver = { url: string; pushes: Push[]; answer: (response: ServerResponse) => void };

/** The event of this id was erased. */
export const ERASED_ID = '1999';

const closings: (() => unknown)[] = [];

/** A world for a test file; after each test its servers and pushers are closed and no delivery is left. */
export function worldForTests(): () => ChangeWorld {
  const world = changeWorldForTests(START);
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
    await world().sql('delete from deliveries');
  });
  return world;
}

/** A customer's endpoint: keeps what it got and answers as told. */
export async function receiver(): Promise<Receiver> {
  const one: Receiver = { url: '', pushes: [], answer: (response) => response.end(OK) };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      one.pushes.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      one.answer(response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  one.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  return one;
}

const reportOf = (messageId: string): ReportEvent => ({
  messageId,
  callId: messageId,
  phone: '+8613900001234',
  acceptedAt: START,
  finalAt: START + 1_000,
  state: 'delivered',
  errCode: 'DELIVERED',
  segmentCount: 1,
  outId: `out-${messageId}`,
});

export type Setup = { http: HttpOut; pusher: Pusher; webhooks: Webhooks; errors: unknown[] };

/** One process with its pusher; nothing polls, so a push happens when the test asks for it. */
export function setUp(
  world: ChangeWorld,
  options: { timeoutMs?: number; allowed?: string[]; readFails?: () => boolean } = {},
): Setup {
  const timeoutMs = options.timeoutMs ?? 5_000;
  const http = createHttpOut({
    allowedPrivateHosts: options.allowed ?? ['127.0.0.1'],
    timeoutMs,
    connectionsPerOrigin: 128,
  });
  const errors: unknown[] = [];
  const pusher = createPusher({
    db: world.db,
    vault: world.vault,
    http,
    timeoutMs,
    readReports: async (_tenantId, ids) => {
      if (options.readFails?.()) throw new Error('planted');
      return ids.filter((id) => id !== ERASED_ID).map(reportOf);
    },
    readReplies: async (_tenantId, ids) =>
      ids.map((inboundId) => ({
        inboundId,
        phone: '+8613900001234',
        content: 'TD',
        destCode: '7',
        receivedAt: START,
      })),
    now: world.now,
    setTimer: () => () => undefined,
    onError: (error) => errors.push(error),
  });
  const webhooks = createWebhooks({ ...world, http, pusher });
  closings.push(async () => {
    await pusher.stop();
    await http.close();
  });
  return { http, pusher, webhooks, errors };
}

export async function tenantWith(
  world: ChangeWorld,
  webhooks: Webhooks,
  urls: { reportUrl?: string; inboundUrl?: string },
) {
  const tenantId = await world.addTenant();
  const set = await webhooks.set(tenantId, { reportUrl: null, inboundUrl: null, ...urls }, 'user:1');
  return { tenantId, secret: set.secret! };
}

/** Queues deliveries of one event each, as a commit of receipts does. */
export async function queue(world: ChangeWorld, tenantId: string, count = 1): Promise<string[]> {
  const ids = world.ids.run(count);
  for (const messageId of ids) {
    await world.makeChange({
      tenants: [tenantId],
      run: (tx, _log, now) => queueReports({ tx, now }, [{ tenantId, messageId }]),
    });
  }
  return ids;
}

export const rowOf = async (world: ChangeWorld, id: string) =>
  (
    await world.sql<{ state: string; tries: number; last_status: string | null; next_at: Date }>(
      'select state, tries, last_status, next_at from deliveries where id = $1',
      [id],
    )
  )[0]!;
