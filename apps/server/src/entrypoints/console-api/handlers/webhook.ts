import type { Delivery } from '../../../modules/sms/webhooks/public.ts';
import type { ConsoleApiDeps } from '../deps.ts';
import type { Handlers } from '../operation-call.ts';
import { idCursor } from '../request-parts.ts';

type WebhookOperation = 'readWebhook' | 'setWebhook' | 'testWebhook' | 'listDeliveries' | 'replayDelivery';

const shown = ({ createdAt, nextAt, ...delivery }: Delivery) => ({
  ...delivery,
  createdAt: new Date(createdAt).toISOString(),
  nextAt: nextAt === null ? null : new Date(nextAt).toISOString(),
});

export function webhookHandlers({ webhooks }: ConsoleApiDeps): Pick<Handlers, WebhookOperation> {
  return {
    readWebhook: ({ params }) => webhooks.read(params.tenantId),
    setWebhook: ({ params, body }, { actor }) => webhooks.set(params.tenantId, body, actor),
    testWebhook: ({ params, body }) => webhooks.test(params.tenantId, body.kind),
    async listDeliveries({ params, query: { state = null, cursor, limit } }) {
      const page = await webhooks.listDeliveries(params.tenantId, { state, cursor: idCursor(cursor), limit });
      return { ...page, items: page.items.map(shown) };
    },
    async replayDelivery({ params }, { actor }) {
      return shown(await webhooks.replay(params.tenantId, params.id, actor));
    },
  };
}
