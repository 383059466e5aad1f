import { ERROR_CODES } from '@signet/contract';
import { describe, expect, it } from 'vitest';
import { CARRIER_ERRORS } from '../../modules/sms/carriers/public.ts';
import { INBOUND_ERRORS } from '../../modules/sms/inbound/public.ts';
import { READING_ERRORS } from '../../modules/sms/messages/public.ts';
import { OPT_OUT_ERRORS } from '../../modules/sms/opt-outs/public.ts';
import { QUALIFICATION_ERRORS } from '../../modules/sms/registration/public.ts';
import { SIGNATURE_ERRORS } from '../../modules/sms/signatures/public.ts';
import { TEMPLATE_ERRORS } from '../../modules/sms/templates/public.ts';
import { WEBHOOK_ERRORS } from '../../modules/sms/webhooks/public.ts';
import { ACCOUNT_ERRORS } from '../../modules/trust/accounts/public.ts';
import { REVIEW_ERRORS } from '../../modules/trust/approvals/public.ts';
import type { ErrorRow } from '../../platform/domain-error.ts';
import { CONSOLE_ERRORS } from './errors.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';
import { SENTENCES_ZH } from './sentences-zh.ts';

const modules: ErrorRow[] = [
  ACCOUNT_ERRORS,
  CARRIER_ERRORS,
  INBOUND_ERRORS,
  OPT_OUT_ERRORS,
  QUALIFICATION_ERRORS,
  READING_ERRORS,
  REVIEW_ERRORS,
  SIGNATURE_ERRORS,
  TEMPLATE_ERRORS,
  WEBHOOK_ERRORS,
].flatMap((errors) => Object.values(errors) as ErrorRow[]);
const all: ErrorRow[] = [...modules, ...Object.values(CONSOLE_ERRORS)];

describe('refusals in two languages', () => {
  it('have a sentence in Chinese for every code of the modules', () => {
    expect(modules.map(({ code }) => code).filter((code) => SENTENCES_ZH[code] === undefined)).toEqual([]);
  });

  it('have no sentence for a code that is not there', () => {
    const known = all.map(({ code }) => code);
    expect(Object.keys(SENTENCES_ZH).filter((code) => !known.includes(code))).toEqual([]);
  });

  it('name a problem of the contract, with its kind of status', () => {
    for (const { code, http, problem } of all) {
      expect([code, (ERROR_CODES as readonly string[]).includes(problem)]).toEqual([code, true]);
      expect([code, http >= 400 && http < 500]).toEqual([code, true]);
    }
  });

  it('have words for every code of the contract', () => {
    for (const code of ERROR_CODES) {
      const { title, detail } = PROBLEM_TEXTS[code];
      for (const text of [title.zh, detail.zh]) expect(text).toMatch(/\p{Script=Han}/u);
      for (const text of [title.en, detail.en]) expect(text).not.toMatch(/\p{Script=Han}/u);
    }
  });
});
