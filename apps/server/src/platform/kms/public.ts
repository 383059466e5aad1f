export { type Kms, KmsFailure } from './kms.ts';
export { openLocalKms } from './local-kms.ts';
