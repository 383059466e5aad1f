export { SIGNATURE_ERRORS } from './errors.ts';
export type {
  SendableSignature,
  ShownFile,
  Signature,
  SignatureDraft,
  SignatureFile,
  SignatureState,
  SignatureSupplement,
} from './model.ts';
export { createSignatures, type Page, type Signatures, type Which } from './service.ts';
