import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/**
 * Verifies ACS3-HMAC-SHA256 from the text of the scheme, sharing nothing with the code that signs. Returns the
 * business parameters, or throws with what is wrong.
 */
export function verifyAcs3(
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
  secret: string,
): Map<string, string> {
  const parts = /^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$/.exec(
    headers.authorization ?? '',
  );
  if (!parts) throw new Error('no ACS3 authorization');
  const bodyDigest = createHash('sha256').update(body).digest('hex');
  if (headers['x-acs-content-sha256'] !== bodyDigest) throw new Error('body digest differs');
  const names = parts[2]!.split(';');
  for (const name of ['host', 'x-acs-action', 'x-acs-date', 'x-acs-signature-nonce', 'x-acs-version'])
    if (!names.includes(name)) throw new Error(`${name} is not signed`);
  const [path, query = ''] = target.split('?');
  const canonical = [
    method,
    path,
    query.split('&').toSorted().join('&'),
    ...names.map((name) => `${name}:${String(headers[name]).trim()}`),
    '',
    names.join(';'),
    bodyDigest,
  ].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const expected = createHmac('sha256', secret).update(`ACS3-HMAC-SHA256\n${digest}`).digest('hex');
  if (expected !== parts[3]) throw new Error('signature differs');
  return new Map([...new URLSearchParams(query), ...new URLSearchParams(body.toString())]);
}
