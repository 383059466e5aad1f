export {
  createHttpOut,
  type HttpOut,
  MAX_ANSWER_OCTETS,
  type Resolve,
  type SendFailure,
  type SendOutcome,
} from './http-out.ts';
