import { createHmac } from 'node:crypto';
import { equalInConstantTime } from './constant-time.ts';
import { canonicalQuery, type ParamsBuilder } from './params.ts';
import type { SigningSecret } from './signing-keys.ts';

/**
 * String to sign of the RPC scheme: `METHOD&%2F&` and the encoded canonical query of every parameter except
 * `Signature`. The path is always `/`, whatever the target says.
 */
export function stringToSignV1(method: string, params: ParamsBuilder): string {
  // The canonical query holds only unreserved characters, `%`, `=` and `&`, which encodeURIComponent does rightly.
  return `${method}&%2F&${encodeURIComponent(canonicalQuery(params, 'Signature'))}`;
}

/** base64(HMAC-SHA1(secret + `&`, string to sign)). */
export function signV1(secret: SigningSecret, stringToSign: string): string {
  return createHmac('sha1', secret.v1).update(stringToSign, 'utf8').digest('base64');
}

/** Checks `Signature` in constant time, as base64 text: a decoder would forgive changed padding bits. */
export function verifyV1(secret: SigningSecret, stringToSign: string, signature: string): boolean {
  return equalInConstantTime(signV1(secret, stringToSign), signature);
}
