/** Why a backup could not be written or a restore was refused. The command line has a sentence for each, in two languages. */
export type BackupRefusal =
  | 'file_exists'
  | 'file_unreadable'
  | 'file_unwritable'
  | 'no_backup'
  | 'no_export'
  | 'backup_altered'
  | 'backup_newer'
  | 'migration_unknown'
  | 'migration_differs'
  | 'store_not_empty'
  | 'wrong_key'
  | 'audit_differs';

/** An expected end of a backup or restore; nothing half-done is left. `facts` fill the sentence and hold no personal data. */
export class BackupFailure extends Error {
  override readonly name = 'BackupFailure';
  readonly refusal: BackupRefusal;
  readonly facts: Readonly<Record<string, string>>;

  constructor(refusal: BackupRefusal, facts: Record<string, string> = {}) {
    super(refusal);
    this.refusal = refusal;
    this.facts = facts;
  }
}
