import { randomBytes, randomFillSync } from 'node:crypto';

/** Source of chance. `octets` may hand out views of one pool: a caller that keeps them long copies them. */
export type Random = {
  octets(count: number): Buffer;
  /** Uniform in [0, 1), for back-off and sampling, never for secrets. */
  fraction(): number;
};

// One getrandom call costs about 1 µs and a Buffer; a pool of 12 KiB serves a thousand nonces a call.
const POOL_OCTETS = 12 * 1024;

export function systemRandom(): Random {
  const pool = Buffer.alloc(POOL_OCTETS);
  let used = POOL_OCTETS;
  return {
    octets(count) {
      if (count > POOL_OCTETS) return randomBytes(count);
      if (used + count > POOL_OCTETS) {
        randomFillSync(pool);
        used = 0;
      }
      const taken = Buffer.from(pool.subarray(used, used + count));
      used += count;
      return taken;
    },
    fraction: () => Math.random(),
  };
}
