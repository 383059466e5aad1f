import type { ApprovalState } from '../../trust/approvals/public.ts';

export type Qualification = {
  id: string;
  name: string;
  company: string;
  /** Unified social credit code, 18 characters (GB 32100-2015). */
  creditCode: string;
  legalPerson: string;
  /** The company sends for itself, not for others. */
  ownUse: boolean;
  state: ApprovalState;
  reason: string | null;
  createdAt: Date;
  /** When the reviewer decided; null until then. */
  decidedAt: Date | null;
};

export type QualificationDraft = Pick<
  Qualification,
  'name' | 'company' | 'creditCode' | 'legalPerson' | 'ownUse'
> & { contactName: string; contactPhone: string };

export const MAX_QUALIFICATIONS_A_TENANT = 100;

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const FORM = new RegExp(`^[${ALPHABET}]{18}$`);
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];

export const isCreditCode = (code: string): boolean => FORM.test(code);

/** Whether the last character is the check character of the others (GB 32100-2015, annex A: weights 3^i mod 31). */
export function hasRightCheckCharacter(code: string): boolean {
  if (!isCreditCode(code)) return false;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * ALPHABET.indexOf(code[at]!), 0);
  return ALPHABET[(31 - (sum % 31)) % 31] === code[17];
}

/** What stands sealed in `qualifications.sealed_contact`. */
export type Contact = { name: string; phone: string };

export const packContact = (contact: Contact): string => JSON.stringify([contact.name, contact.phone]);

export function openContact(plain: Buffer): Contact {
  const [name, phone] = JSON.parse(plain.toString('utf8')) as [string, string];
  return { name, phone };
}
