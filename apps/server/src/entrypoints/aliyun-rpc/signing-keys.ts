import { createSecretKey, type KeyObject } from 'node:crypto';

/**
 * A secret in the two forms that the schemes use as HMAC key. KeyObjects, because they are prepared once per key
 * instead of per request, and because printing or serialising them shows nothing.
 */
export interface SigningSecret {
  /** V1: the secret followed by `&`. */
  readonly v1: KeyObject;
  /** V3: the secret itself. */
  readonly v3: KeyObject;
}

/** What the platform knows of an access key when a request arrives. */
export interface KeyRecord {
  readonly accessKeyId: string;
  readonly secret: SigningSecret;
  readonly status: 'Active' | 'Inactive';
  /** Temporary keys only: the token that must come with every request. */
  readonly securityToken?: string;
  /** Temporary keys only: end of life, milliseconds since 1970. */
  readonly expiresAtMs?: number;
  readonly tenantId: string;
  /** The user below the tenant that the key acts for; absent for the tenant's root. */
  readonly userId?: string;
}

/** Prepares a secret for signing; keep the result with the cached key, and the secret nowhere. */
export function signingSecret(secret: string | Buffer): SigningSecret {
  const octets = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret;
  return { v1: createSecretKey(Buffer.concat([octets, Buffer.from('&')])), v3: createSecretKey(octets) };
}
