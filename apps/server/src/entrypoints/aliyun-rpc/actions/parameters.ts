import { businessError } from '../errors.ts';
import { type Params, param, repeatedParam } from '../params.ts';

const illegal = (name: string, wanted: string) =>
  businessError('isv.INVALID_PARAMETERS', `参数 ${name} 格式不正确 (${name} must be ${wanted})`);

/** The text of a parameter, or `otherwise` when it was not sent or is empty. Throws isv.INVALID_PARAMETERS beyond `max`. */
export function readText<T extends string | null>(
  params: Params,
  name: string,
  maxCharacters: number,
  otherwise: T,
): string | T {
  const text = param(params, name);
  if (text === undefined || text === '') return otherwise;
  if (text.length > maxCharacters) throw illegal(name, `at most ${maxCharacters} characters`);
  return text;
}

/** A whole number from `min` to `max`, or `otherwise` when it was not sent. Throws isv.INVALID_PARAMETERS. */
export function readInteger<T extends number | null>(
  params: Params,
  name: string,
  [min, max]: readonly [number, number],
  otherwise: T,
): number | T {
  const text = param(params, name);
  if (text === undefined || text === '') return otherwise;
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw illegal(name, `a whole number from ${min} to ${max}`);
  return value;
}

/** As `readInteger`, for a parameter that the action table requires. */
export function readRequiredInteger(params: Params, name: string, range: readonly [number, number]): number {
  const value = readInteger(params, name, range, null);
  if (value === null) throw illegal(name, `a whole number from ${range[0]} to ${range[1]}`);
  return value;
}

/** `true` or `false`; null when it was not sent. Throws isv.INVALID_PARAMETERS. */
export function readBoolean(params: Params, name: string): boolean | null {
  const text = param(params, name)?.toLowerCase();
  if (text === undefined || text === '') return null;
  if (text !== 'true' && text !== 'false') throw illegal(name, 'true or false');
  return text === 'true';
}

/** An id that the SDKs type as a number, below 2^53; null when it was not sent. Throws isv.INVALID_PARAMETERS. */
export function readNumericId(params: Params, name: string): string | null {
  const text = param(params, name);
  if (text === undefined || text === '') return null;
  if (!/^[0-9]{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) throw illegal(name, 'an id');
  return text;
}

/** Further papers by name: at most 20, each of at most 500 characters. */
const MAX_PAPERS = 20;
const MAX_PAPER_CHARACTERS = 500;

/** MoreData, as `MoreData.1` or as a JSON list of texts; [] when it was not sent. Throws isv.INVALID_PARAMETERS. */
export function readMoreData(params: Params): string[] {
  const whole = param(params, 'MoreData') ?? '';
  const papers = repeatedParam(params, 'MoreData');
  const wanted = `a list of at most ${MAX_PAPERS} texts`;
  if (papers.length > MAX_PAPERS || (whole !== '' && !whole.startsWith('[')))
    throw illegal('MoreData', wanted);
  return papers.map((paper) => {
    if (typeof paper !== 'string' || paper.length > MAX_PAPER_CHARACTERS) throw illegal('MoreData', wanted);
    return paper;
  });
}

/** `yyyyMMdd` of a day of the calendar. Throws isv.INVALID_PARAMETERS. */
export function readDay(params: Params, name: string): string {
  const text = param(params, name) ?? '';
  const parts = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (parts !== null) {
    const iso = `${parts[1]}-${parts[2]}-${parts[3]}`;
    const at = new Date(`${iso}T00:00:00Z`);
    if (!Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso)) return text;
  }
  throw illegal(name, 'a day as yyyyMMdd');
}

/** Throws isv.INVALID_PARAMETERS unless `holds`. */
export function demand(holds: boolean, name: string, wanted: string): void {
  if (!holds) throw illegal(name, wanted);
}

/** A page of the lists of signatures and templates, as numbers of the wire and as rows to take. */
export type ListPage = { page: number; pageSize: number; limit: number; offset: number };

/** PageIndex from 1, PageSize up to 50; both may be left out. Throws isv.INVALID_PARAMETERS. */
export function readListPage(params: Params): ListPage {
  const page = readInteger(params, 'PageIndex', [1, MAX_PAGE], 1);
  const pageSize = readInteger(params, 'PageSize', [1, MAX_PAGE_SIZE], DEFAULT_PAGE_SIZE);
  return { page, pageSize, limit: pageSize, offset: (page - 1) * pageSize };
}

export const MAX_PAGE = 1_000_000;
export const MAX_PAGE_SIZE = 50;
const DEFAULT_PAGE_SIZE = 10;
