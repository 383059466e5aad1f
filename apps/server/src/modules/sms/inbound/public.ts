export { INBOUND_ERRORS } from './errors.ts';
export { type InboundWrite, inboundLane } from './lane.ts';
export type { InboundItem, InboundResult, ListedReply, Reply, ReplyPage } from './model.ts';
export {
  type AnsweringLink,
  createInbound,
  type Inbound,
  type InboundDelivery,
  type InboundDeps,
} from './service.ts';
