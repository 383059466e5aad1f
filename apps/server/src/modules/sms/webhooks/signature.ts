import { createHmac } from 'node:crypto';

export const ID_HEADER = 'x-signet-delivery-id';
export const TIMESTAMP_HEADER = 'x-signet-timestamp';
export const SIGNATURE_HEADER = 'x-signet-signature';

const SECRET_PREFIX = 'whsec_';
export const SECRET_OCTETS = 32;

/** The secret as its owner sees it once; its UTF-8 octets are the key. */
export const readableSecret = (octets: Buffer): string => `${SECRET_PREFIX}${octets.toString('base64url')}`;

/** `v1=` and the hex of HMAC-SHA-256 (RFC 2104) over `id.timestamp.body`; timestamp in seconds since 1970. */
export function signPush(secret: string, id: string, timestamp: string, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('hex')}`;
}

/** Headers of a push; clients that do not check them ignore them. */
export function pushHeaders(secret: string, id: string, body: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1000));
  return {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'signet',
    [ID_HEADER]: id,
    [TIMESTAMP_HEADER]: timestamp,
    [SIGNATURE_HEADER]: signPush(secret, id, timestamp, body),
  };
}
