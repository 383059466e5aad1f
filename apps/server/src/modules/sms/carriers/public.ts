export { CARRIER_ERRORS } from './errors.ts';
export type { Delivered, Link, LinkDeps, Outcome, Settled, Submission } from './link/public.ts';
export { decodeText } from './link/public.ts';
export { type Carrier, type CarrierDraft, type CarrierStatus, reasonText } from './model.ts';
export { type CarrierEvents, type Carriers, createCarriers, type RunningCarrier } from './service.ts';
