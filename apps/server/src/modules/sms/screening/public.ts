export { loadEngine } from './service.ts';
