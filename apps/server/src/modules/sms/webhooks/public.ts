export { EVENTS_A_PUSH, queueInbound, queueReports } from './queue.ts';
