export { type AcceptDeps, accept } from './accept.ts';
export { type AcceptCommit, type AcceptItem, type AcceptLaneDeps, acceptLane } from './commit/lane.ts';
export { REFUSALS, type Refusal, refuse } from './errors.ts';
export { type Ending, moveMessages } from './finish.ts';
export {
  countHeldMessages,
  createMessageKeeping,
  type MessageKeeping,
  RECEIPT_WAIT_MS,
  RELEASE_REFUSAL,
} from './keeping/public.ts';
export { LIFE, type LifeStep, type StepNumber } from './life.ts';
export {
  type Envelope,
  isFinal,
  LIFETIME_MS,
  type MessageState,
  type Outgoing,
  openEnvelope,
  type SendAnswer,
  type SendCall,
  sendStatus,
  type Wanted,
} from './model.ts';
export {
  createMessageReading,
  type MessageDetails,
  type MessageQuery,
  type MessageReading,
  type MessageReport,
  READING_ERRORS,
} from './reading/public.ts';
