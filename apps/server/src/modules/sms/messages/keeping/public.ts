export { createMessageKeeping, type KeepingDeps, type MessageKeeping, RELEASE_REFUSAL } from './service.ts';
