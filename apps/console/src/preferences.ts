import { useSyncExternalStore } from 'react';
import type { Mode } from './theme.ts';

export const LANGUAGES = ['zh-CN', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
export type ThemeChoice = Mode | 'auto';
type Preferences = { language: Language; theme: ThemeChoice };

const KEY = 'signet.preferences';

/** The first language of the browser that the console speaks; English for people who read neither. */
export function languageFor(asked: readonly string[]): Language {
  for (const tag of asked) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

/** What the user stored, each part checked; absent or foreign parts follow the browser. */
export function readPreferences(stored: string | null, browser: readonly string[]): Preferences {
  const chosen: { language?: unknown; theme?: unknown } = parseObject(stored);
  return {
    language: LANGUAGES.find((language) => language === chosen.language) ?? languageFor(browser),
    theme: chosen.theme === 'light' || chosen.theme === 'dark' ? chosen.theme : 'auto',
  };
}

function parseObject(text: string | null): object {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

let current: Preferences | undefined;
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  current ??= readPreferences(localStorage.getItem(KEY), navigator.languages);
  return current;
}

export function prefer(change: Partial<Preferences>): void {
  current = { ...preferences(), ...change };
  localStorage.setItem(KEY, JSON.stringify(current));
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether a media query holds, live. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', listener);
      return () => media.removeEventListener('change', listener);
    },
    () => window.matchMedia(query).matches,
  );
}

export const NARROW = '(max-width: 767px)';
