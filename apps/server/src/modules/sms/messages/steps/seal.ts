import { packEnvelope } from '../model.ts';
import type { Step } from './step.ts';

/**
 * The body is sealed before it waits for its commit (step 10), so that the cipher works while the commit before is on
 * its way to the disk.
 */
export const seal: Step = ({ call, list }, deps) => {
  for (const candidate of list) {
    const envelope = packEnvelope({
      phone: candidate.e164,
      text: candidate.text,
      outId: call.outId,
      extendCode: candidate.wanted.extendCode,
    });
    candidate.sealed = deps.seal(call.tenantId, candidate.id, envelope);
    candidate.sealedDigest = deps.digest(candidate.sealed);
  }
  return undefined;
};
