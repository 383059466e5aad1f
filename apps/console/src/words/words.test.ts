import { ERROR_CODES, MESSAGE_KINDS } from '@signet/contract';
import { VARIABLE_TYPES } from '@signet/sms-text';
import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { lookUp } from './use-words.ts';
import { zh } from './zh-CN.ts';

/** Every leaf of a table of words as `path → text`; functions are called with sample arguments. */
function leaves(table: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(table)) {
    const at = path === '' ? key : `${path}.${key}`;
    if (typeof value === 'object' && value !== null)
      for (const [p, text] of leaves(value, at)) found.set(p, text);
    else found.set(at, typeof value === 'function' ? String(value('7', '9')) : String(value));
  }
  return found;
}

describe('words', () => {
  const chinese = leaves(zh);
  const english = leaves(en);

  it('has the same places in both languages', () => {
    expect([...english.keys()]).toEqual([...chinese.keys()]);
    expect(chinese.size).toBeGreaterThan(500);
  });

  it.each([
    ['zh-CN', chinese],
    ['en', english],
  ])('leaves none empty in %s', (_, table) => {
    expect([...table].filter(([, text]) => text.trim() === '' || text.includes('undefined'))).toEqual([]);
  });

  it('keeps Chinese out of English but for what is quoted from the wire', () => {
    const han = [...english].filter(([, text]) => /\p{Script=Han}/u.test(text)).map(([path]) => path);
    expect(han).toEqual([]);
  });

  it('uses the arguments of its sentences in both languages', () => {
    const varying = (table: object) =>
      [...leaves(table)].filter(([, text]) => text.includes('7')).map(([path]) => path);
    const called = varying(zh).filter((path) => !path.startsWith('codes.'));
    for (const path of called) expect(english.get(path), path).toContain('7');
  });

  it('has a sentence for every problem of the contract, every kind and every type of variable', () => {
    for (const words of [zh, en]) {
      for (const code of ERROR_CODES) expect(lookUp(words.problem.codes, code), code).toBeTruthy();
      for (const kind of MESSAGE_KINDS) expect(words.kind[kind]).toBeTruthy();
      for (const type of Object.keys(VARIABLE_TYPES))
        expect(lookUp(words.registration.types, type), type).toBeTruthy();
    }
  });

  it('names all twenty steps', () => {
    for (const words of [zh, en]) {
      expect(Object.keys(words.life.names).map(Number)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    }
  });
});
