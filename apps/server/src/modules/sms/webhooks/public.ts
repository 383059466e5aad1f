export type { ReplyEvent, ReportEvent } from './elements.ts';
export { WEBHOOK_ERRORS } from './errors.ts';
export type { Delivery, DeliveryKind, DeliveryPage, DeliveryState, Webhook, WebhookState } from './model.ts';
export { createPusher, type Pusher, type PusherDeps } from './pusher.ts';
export { EVENTS_A_PUSH, queueInbound, queueReports } from './queue.ts';
export { createWebhooks, type TestPush, type Webhooks, type WebhooksDeps } from './service.ts';
export { PUSHES_IN_FLIGHT } from './turns.ts';
