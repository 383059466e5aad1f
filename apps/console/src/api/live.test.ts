import { describe, expect, it } from 'vitest';
import { liveAddress, retryAfterMs } from './live.ts';

describe('live streams', () => {
  it('have an address each, those of a tenant with its id', () => {
    expect(liveAddress('tenant', '7/8')).toBe('/api/tenants/7%2F8/live');
    expect(liveAddress('reviews')).toBe('/api/reviews/live');
    expect(liveAddress('phone')).toBe('/api/sandbox/phone/live');
  });

  it('that are refused are asked for again later and later, a minute at most', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 40].map(retryAfterMs)).toEqual([
      2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
  });
});
