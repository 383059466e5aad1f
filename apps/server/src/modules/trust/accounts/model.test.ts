import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAttempts } from './attempts.ts';
import { faultOfPassword, isKeyId, newKeyId, newKeySecret, newOneTimePassword } from './model.ts';
import { hashPassword, isPassword } from './passwords.ts';

/** A stream of octets that is the same for the same seed. */
function octetsOf(seed: number): (count: number) => Buffer {
  let block = 0;
  return (count) => {
    const chunks: Buffer[] = [];
    for (let made = 0; made < count; made += 32) {
      chunks.push(createHash('sha256').update(`${seed}|${block++}`).digest());
    }
    return Buffer.concat(chunks).subarray(0, count);
  };
}

describe('credentials', () => {
  it('have the shapes that clients know', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const octets = octetsOf(seed);
        const id = newKeyId(octets);
        expect(id).toMatch(/^LTAI[A-Za-z0-9]{20}$/);
        expect(isKeyId(id)).toBe(true);
        expect(newKeySecret(octets)).toMatch(/^[A-Za-z0-9]{30}$/);
        expect(newOneTimePassword(octets)).toMatch(/^[A-HJ-NP-Za-km-z2-9]{16}$/);
      }),
    );
  });

  it('use every character about equally often', () => {
    const counts = new Map<string, number>();
    const octets = octetsOf(1);
    for (let i = 0; i < 4_000; i++) {
      for (const character of newKeySecret(octets)) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    const expected = (4_000 * 30) / 62;
    expect(counts.size).toBe(62);
    // Five standard deviations; taking octets modulo 62 would put eight characters 21 % above the mean.
    for (const count of counts.values()) {
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it('take passwords that are long, new and not the name', () => {
    expect(faultOfPassword('123456789', 'old', 'anna')).toBe('too_short');
    expect(faultOfPassword('𝒶𝒷𝒸𝒹𝑒', 'old', 'anna')).toBe('too_short');
    expect(faultOfPassword('a'.repeat(257), 'old', 'anna')).toBe('too_long');
    expect(faultOfPassword('quite a long one', 'quite a long one', 'anna')).toBe('same_as_before');
    expect(faultOfPassword('Hello ANNA hello', 'old', 'anna')).toBe('contains_name');
    expect(faultOfPassword('a new long one', 'old', 'anna')).toBeUndefined();
  });

  it('hash with argon2id of 19 MiB and two passes, also for nobody', async () => {
    const stored = await hashPassword('correct horse');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await isPassword(stored, 'correct horse')).toBe(true);
    expect(await isPassword(stored, 'correct horses')).toBe(false);
    expect(await isPassword(undefined, 'correct horse')).toBe(false);
  });
});

describe('attempts', () => {
  it('never let more than the limit through in a window, whatever the order', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b'), wait: fc.integer({ min: 0, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const attempts = createAttempts(3, 100, 10);
        const passed: { key: string; at: number }[] = [];
        let now = 0;
        for (const { key, wait } of steps) {
          now += wait;
          if (attempts.take(key, now)) passed.push({ key, at: now });
        }
        // Fixed windows: any four that pass span more than one window.
        for (const key of ['a', 'b']) {
          const times = passed.filter((one) => one.key === key).map((one) => one.at);
          const windows: number[][] = [];
          for (const at of times) {
            const open = windows.at(-1);
            if (open !== undefined && at - open[0]! < 100) open.push(at);
            else windows.push([at]);
          }
          for (const window of windows) expect(window.length).toBeLessThanOrEqual(3);
        }
      }),
    );
  });

  it('give back what was right, and stay bounded', () => {
    const attempts = createAttempts(1, 100, 2);
    expect(attempts.take('a', 0)).toBe(true);
    expect(attempts.take('a', 1)).toBe(false);
    attempts.giveBack('a', 1);
    expect(attempts.take('a', 2)).toBe(true);
    expect(attempts.take('b', 3)).toBe(true);
    expect(attempts.take('c', 4)).toBe(true);
    // 'a' was the oldest and had to go.
    expect(attempts.take('a', 5)).toBe(true);
  });
});
