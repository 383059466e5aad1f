export { type LiveTopic, liveTopics } from './live.ts';
export {
  ERROR_CODES,
  type ErrorCode,
  type Method,
  type Operation,
  type Problem,
  problem,
} from './operation.ts';
export { type OperationName, type Operations, operations } from './operations.ts';
export {
  APPROVAL_STATES,
  CREDIT_CODE_CHECKS,
  FILE_MEDIA_TYPES,
  MAX_FILE_OCTETS,
  MESSAGE_KINDS,
  MESSAGE_STATES,
  PHONE_BEHAVIOURS,
  SIGN_SOURCES,
  SIGN_USES,
} from './shapes.ts';
