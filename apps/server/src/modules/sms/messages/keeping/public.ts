export {
  createMessageKeeping,
  type KeepingDeps,
  type MessageKeeping,
  RECEIPT_WAIT_MS,
  RELEASE_REFUSAL,
} from './service.ts';
export { countHeldMessages } from './store.ts';
