export { PLATFORM, type Place, SealBroken, type Sealer } from './model.ts';
export { openVault, type Vault } from './service.ts';
export { holdsKeys } from './store.ts';
