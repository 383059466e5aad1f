/** Languages of the console; every text that a person reads exists in both. */
export type Language = 'zh' | 'en';
export type Texts = Readonly<Record<Language, string>>;

const LONGEST_HEADER = 256;

/** The wished language by Accept-Language (RFC 9110 §12.5.4); English where neither is asked for, as scripts do. */
export function languageOf(header: string | undefined): Language {
  let best: Language = 'en';
  let weight = 0;
  for (const part of (header ?? '').slice(0, LONGEST_HEADER).split(',')) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
    const language = range.split('-')[0];
    if (language !== 'zh' && language !== 'en') continue;
    const quality = parameters.map((one) => /^\s*q=([01](?:\.\d{1,3})?)\s*$/.exec(one)?.[1]).find(Boolean);
    const wish = quality === undefined ? 1 : Number(quality);
    if (wish > weight) [best, weight] = [language, wish];
  }
  return best;
}
