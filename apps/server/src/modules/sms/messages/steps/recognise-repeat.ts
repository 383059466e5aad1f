import { refuse } from '../errors.ts';
import type { SendAnswer, SendCall } from '../model.ts';

export type StoredAnswer = { bodyDigest: Buffer; answer: SendAnswer };
export type RepeatDeps = {
  storedAnswer(tenantId: string, keyDigest: Buffer): Promise<StoredAnswer | undefined>;
};

/**
 * Step 3: the same Idempotency-Key with the same body within 24 h gets the same answer, with another body 409. Two at
 * the same moment are told apart in the commit, which is one sequence.
 */
export async function recogniseRepeat(
  call: SendCall,
  repeat: NonNullable<SendCall['repeat']>,
  deps: RepeatDeps,
): Promise<SendAnswer | undefined> {
  const stored = await deps.storedAnswer(call.tenantId, repeat.keyDigest);
  return stored === undefined ? undefined : answerRepeat(stored, repeat.bodyDigest);
}

export function answerRepeat(stored: StoredAnswer, bodyDigest: Buffer): SendAnswer {
  if (stored.bodyDigest.equals(bodyDigest)) return stored.answer;
  const refusal = refuse(
    'message.repeat_differs',
    'This Idempotency-Key was used with another body; use a new key for a new message.',
  );
  return { code: refusal.wire, message: refusal.message, refusal };
}
