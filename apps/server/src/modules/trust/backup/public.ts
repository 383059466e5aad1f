export { BackupFailure, type BackupRefusal } from './failure.ts';
export { makeEmbeddedStore } from './folder.ts';
export { exportLog, type ReadExport, readLogExport } from './log-export.ts';
export type { BackupHeader } from './model.ts';
export {
  type BackupDeps,
  type BackupSummary,
  type LogProof,
  readBackupHeader,
  type RestoreDeps,
  type RestoreSummary,
  restoreBackup,
  writeBackup,
} from './service.ts';
export { countCarriers, isMigrated, type Owner, readMigrations } from './store.ts';
