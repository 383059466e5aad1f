export { decodeText } from './delivered.ts';
export { openLink } from './link.ts';
export type {
  Delivered,
  Link,
  LinkCounters,
  LinkDeps,
  LinkEvents,
  LinkReason,
  LinkSettings,
  LinkState,
  Outcome,
  Settled,
  Submission,
} from './model.ts';
