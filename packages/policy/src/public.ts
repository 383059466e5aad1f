export { CONDITION_OPERATORS } from './conditions.ts';
export {
  type AccessRequest,
  compilePolicies,
  type DecidingStatement,
  type Decision,
  decide,
  type NamedPolicy,
} from './decide.ts';
export { MAX_POLICY_CHARACTERS, type Policy, type Statement } from './model.ts';
export { type PolicyRefusal, readPolicy } from './read-policy.ts';
export { SYSTEM_POLICIES, type SystemPolicy } from './system-policies.ts';
export { matchPattern } from './wildcard.ts';
