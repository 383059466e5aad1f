export { BackupFailure, type BackupRefusal } from './failure.ts';
export { makeEmbeddedStore } from './folder.ts';
export { exportLog, type ReadExport, readLogExport } from './log-export.ts';
export type { BackupHeader } from './model.ts';
export {
  type BackupDeps,
  type BackupSummary,
  type LogProof,
  type QueueFate,
  type RestoreDeps,
  type RestoreSummary,
  readBackupHeader,
  restoreBackup,
  writeBackup,
} from './service.ts';
export {
  countCarriers,
  isMigrated,
  type Owner,
  readDurability,
  readMigrations,
  readRelease,
} from './store.ts';
