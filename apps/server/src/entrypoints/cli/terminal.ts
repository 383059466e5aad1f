import type { Words } from './words.ts';

/** How a command speaks, and how it hears that it is to end. */
export type Terminal = {
  words: Words;
  say(text: string): void;
  signal: AbortSignal;
};
