/**
 * A key management service as the vault needs it: data keys go in and out wrapped, the key-encryption key never leaves.
 * The embedded implementation is a local key file; an outside KMS implements the same two calls.
 */
export type Kms = {
  /** Id of the key that `wrap` uses now; stored beside each wrapped key. */
  readonly keyId: string;
  /** `context` is authenticated, not stored: a wrapped key opens only in the place it was made for. */
  wrap(dataKey: Buffer, context: string): Promise<Buffer>;
  unwrap(wrapped: Buffer, context: string, keyId: string): Promise<Buffer>;
};

export class KmsFailure extends Error {
  override readonly name = 'KmsFailure';
}
