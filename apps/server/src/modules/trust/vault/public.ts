export { PLATFORM, type Place, type Sealer, SealBroken } from './model.ts';
export { openVault, type Vault } from './service.ts';
