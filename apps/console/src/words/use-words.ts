import { createContext, useContext } from 'react';
import type { Language } from '../preferences.ts';
import type { Words } from './zh-CN.ts';

export type Speech = { language: Language; words: Words };

export const SpeechContext = createContext<Speech | undefined>(undefined);

export function useSpeech(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech) throw new Error('no language around this part');
  return speech;
}

export function useWords(): Words {
  return useSpeech().words;
}

/** Value of a table for a key that may come from a newer server than this page; undefined when it is not in it. */
export function lookUp<V>(table: Readonly<Record<string | number, V>>, key: string | number): V | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
