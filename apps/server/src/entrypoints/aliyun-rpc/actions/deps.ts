import type { MessageReading, Refusal, SendAnswer, SendCall } from '../../../modules/sms/messages/public.ts';
import type { Registration } from '../../../modules/sms/registration/public.ts';
import type { Signatures } from '../../../modules/sms/signatures/public.ts';
import type { Templates } from '../../../modules/sms/templates/public.ts';

/** The doors that the actions of dysms 2017-05-25 use. Expected refusals are thrown as DomainError. */
export type DysmsDeps = {
  /** Steps 3 to 10. */
  send(call: SendCall): Promise<SendAnswer>;
  /** Stores a refusal that was found before the steps; a repeat of a known Idempotency-Key gets that answer. */
  refuse(call: SendCall, refusal: Refusal): Promise<SendAnswer>;
  /** A keyed digest. */
  digest(text: string): Buffer;
  reading: Pick<MessageReading, 'details' | 'statistics'>;
  registration: Pick<Registration, 'get'>;
  signatures: Pick<Signatures, 'create' | 'update' | 'remove' | 'get' | 'list'>;
  templates: Pick<Templates, 'create' | 'update' | 'remove' | 'get' | 'list'>;
};
