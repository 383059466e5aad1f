import type { Database } from '../../../platform/db.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { HttpOut } from '../../../platform/http-out/public.ts';
import type { Ids } from '../../../platform/ids.ts';
import type { Random } from '../../../platform/random.ts';
import type { MakeChange } from '../../trust/audit/public.ts';
import type { Vault } from '../../trust/vault/public.ts';
import { sampleReply, sampleReport } from './elements.ts';
import { WEBHOOK_ERRORS } from './errors.ts';
import {
  type Delivery,
  type DeliveryKind,
  type DeliveryPage,
  type DeliveryState,
  explain,
  healthOf,
  judgeAnswer,
  secretPlace,
  type Webhook,
} from './model.ts';
import type { Pusher } from './pusher.ts';
import { pushHeaders, readableSecret, SECRET_OCTETS } from './signature.ts';
import {
  countDeliveries,
  type DeliveryRow,
  eraseDeliveries,
  makeDue,
  readBacklog,
  readDeliveries,
  readWebhook,
  storeWebhook,
} from './store.ts';

export type TestPush = { delivered: boolean; status: number | null; detail: string; elapsedMs: number };

export type Webhooks = {
  /** Addresses, health and backlog of a tenant; `unset` where nothing was ever set. */
  read(tenantId: string): Promise<Webhook>;
  /**
   * Sets the addresses; the signing secret is answered once, when it is new. Throws DomainError
   * `webhook.endpoint_refused` when an address is malformed, does not resolve or is private.
   */
  set(
    tenantId: string,
    urls: { reportUrl: string | null; inboundUrl: string | null },
    actor: string,
  ): Promise<{ webhook: Webhook; secret: string | null }>;
  /** Pushes one sample element at once and tells what came back. */
  test(tenantId: string, kind: DeliveryKind): Promise<TestPush>;
  /** Newest first; `cursor` is the `next` of the page before. The total stops at 10,000. */
  listDeliveries(
    tenantId: string,
    page: { state: DeliveryState | null; cursor: string | null; limit: number },
  ): Promise<DeliveryPage>;
  /** Pushes a delivery again, with its id, from the start of the schedule. Throws `webhook.delivery_not_found`. */
  replay(tenantId: string, id: string, actor: string): Promise<Delivery>;
  /** Erases ended deliveries queued before `atMs`, in portions; returns how many. */
  erase(atMs: number): Promise<number>;
};

export type WebhooksDeps = {
  db: Pick<Database, 'withTenants' | 'sweep'>;
  vault: Pick<Vault, 'sealer' | 'digest'>;
  ids: Pick<Ids, 'next'>;
  random: Pick<Random, 'octets'>;
  makeChange: MakeChange;
  http: Pick<HttpOut, 'post' | 'check'>;
  pusher: Pick<Pusher, 'wake' | 'forgive'>;
  now(): number;
};

const ERASED_AT_ONCE = 5_000;

