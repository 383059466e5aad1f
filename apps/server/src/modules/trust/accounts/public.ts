export { ACCOUNT_ERRORS } from './errors.ts';
export type { AccessKey, KeyRecord, KeyState, Session, Tenant, TenantState } from './model.ts';
export { type Accounts, createAccounts } from './service.ts';
