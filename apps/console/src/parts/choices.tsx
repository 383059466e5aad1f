import { LANGUAGES, prefer, type ThemeChoice, usePreferences } from '../preferences.ts';
import { useWords } from '../words/use-words.ts';

const LANGUAGE_NAMES = { 'zh-CN': '中文', en: 'English' } as const;

/** Language and appearance, as plain selects: they work before antd's own have been fetched. */
export function Choices() {
  const words = useWords();
  const { language, theme } = usePreferences();
  const themes: readonly (readonly [ThemeChoice, string])[] = [
    ['auto', words.shell.themeAuto],
    ['light', words.shell.themeLight],
    ['dark', words.shell.themeDark],
  ];
  return (
    <span className="row">
      <select
        className="plain-select"
        aria-label={words.shell.language}
        value={language}
        onChange={({ target }) => prefer({ language: LANGUAGES.find((l) => l === target.value) ?? language })}
      >
        {LANGUAGES.map((tag) => (
          <option key={tag} value={tag} lang={tag}>
            {LANGUAGE_NAMES[tag]}
          </option>
        ))}
      </select>
      <select
        className="plain-select"
        aria-label={words.shell.theme}
        value={theme}
        onChange={({ target }) =>
          prefer({ theme: themes.find(([key]) => key === target.value)?.[0] ?? theme })
        }
      >
        {themes.map(([key, word]) => (
          <option key={key} value={key}>
            {word}
          </option>
        ))}
      </select>
    </span>
  );
}
