export { type AuditEntry, LOG_ORIGIN, type LogState, type OpenLog } from './model.ts';
export { auditSequencer } from './sequencer.ts';
export {
  type Audit,
  type Change,
  changeLane,
  changesWithin,
  createAudit,
  type MakeChange,
  type ReadEntry,
} from './service.ts';
export { readRegistryVersion } from './store.ts';
