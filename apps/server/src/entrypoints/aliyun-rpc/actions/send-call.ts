import type { SendAnswer, SendCall } from '../../../modules/sms/messages/public.ts';
import type { ActionCall, ActionResult } from '../dispatch.ts';
import { businessError, gatewayError } from '../errors.ts';
import type { DysmsDeps } from './deps.ts';
import type { Asking } from './dysms-action.ts';
import { keyReused, readRepeat } from './repeat.ts';
import { readOutId, type SendReading } from './send-parameters.ts';

export type SendDeps = Pick<DysmsDeps, 'send' | 'refuse' | 'digest'>;

/** Hands what was read to steps 3 to 10, a refusal too, which is stored like theirs, and answers the BizId. */
export async function sendCall(
  call: ActionCall,
  asking: Asking,
  reading: SendReading,
  businessParameters: readonly string[],
  deps: SendDeps,
): Promise<ActionResult> {
  const repeat = readRepeat(call, businessParameters, deps.digest);
  // A repeat may be answered from memory, without a commit that would hold the nonce.
  if (repeat !== null && call.nonce !== null && !(await call.nonce.claim()))
    return gatewayError('SignatureNonceUsed');
  const wanted: SendCall = {
    ...asking,
    requestId: call.requestId,
    recipients: reading.ok ? reading.recipients : [],
    outId: readOutId(call.params),
    repeat,
    nonce: repeat === null ? (call.nonce?.take() ?? null) : null,
  };
  return answered(await (reading.ok ? deps.send(wanted) : deps.refuse(wanted, reading.refusal)));
}

function answered(answer: SendAnswer): ActionResult {
  if (!('refusal' in answer)) return { BizId: answer.bizId };
  if (answer.refusal.code === 'message.repeat_differs') return keyReused(answer.message);
  if (answer.refusal.code === 'message.request_replayed') return gatewayError('SignatureNonceUsed');
  return businessError(answer.code, answer.message);
}
