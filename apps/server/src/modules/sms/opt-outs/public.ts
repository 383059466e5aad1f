export { OPT_OUT_ERRORS } from './errors.ts';
export { numberPlace, type OptOut, type OptOutPage, type OptOutSource } from './model.ts';
export { createOptOuts, type OptOuts, recordOptOuts } from './service.ts';
export type { OptOutRow } from './store.ts';
