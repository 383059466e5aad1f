import { DomainError } from '../../../platform/domain-error.ts';
import type { ConsoleApiDeps, SandboxMessage, SandboxPhones } from '../deps.ts';
import { CONSOLE_ERRORS } from '../errors.ts';
import type { Handlers, OperationAnswer } from '../operation-call.ts';
import { PROBLEM_TEXTS } from '../problem-texts.ts';

type SandboxOperation = 'readPhone' | 'replyFromPhone' | 'setPhoneBehaviour';
type Behaviour = OperationAnswer<'readPhone'>['behaviour'];

const shown = ({ number, direction, phone, peer, text, segments, at }: SandboxMessage) => ({
  id: String(number),
  direction: direction === 'mt' ? ('received' as const) : ('sent' as const),
  from: direction === 'mt' ? peer : phone,
  to: direction === 'mt' ? phone : peer,
  text,
  segments,
  at: new Date(at).toISOString(),
});

export function sandboxHandlers({ sandbox }: ConsoleApiDeps): Pick<Handlers, SandboxOperation> {
  // The simulator keeps it too, and forgets it with its process, as this does.
  let set: { phones: SandboxPhones; behaviour: Behaviour } | undefined;

  const opened = (): { phones: SandboxPhones; phone: string } => {
    const phones = sandbox?.control() ?? null;
    if (sandbox === null || phones === null) {
      throw new DomainError(CONSOLE_ERRORS.sandboxOff, PROBLEM_TEXTS.sandbox_off.detail.en);
    }
    return { phones, phone: sandbox.phone };
  };

  return {
    async readPhone() {
      const { phones, phone } = opened();
      const messages = (await phones.messages(phone)).map(shown).reverse();
      return { number: phone, behaviour: set?.phones === phones ? set.behaviour : 'deliver', messages };
    },
    async replyFromPhone({ body: { to, text } }) {
      const { phones, phone } = opened();
      const before = (await phones.messages(phone)).at(-1)?.number ?? 0;
      if (!(await phones.reply({ phone, to, text }))) {
        throw new DomainError(CONSOLE_ERRORS.noReceiver, PROBLEM_TEXTS.carrier_unreachable.detail.en);
      }
      const sent = (await phones.messages(phone)).filter(
        ({ number, direction }) => number > before && direction === 'mo',
      );
      const own = sent.findLast((message) => message.peer === to && message.text === text);
      if (own === undefined) throw new Error('the sandbox phone sent a reply and does not show it');
      return shown(own);
    },
    async setPhoneBehaviour({ body: { behaviour } }) {
      const { phones, phone } = opened();
      await phones.behave({ phone, answer: behaviour });
      set = { phones, behaviour };
      return { ok: true };
    },
  };
}
