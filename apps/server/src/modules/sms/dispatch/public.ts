export {
  createDispatcher,
  type DispatchCarrier,
  type Dispatcher,
  type DispatcherDeps,
} from './dispatcher.ts';
export { attemptLane, type OutcomeItem, outcomeLane } from './lanes.ts';
export { createRecovery, type Recovery } from './recovery.ts';
export { doubtQueue } from './restored-queue.ts';
export { countQueued } from './store.ts';
