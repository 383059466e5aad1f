import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageOf } from './language.ts';

describe('the language of a request', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['fr', 'en'],
    ['zh', 'zh'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-GB, zh;q=0.9', 'en'],
    ['en;q=0.5, zh-Hans;q=0.7', 'zh'],
    ['fr, ZH-tw;q=0.1', 'zh'],
    ['zh;q=0', 'en'],
    ['en;q=0, zh;q=0.2', 'zh'],
    ['zhuang', 'en'],
  ])('%s is %s', (header, language) => {
    expect(languageOf(header)).toBe(language);
  });

  it('takes any header', () => {
    fc.assert(fc.property(fc.string(), (header) => ['zh', 'en'].includes(languageOf(header))));
  });
});
