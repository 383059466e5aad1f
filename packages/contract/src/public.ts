export {
  ERROR_CODES,
  type ErrorCode,
  type Method,
  type Operation,
  type Problem,
  problem,
} from './operation.ts';
export { type OperationName, type Operations, operations } from './operations.ts';
export { APPROVAL_STATES, MESSAGE_KINDS, MESSAGE_STATES, PHONE_BEHAVIOURS } from './shapes.ts';
