import type { Answer, PhoneMessage } from './control.ts';

/** The phones' memory: in RAM only, bounded in messages per phone and in phones. */
export type Phones = {
  store(message: Omit<PhoneMessage, 'number'>): PhoneMessage;
  messages(phone?: string): readonly PhoneMessage[];
  behave(phone: string, answer: Answer): void;
  answerOf(phone: string): Answer;
};

const MAX_MESSAGES_PER_PHONE = 500;
/** A benchmark sends to very many numbers; the one that was silent longest is forgotten. */
const MAX_PHONES = 2_000;
const MAX_BEHAVIOURS = 10_000;

/** +8613800138000, 008613800138000 and 8613800138000 are one phone; so is 13800138000 in China. */
export const phoneKey = (number: string): string => {
  const digits = number.replace(/^\+|^00/, '');
  return /^1\d{10}$/.test(digits) ? `86${digits}` : digits;
};

export const createPhones = (): Phones => {
  const messagesByPhone = new Map<string, PhoneMessage[]>();
  const behaviours = new Map<string, Answer>();
  let stored = 0;
  return {
    store(fields) {
      stored += 1;
      const message = { number: stored, ...fields };
      const phone = phoneKey(fields.phone);
      const messages = messagesByPhone.get(phone) ?? [];
      messages.push(message);
      if (messages.length > MAX_MESSAGES_PER_PHONE) messages.shift();
      messagesByPhone.delete(phone);
      messagesByPhone.set(phone, messages);
      if (messagesByPhone.size > MAX_PHONES)
        for (const oldest of messagesByPhone.keys()) {
          messagesByPhone.delete(oldest);
          break;
        }
      return message;
    },
    messages(phone) {
      if (phone !== undefined) return [...(messagesByPhone.get(phoneKey(phone)) ?? [])];
      return [...messagesByPhone.values()].flat().sort((a, b) => a.number - b.number);
    },
    behave(phone, answer) {
      const key = phone === '*' ? '*' : phoneKey(phone);
      behaviours.delete(key);
      for (const oldest of behaviours.keys()) {
        if (behaviours.size < MAX_BEHAVIOURS) break;
        behaviours.delete(oldest);
      }
      behaviours.set(key, answer);
    },
    answerOf: (phone) => behaviours.get(phoneKey(phone)) ?? behaviours.get('*') ?? 'deliver',
  };
};
