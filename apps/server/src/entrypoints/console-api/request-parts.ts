import { z } from 'zod';
import { DomainError } from '../../platform/domain-error.ts';
import { CONSOLE_ERRORS } from './errors.ts';
import type { Language } from './language.ts';
import type { ProblemFields } from './problems.ts';

export type PartName = 'params' | 'query' | 'body';
export type PartReading = { ok: true; value: Record<string, unknown> } | { ok: false; fields: ProblemFields };

const MAX_FIELDS = 50;
const MAX_DETAIL_CHARACTERS = 200;

/** Ids are bigint in the store. */
const LARGEST_ID = 2n ** 63n - 1n;
const DECIMAL = /^\d{1,19}$/;

/** Texts of zod in the two languages; they name what was expected and hold no value of the request. */
const LOCALES: Readonly<Record<Language, z.core.$ZodErrorMap>> = {
  en: z.locales.en().localeError,
  zh: z.locales.zhCN().localeError,
};

/**
 * Reads one part of a request by its schema. A field is named by its place, `body.templateParams.code`; a missing body
 * is an empty one, since most operations want none.
 */
export function readPart(part: PartName, schema: z.ZodType, given: unknown, language: Language): PartReading {
  const parsed = schema.safeParse(given ?? {}, { error: LOCALES[language] });
  if (!parsed.success) {
    const fields = parsed.error.issues.slice(0, MAX_FIELDS).map(({ path, message }) => ({
      path: [part, ...path.map(String)].join('.').slice(0, MAX_DETAIL_CHARACTERS),
      detail: message.slice(0, MAX_DETAIL_CHARACTERS),
    }));
    return { ok: false, fields };
  }
  const value = parsed.data as Record<string, unknown>;
  const tooLarge = Object.keys(value).filter((name) => /id$/i.test(name) && isBeyondStore(value[name]));
  if (tooLarge.length === 0) return { ok: true, value };
  const detail = language === 'zh' ? '编号过大' : 'No id is as large as this.';
  return { ok: false, fields: tooLarge.map((name) => ({ path: `${part}.${name}`, detail })) };
}

const isBeyondStore = (value: unknown): boolean =>
  typeof value === 'string' && DECIMAL.test(value) && BigInt(value) > LARGEST_ID;

/** The cursor of a list that goes on below an id. Throws `console.bad_cursor`. */
export function idCursor(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  if (DECIMAL.test(cursor) && BigInt(cursor) <= LARGEST_ID) return cursor;
  throw new DomainError(
    CONSOLE_ERRORS.badCursor,
    'The cursor is not one of this list; begin again without it.',
  );
}
