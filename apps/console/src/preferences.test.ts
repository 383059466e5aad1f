import { describe, expect, it } from 'vitest';
import { languageFor, readPreferences } from './preferences.ts';

describe('preferences', () => {
  it('take the first language of the browser that the console speaks', () => {
    expect(languageFor(['fr', 'zh-TW', 'en'])).toBe('zh-CN');
    expect(languageFor(['en-GB', 'zh'])).toBe('en');
    expect(languageFor(['fr', 'de'])).toBe('en');
    expect(languageFor([])).toBe('en');
  });

  it('prefer what the user chose and pass over what is foreign', () => {
    expect(readPreferences('{"language":"en","theme":"dark"}', ['zh'])).toEqual({
      language: 'en',
      theme: 'dark',
    });
    expect(readPreferences('{"language":"xx","theme":7}', ['zh'])).toEqual({
      language: 'zh-CN',
      theme: 'auto',
    });
    expect(readPreferences('not json', ['en'])).toEqual({ language: 'en', theme: 'auto' });
    expect(readPreferences('null', ['en'])).toEqual({ language: 'en', theme: 'auto' });
    expect(readPreferences(null, ['zh-CN'])).toEqual({ language: 'zh-CN', theme: 'auto' });
  });
});
