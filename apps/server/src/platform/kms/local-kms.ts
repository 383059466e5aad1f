import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Kms, KmsFailure } from './kms.ts';

const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;

type KeyFile = { keyId: string; key: string };

/**
 * The embedded KMS: one AES-256 key in a file of mode 0600, made on first use. Wrapping is AES-256-GCM with the context
 * as additional data. `mayCreate` is false when the store already holds wrapped keys: a new key could open none of them.
 * Throws KmsFailure with one clear line.
 */
export function openLocalKms(path: string, mayCreate: boolean): Kms & { created: boolean } {
  const created = !existsSync(path);
  if (created) {
    if (!mayCreate) {
      throw new KmsFailure(
        `key file ${path} is missing, and the data was sealed with it: bring it back from its backup (setting SIGNET_KEY_FILE)`,
      );
    }
    writeKeyFile(path);
  }
  const { keyId, key } = readKeyFile(path);
  return {
    created,
    keyId,
    async wrap(dataKey, context) {
      const nonce = randomBytes(NONCE_OCTETS);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
    },
    async unwrap(wrapped, context, wrappedBy) {
      if (wrappedBy !== keyId) {
        throw new KmsFailure(
          `a data key was wrapped by key ${wrappedBy}, but ${path} holds ${keyId} (setting SIGNET_KEY_FILE)`,
        );
      }
      const nonce = wrapped.subarray(0, NONCE_OCTETS);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      decipher.setAuthTag(wrapped.subarray(-TAG_OCTETS));
      try {
        return Buffer.concat([
          decipher.update(wrapped.subarray(NONCE_OCTETS, -TAG_OCTETS)),
          decipher.final(),
        ]);
      } catch {
        throw new KmsFailure(`a data key does not open with ${path}: the key or the stored data was altered`);
      }
    },
  };
}

function writeKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file: KeyFile = { keyId: randomBytes(6).toString('hex'), key: randomBytes(32).toString('base64') };
  const draft = `${path}.${process.pid}.draft`;
  writeFileSync(draft, `${JSON.stringify(file)}\n`, { mode: 0o600, flush: true });
  renameSync(draft, path);
}

function readKeyFile(path: string): { keyId: string; key: Buffer } {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  let file: Partial<KeyFile>;
  try {
    file = JSON.parse(readFileSync(path, 'utf8')) as Partial<KeyFile>;
  } catch {
    throw new KmsFailure(`key file ${path} cannot be read (setting SIGNET_KEY_FILE)`);
  }
  const key = Buffer.from(file.key ?? '', 'base64');
  if (typeof file.keyId !== 'string' || key.length !== 32) {
    throw new KmsFailure(`key file ${path} holds no AES-256 key (setting SIGNET_KEY_FILE)`);
  }
  return { keyId: file.keyId, key };
}
