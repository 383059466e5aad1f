import type { ConsoleApiDeps } from '../deps.ts';
import type { Handlers } from '../operation-call.ts';
import { idCursor } from '../request-parts.ts';

type MessageOperation =
  | 'overview'
  | 'sendTest'
  | 'listMessages'
  | 'readMessage'
  | 'unmaskMessage'
  | 'listRefusals'
  | 'listInbound'
  | 'unmaskInbound'
  | 'listOptOuts'
  | 'removeOptOut';

const instant = (ms: number): string => new Date(ms).toISOString();

export function messageHandlers(deps: ConsoleApiDeps): Pick<Handlers, MessageOperation> {
  const { reading, inbound, optOuts, webhooks, send } = deps;
  return {
    async overview({ params: { tenantId } }) {
      const [{ days, held }, inReview, webhook] = await Promise.all([
        reading.overview(tenantId),
        countInReview(deps, tenantId),
        webhooks.read(tenantId),
      ]);
      return { days, held, inReview, webhook: webhook.state };
    },
    async sendTest({ params, body }, { actor, requestId }) {
      const { phone, signName, templateCode, templateParams, outId = null } = body;
      const recipient = { number: phone, signName, templateCode, params: templateParams, extendCode: '' };
      const answer = await send({
        tenantId: params.tenantId,
        actor,
        requestId,
        recipients: [recipient],
        outId,
        repeat: null,
        nonce: null,
      });
      return 'bizId' in answer
        ? { code: answer.code, message: 'OK', bizId: answer.bizId }
        : { code: answer.code, message: answer.message, bizId: null };
    },
    listMessages: ({ params, query }) => reading.list({ ...query, ...params }),
    readMessage: ({ params }) => reading.detail(params),
    unmaskMessage: ({ params, body }, { actor }) => reading.unmask({ ...params, ...body, actor }),
    listRefusals: ({ params, query }) => reading.refusals({ ...query, ...params }),
    async listInbound({ params, query: { cursor, limit } }) {
      const page = await inbound.list(params.tenantId, { cursor: idCursor(cursor), limit });
      return { ...page, items: page.items.map((reply) => ({ ...reply, at: instant(reply.at) })) };
    },
    async unmaskInbound({ params, body }, { actor }) {
      return { items: await inbound.unmask({ ...params, ...body, actor }) };
    },
    async listOptOuts({ params, query: { cursor, limit } }) {
      const page = await optOuts.list(params.tenantId, { cursor: idCursor(cursor), limit });
      return { ...page, items: page.items.map((optOut) => ({ ...optOut, at: instant(optOut.at) })) };
    },
    async removeOptOut({ params, body }, { actor }) {
      await optOuts.lift(params.tenantId, params.id, body.reason, actor);
      return { ok: true };
    },
  };
}

/** Applications of the tenant that wait for a decision. */
async function countInReview(
  { registration, signatures, templates }: ConsoleApiDeps,
  tenantId: string,
): Promise<number> {
  const lists = await Promise.all([
    registration.list(tenantId),
    signatures.list(tenantId),
    templates.list(tenantId),
  ]);
  return lists.flatMap<{ state: string }>(({ items }) => items).filter(({ state }) => state === 'in_review')
    .length;
}
