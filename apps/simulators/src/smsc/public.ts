export { connectSmsc, SMSC_MAIN } from './client.ts';
export type {
  Answer,
  IdForm,
  PhoneMessage,
  SmscControl,
  SmscOptions,
  SmscStats,
} from './control.ts';
export { startSmsc } from './smsc.ts';
