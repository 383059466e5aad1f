import { readNumber } from '@signet/sms-text';
import { refuse } from '../errors.ts';
import type { Candidate } from '../model.ts';
import type { Step } from './step.ts';

/** Step 4: one E.164 form for `138…`, `+86138…`, `0086138…`, `86138…`, before anything counts. */
export const readNumbers: Step = ({ call, list, now }, { numberKey, nextId }) => {
  for (let i = 0; i < call.recipients.length; i++) {
    const wanted = call.recipients[i]!;
    const number = readNumber(wanted.number);
    if (!number.ok) {
      return refuse(
        'message.number_illegal',
        `第 ${i + 1} 个号码不是可送达的手机号码 (the number at position ${i + 1} is not a mobile number that can be reached)`,
      );
    }
    // Later steps fill what is undefined here before anything reads it: the list in accept.ts is the order.
    list.push({
      wanted,
      id: nextId(),
      e164: number.e164,
      domestic: number.domestic,
      numberKey: numberKey(number.e164),
      notBefore: now,
      optedOut: false,
      exempt: false,
      held: null,
    } as unknown as Candidate);
  }
  return undefined;
};
