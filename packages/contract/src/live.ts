import type { OperationName } from './operations.ts';

/**
 * Streams that tell when a list is worth reading again: GET, server-sent events `changed` that hold nothing else. Whoever
 * may call the operation that a topic follows may listen.
 */
export const liveTopics = {
  /** Messages and replies of a tenant, and decisions about its applications. */
  tenant: { path: '/tenants/:tenantId/live', follows: 'listMessages' },
  reviews: { path: '/reviews/live', follows: 'listReviews' },
  phone: { path: '/sandbox/phone/live', follows: 'readPhone' },
} as const satisfies Readonly<Record<string, { path: `/${string}`; follows: OperationName }>>;

export type LiveTopic = keyof typeof liveTopics;
