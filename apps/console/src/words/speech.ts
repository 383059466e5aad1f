import type { ConfigProviderProps } from 'antd';
import type { Language } from '../preferences.ts';
import type { Words } from './zh-CN.ts';

export type Loaded = { words: Words; antd: NonNullable<ConfigProviderProps['locale']> };

/** Words of one language, of the console and of antd; only the language in use is fetched. */
export async function loadSpeech(language: Language): Promise<Loaded> {
  if (language === 'en') {
    const [{ en }, antd] = await Promise.all([import('./en.ts'), import('antd/locale/en_US')]);
    return { words: en, antd: antd.default };
  }
  const [{ zh }, antd] = await Promise.all([import('./zh-CN.ts'), import('antd/locale/zh_CN')]);
  return { words: zh, antd: antd.default };
}
