import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

/** The owner id of the platform's own keys (secrets of carriers, the blind index, the checkpoint key). */
export const PLATFORM = '0';

/** Where a sealed value stands. It is the additional authenticated data, so a value moved elsewhere does not open. */
export type Place = { table: string; column: string; row: string };

export type Sealer = {
  seal(place: Place, plain: Buffer | string): Buffer;
  /** Throws SealBroken when the value, its place or its key is not what it was. */
  open(place: Place, sealed: Buffer): Buffer;
};

export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

export type DataKey = { version: number; key: KeyObject };

// A sealed value: format 1 | key version, 2 octets | nonce, 12 octets | ciphertext | tag, 16 octets.
const FORMAT = 1;
const HEAD_OCTETS = 3;
const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;

/**
 * AES-256-GCM under the newest of `keys`, with a random 96-bit nonce (NIST SP 800-38D §8.2.2: at most 2^32 values a key;
 * a key is replaced long before by `rotate`). Older versions still open what they sealed.
 */
export function createSealer(ownerId: string, keys: readonly DataKey[], nonce: () => Buffer): Sealer {
  const newest = keys.reduce((best, key) => (key.version > best.version ? key : best));
  const byVersion = new Map(keys.map((key) => [key.version, key.key]));
  const aad = (place: Place) => Buffer.from(`${ownerId}|${place.table}|${place.column}|${place.row}`);
  return {
    seal(place, plain) {
      const iv = nonce();
      const cipher = createCipheriv('aes-256-gcm', newest.key, iv).setAAD(aad(place));
      const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
      cipher.final();
      const sealed = Buffer.allocUnsafe(HEAD_OCTETS + NONCE_OCTETS + body.length + TAG_OCTETS);
      sealed[0] = FORMAT;
      sealed.writeUInt16BE(newest.version, 1);
      iv.copy(sealed, HEAD_OCTETS);
      body.copy(sealed, HEAD_OCTETS + NONCE_OCTETS);
      cipher.getAuthTag().copy(sealed, HEAD_OCTETS + NONCE_OCTETS + body.length);
      return sealed;
    },
    open(place, sealed) {
      const key =
        sealed.length > HEAD_OCTETS && sealed[0] === FORMAT
          ? byVersion.get(sealed.readUInt16BE(1))
          : undefined;
      if (key === undefined || sealed.length < HEAD_OCTETS + NONCE_OCTETS + TAG_OCTETS) {
        throw new SealBroken(`no key opens ${place.table}.${place.column} of row ${place.row}`);
      }
      const decipher = createDecipheriv(
        'aes-256-gcm',
        key,
        sealed.subarray(HEAD_OCTETS, HEAD_OCTETS + NONCE_OCTETS),
      );
      decipher.setAAD(aad(place)).setAuthTag(sealed.subarray(-TAG_OCTETS));
      try {
        return Buffer.concat([
          decipher.update(sealed.subarray(HEAD_OCTETS + NONCE_OCTETS, -TAG_OCTETS)),
          decipher.final(),
        ]);
      } catch {
        throw new SealBroken(`${place.table}.${place.column} of row ${place.row} was altered`);
      }
    },
  };
}
