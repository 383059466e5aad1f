import { createHmac, createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { Database } from '../../../platform/db.ts';
import type { Kms } from '../../../platform/kms/public.ts';
import type { Random } from '../../../platform/random.ts';
import { createSealer, PLATFORM, type Sealer } from './model.ts';
import { addKey, type Purpose, readKeys } from './store.ts';

export type Vault = {
  /** The sealer of a tenant (or PLATFORM); its data key is made on first use and kept in memory. */
  sealer(ownerId: string): Promise<Sealer>;
  /** The sealer if its key is already in memory: the hot path asks this first. */
  sealerNow(ownerId: string): Sealer | undefined;
  /** Blind index of an E.164 number: 16 octets of HMAC-SHA-256 under the platform's index key. */
  numberKey(e164: string): Buffer;
  /** Keyed digest of anything that must be comparable but not readable, e.g. in audit entries. */
  digest(text: string): Buffer;
  /** Ed25519 key that signs checkpoints of the audit log. */
  checkpointKey(): KeyObject;
  /** A new version of the owner's data key; what older versions sealed stays readable. */
  rotate(ownerId: string): Promise<void>;
};

const KEY_OCTETS = 32;
const NONCE_OCTETS = 12;
const NUMBER_KEY_OCTETS = 16;

// PKCS #8 wrapping of a raw Ed25519 seed (RFC 8410 §7): the wrapped key is the 32-octet seed.
const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

export async function openVault(deps: {
  db: Database;
  kms: Kms;
  random: Random;
  now(): number;
}): Promise<Vault> {
  const sealers = new Map<string, Sealer>();
  const opening = new Map<string, Promise<Sealer>>();

  const context = (ownerId: string, purpose: Purpose, version: number) =>
    `signet|${ownerId}|${purpose}|${version}`;

  const addVersion = async (ownerId: string, purpose: Purpose, version: number): Promise<void> => {
    const wrapped = await deps.kms.wrap(deps.random.octets(KEY_OCTETS), context(ownerId, purpose, version));
    const createdAt = new Date(deps.now());
    await deps.db.sweep((tx) =>
      addKey(tx, { ownerId, purpose, version, kekId: deps.kms.keyId, wrapped, createdAt }),
    );
  };

  const load = async (ownerId: string, purpose: Purpose): Promise<{ version: number; octets: Buffer }[]> => {
    const read = () => deps.db.sweep((tx) => readKeys(tx, ownerId, purpose));
    let wrapped = await read();
    if (wrapped.length === 0) {
      await addVersion(ownerId, purpose, 1);
      wrapped = await read();
    }
    return Promise.all(
      wrapped.map(async (key) => ({
        version: key.version,
        octets: await deps.kms.unwrap(key.wrapped, context(ownerId, purpose, key.version), key.kekId),
      })),
    );
  };

  const openSealer = async (ownerId: string): Promise<Sealer> => {
    const keys = await load(ownerId, 'seal');
    const sealer = createSealer(
      ownerId,
      keys.map((key) => ({ version: key.version, key: createSecretKey(key.octets) })),
      () => deps.random.octets(NONCE_OCTETS),
    );
    sealers.set(ownerId, sealer);
    return sealer;
  };

  const [indexKey] = await load(PLATFORM, 'index');
  const index = createSecretKey(indexKey!.octets);
  const [signKey] = await load(PLATFORM, 'sign');
  const checkpointKey = createPrivateKey({
    key: Buffer.concat([ED25519_PKCS8_PREFIX, signKey!.octets]),
    format: 'der',
    type: 'pkcs8',
  });

  const vault: Vault = {
    sealerNow: (ownerId) => sealers.get(ownerId),
    async sealer(ownerId) {
      const known = sealers.get(ownerId);
      if (known !== undefined) return known;
      let pending = opening.get(ownerId);
      if (pending === undefined) {
        pending = openSealer(ownerId).finally(() => opening.delete(ownerId));
        opening.set(ownerId, pending);
      }
      return pending;
    },
    numberKey: (e164) =>
      createHmac('sha256', index).update('number|').update(e164).digest().subarray(0, NUMBER_KEY_OCTETS),
    digest: (text) => createHmac('sha256', index).update('digest|').update(text).digest(),
    checkpointKey: () => checkpointKey,
    async rotate(ownerId) {
      const keys = await load(ownerId, 'seal');
      await addVersion(ownerId, 'seal', Math.max(...keys.map((key) => key.version)) + 1);
      await openSealer(ownerId);
    },
  };
  await vault.sealer(PLATFORM);
  return vault;
}
