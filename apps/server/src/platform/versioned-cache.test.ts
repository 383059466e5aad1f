import { describe, expect, it } from 'vitest';
import { createVersionedCache } from './versioned-cache.ts';

describe('versioned cache', () => {
  it('answers at once from memory until the version moves', async () => {
    let version = '1';
    let stored = 'first';
    const cache = createVersionedCache({ version: () => version, load: async () => stored, maxEntries: 10 });
    expect(await cache.get('a')).toBe('first');
    stored = 'second';
    expect(cache.get('a')).toBe('first');
    version = '2';
    expect(await cache.get('a')).toBe('second');
  });

  it('does not keep what was read while the version moved', async () => {
    let version = '1';
    let stored = 'old';
    let finish = (): void => undefined;
    const cache = createVersionedCache({
      version: () => version,
      load: async () => {
        const seen = stored;
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return seen;
      },
      maxEntries: 10,
    });
    const slow = cache.get('a');
    version = '2';
    stored = 'new';
    finish();
    expect(await slow).toBe('old');
    const again = cache.get('a');
    finish();
    expect(await again).toBe('new');
  });

  it('keeps an absence too, and stays bounded', async () => {
    let loads = 0;
    const cache = createVersionedCache({
      version: () => '1',
      load: async () => {
        loads++;
        return undefined;
      },
      maxEntries: 2,
    });
    for (const key of ['a', 'b', 'c']) await cache.get(key);
    cache.get('c');
    expect(loads).toBe(3);
    await cache.get('a');
    expect(loads).toBe(4);
  });
});
