import { describe, expect, it } from 'vitest';
import { absoluteText, clockStage, clockText, relativeText } from './clock.ts';

const MINUTE_MS = 60_000;

describe('clocks', () => {
  it('show hours, minutes and seconds, days as hours', () => {
    expect(clockText(12 * MINUTE_MS + 41_999)).toBe('00:12:41');
    expect(clockText(-26 * 60 * MINUTE_MS)).toBe('26:00:00');
  });

  it('change at 50, 80 and 100 %', () => {
    const at = (percent: number) => clockStage(0, 1000, percent * 10);
    expect([0, 49, 50, 79, 80, 99, 100, 500].map(at)).toEqual([
      'fine',
      'fine',
      'half',
      'half',
      'near',
      'near',
      'late',
      'late',
    ]);
    expect(clockStage(5, 5, 5)).toBe('fine');
    expect(clockStage(5, 5, 6)).toBe('late');
  });

  it('tell times in the largest whole unit and in the given zone', () => {
    const nowMs = Date.parse('2026-11-22T00:00:00Z');
    expect(relativeText(nowMs - 3 * MINUTE_MS - 59_000, nowMs, 'en')).toBe('3 minutes ago');
    expect(relativeText(nowMs + 2 * 24 * 60 * MINUTE_MS, nowMs, 'en')).toBe('in 2 days');
    expect(relativeText(nowMs - 1_000, nowMs, 'zh-CN')).toBe('1秒钟前');
    expect(absoluteText(nowMs, 'Asia/Shanghai')).toBe('2026-11-22 08:00:00');
  });
});
