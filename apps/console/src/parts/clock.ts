import { useEffect, useState } from 'react';

/** The present time, milliseconds since 1970; the console reads its clock nowhere else. */
export const readClock = (): number => Date.now();

/** `00:12:41` for a span; days are counted in hours. */
export function clockText(spanMs: number): string {
  const seconds = Math.floor(Math.abs(spanMs) / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** How much of a clock is used: colour and word change at 50, 80 and 100 %. */
export function clockStage(
  openedMs: number,
  dueMs: number,
  nowMs: number,
): 'fine' | 'half' | 'near' | 'late' {
  const used = (nowMs - openedMs) / Math.max(dueMs - openedMs, 1);
  if (used >= 1) return 'late';
  if (used >= 0.8) return 'near';
  return used >= 0.5 ? 'half' : 'fine';
}

const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** "3 minutes ago" in the language, in the largest unit that is at least one. */
export function relativeText(atMs: number, nowMs: number, language: string): string {
  const seconds = Math.round((atMs - nowMs) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const);
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}

/** `2026-11-22 08:48:38` in the given zone (the browser's when left out). */
export function absoluteText(atMs: number, zone?: string): string {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    dateStyle: 'short',
    timeStyle: 'medium',
    ...(zone === undefined ? {} : { timeZone: zone }),
  });
  return parts.format(atMs);
}

/** Name and offset of the browser's zone, as `Asia/Shanghai (GMT+8)`. */
export function zoneText(language: string, nowMs: number): string {
  const format = new Intl.DateTimeFormat(language, { timeZoneName: 'shortOffset' });
  const offset = format.formatToParts(nowMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  return `${format.resolvedOptions().timeZone} (${offset})`;
}

/** The present time, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [nowMs, setNowMs] = useState(readClock);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(readClock()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return nowMs;
}