export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const read = async (tenantId: string): Promise<Webhook> => {
    const [row, backlog] = await deps.db.withTenants([tenantId], async (tx) => [
      await readWebhook(tx, tenantId),
      await readBacklog(tx, tenantId),
    ]);
    const urls = { reportUrl: row?.reportUrl ?? null, inboundUrl: row?.inboundUrl ?? null };
    const facts = { mostTries: backlog.mostTries, newestDeadAt: backlog.newestDeadAt?.getTime() ?? null };
    return {
      ...urls,
      state: healthOf(urls, facts, deps.now()),
      lastError: backlog.lastStatus === null ? null : explain(backlog.lastStatus),
      waiting: backlog.waiting,
      deadLetters: backlog.dead,
    };
  };

  const checkUrls = async (urls: Record<'reportUrl' | 'inboundUrl', string | null>): Promise<void> => {
    for (const [field, url] of Object.entries(urls)) {
      const refused = url === null ? null : await deps.http.check(url);
      if (refused !== null)
        throw new DomainError(WEBHOOK_ERRORS.endpointRefused, explain(refused), { field });
    }
  };

  const auditDigest = (url: string | null): string | null =>
    url === null ? null : deps.vault.digest(url).toString('hex');

  return {
    read,
    async set(tenantId, urls, actor) {
      await checkUrls(urls);
      const sealer = await deps.vault.sealer(tenantId);
      const secret = readableSecret(deps.random.octets(SECRET_OCTETS));
      const sealedSecret = sealer.seal(secretPlace(tenantId), secret);
      const isNew = await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          const added = await storeWebhook(tx, tenantId, { ...urls, sealedSecret }, now);
          log.append({
            action: 'webhook.changed',
            actor,
            tenantId,
            subject: `hook_${tenantId}`,
            // Addresses may hold a token, so the log has their digests.
            facts: {
              report: auditDigest(urls.reportUrl),
              inbound: auditDigest(urls.inboundUrl),
              newSecret: added,
            },
          });
          return added;
        },
      });
      deps.pusher.forgive(tenantId);
      deps.pusher.wake();
      return { webhook: await read(tenantId), secret: isNew ? secret : null };
    },
    test: (tenantId, kind) => testPush(deps, tenantId, kind),
    async listDeliveries(tenantId, { state, cursor, limit }) {
      const [rows, total] = await deps.db.withTenants([tenantId], async (tx) => [
        await readDeliveries(tx, tenantId, state, cursor, limit + 1),
        await countDeliveries(tx, tenantId, state),
      ]);
      const items = rows.slice(0, limit).map(asDelivery);
      return { items, total, next: rows.length > limit ? items.at(-1)!.id : null };
    },
    async replay(tenantId, id, actor) {
      const row = await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          const due = await makeDue(tx, tenantId, id, now);
          if (due === undefined) {
            throw new DomainError(
              WEBHOOK_ERRORS.deliveryNotFound,
              'There is no such delivery; look at the list again.',
            );
          }
          log.append({
            action: 'webhook.replayed',
            actor,
            tenantId,
            subject: `dlv_${id}`,
            facts: { events: due.events },
          });
          return due;
        },
      });
      // Somebody looks at it now: a pause after failures would only puzzle.
      deps.pusher.forgive(tenantId);
      deps.pusher.wake();
      return asDelivery(row);
    },
    async erase(atMs) {
      let erased = 0;
      for (;;) {
        const gone = await deps.db.sweep((tx) => eraseDeliveries(tx, atMs, ERASED_AT_ONCE));
        erased += gone;
        if (gone < ERASED_AT_ONCE) return erased;
      }
    },
  };
}

async function testPush(deps: WebhooksDeps, tenantId: string, kind: DeliveryKind): Promise<TestPush> {
  const row = await deps.db.withTenants([tenantId], (tx) => readWebhook(tx, tenantId));
  const url = kind === 'report' ? row?.reportUrl : row?.inboundUrl;
  if (row === undefined || url === null || url === undefined) {
    return { delivered: false, status: null, detail: explain('no_address'), elapsedMs: 0 };
  }
  const sealer = await deps.vault.sealer(tenantId);
  const secret = sealer.open(secretPlace(tenantId), row.sealedSecret).toString('utf8');
  const startedAt = deps.now();
  const id = deps.ids.next();
  const body = JSON.stringify([kind === 'report' ? sampleReport(id, startedAt) : sampleReply(id, startedAt)]);
  const outcome = await deps.http.post(url, body, pushHeaders(secret, id, body, startedAt));
  const status = judgeAnswer(outcome);
  if (status === '200') {
    deps.pusher.forgive(tenantId);
    deps.pusher.wake();
  }
  return {
    delivered: status === '200',
    status: outcome.kind === 'answered' ? outcome.status : null,
    detail: explain(status),
    elapsedMs: deps.now() - startedAt,
  };
}

const asDelivery = (row: DeliveryRow): Delivery => ({
  id: row.id,
  kind: row.kind,
  events: row.events,
  state: row.state,
  attempts: row.tries,
  lastStatus: row.lastStatus,
  createdAt: row.createdAt.getTime(),
  nextAt: row.state === 'waiting' ? row.nextAt.getTime() : null,
});
