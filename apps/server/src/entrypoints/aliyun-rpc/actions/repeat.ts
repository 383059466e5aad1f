import type { SendCall } from '../../../modules/sms/messages/public.ts';
import type { ActionCall } from '../dispatch.ts';
import { gatewayError, invalidParameter, type WireError } from '../errors.ts';
import { param } from '../params.ts';

/** 1 to 128 printable ASCII characters. */
const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,128}$/;

/**
 * Header Idempotency-Key with the digest of what it stands for: the action and its business parameters, whatever
 * client and signature they came with. Null without the header. Throws InvalidIdempotencyKey, HTTP 400.
 */
export function readRepeat(
  call: ActionCall,
  businessParameters: readonly string[],
  digest: (text: string) => Buffer,
): SendCall['repeat'] {
  const key = call.header('idempotency-key');
  if (key === undefined) return null;
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw invalidParameter(
      'IdempotencyKey',
      'Header Idempotency-Key must be 1 to 128 printable ASCII characters.',
    );
  }
  const body = businessParameters.toSorted().map((name) => [name, param(call.params, name) ?? null]);
  return {
    keyDigest: digest(JSON.stringify(['idempotency-key', key])),
    bodyDigest: digest(JSON.stringify([call.action, body])),
  };
}

/** HTTP 409: the vendor has no such header, so the code is ours. */
export const keyReused = (message: string): WireError => gatewayError('IdempotencyKeyReused', { message });
