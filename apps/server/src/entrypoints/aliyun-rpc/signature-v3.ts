import { createHmac, hash } from 'node:crypto';
import { equalInConstantTime } from './constant-time.ts';
import { canonicalQuery } from './params.ts';
import { type ApiRequest, headerText } from './request.ts';
import type { SigningSecret } from './signing-keys.ts';

export const V3_ALGORITHM = 'ACS3-HMAC-SHA256';

/** `Authorization` of V3, taken apart. */
export interface V3Authorization {
  readonly accessKeyId: string;
  /** Lower-case header names in the order that the client signed them. */
  readonly signedHeaders: readonly string[];
  /** The list as sent, `a;b;c`. */
  readonly signedHeadersText: string;
  /** 64 hex digits as sent. */
  readonly signature: string;
}

/** What a V3 request must sign at least; the SDKs add the content type and every further `x-acs-*`. */
export const V3_DEMANDED_HEADERS: readonly string[] = [
  'host',
  'x-acs-action',
  'x-acs-content-sha256',
  'x-acs-date',
  'x-acs-signature-nonce',
  'x-acs-version',
];

const AUTHORIZATION =
  /^ACS3-HMAC-SHA256 +Credential=([^,\s]{1,256}), *SignedHeaders=([a-z0-9;-]{1,2048}), *Signature=([^,\s]{1,256})$/;
const EMPTY_BODY_SHA256 = hash('sha256', '', 'hex');

/** Reads `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`; undefined when it has another form. */
export function readAuthorizationV3(authorization: string): V3Authorization | undefined {
  const match = AUTHORIZATION.exec(authorization.trimEnd());
  if (match === null) return undefined;
  const signedHeadersText = match[2] as string;
  return {
    accessKeyId: match[1] as string,
    signedHeaders: signedHeadersText.split(';'),
    signedHeadersText,
    signature: match[3] as string,
  };
}

/** Lower-case hex SHA-256 of the raw body octets. */
export function bodySha256(body: Buffer): string {
  return body.length === 0 ? EMPTY_BODY_SHA256 : hash('sha256', body, 'hex');
}

/**
 * Canonical request: method, path, canonical query, each signed header as `name:value` in the listed order, an
 * empty line, the list, the body's hash, joined by line feeds. The hash is what we computed, so that a request with
 * another body never matches.
 */
export function canonicalRequestV3(
  request: ApiRequest,
  authorization: V3Authorization,
  bodyHash: string,
): string {
  const { raw } = request;
  let text = `${raw.method}\n${request.path}\n${canonicalQuery(request.query)}\n`;
  for (const name of authorization.signedHeaders) {
    text += `${name}:${(headerText(raw, name) ?? '').trim()}\n`;
  }
  return `${text}\n${authorization.signedHeadersText}\n${bodyHash}`;
}

/** `ACS3-HMAC-SHA256`, a line feed, and the hex SHA-256 of the canonical request. */
export function stringToSignV3(canonicalRequest: string): string {
  return `${V3_ALGORITHM}\n${hash('sha256', canonicalRequest, 'hex')}`;
}

/** hex(HMAC-SHA256(secret, string to sign)). */
export function signV3(secret: SigningSecret, stringToSign: string): string {
  return createHmac('sha256', secret.v3).update(stringToSign, 'utf8').digest('hex');
}

export function verifyV3(secret: SigningSecret, stringToSign: string, signature: string): boolean {
  return equalInConstantTime(signV3(secret, stringToSign), signature);
}
