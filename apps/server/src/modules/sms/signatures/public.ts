export { SIGNATURE_ERRORS } from './errors.ts';
export type { SendableSignature, Signature, SignatureDraft, SignatureFile, SignatureState } from './model.ts';
export { createSignatures, type Page, type Signatures, type Which } from './service.ts';
