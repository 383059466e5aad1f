export type { SendableSignature, SignatureState } from './model.ts';
