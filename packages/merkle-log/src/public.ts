export {
  type Checkpoint,
  type CheckpointFailure,
  formatCheckpoint,
  type OpenedCheckpoint,
  openCheckpoint,
  signCheckpoint,
} from './checkpoint.ts';
export {
  appendEntries,
  appendLeaves,
  decodeFrontier,
  emptyTree,
  encodeFrontier,
  type Frontier,
  rootOf,
} from './frontier.ts';
export { HASH_OCTETS, leafHash } from './hashing.ts';
export {
  type ConsistencyClaim,
  consistencyProof,
  type InclusionClaim,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from './proofs.ts';
export { verifierKey } from './signed-note.ts';
export { type FailedCheck, type LogChunk, type LogVerdict, type StoredLog, verifyLog } from './verifier.ts';
