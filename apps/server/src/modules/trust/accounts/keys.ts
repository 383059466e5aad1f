import { createSecretKey } from 'node:crypto';
import { DomainError } from '../../../platform/domain-error.ts';
import { createVersionedCache } from '../../../platform/versioned-cache.ts';
import type { AccountDeps } from './deps.ts';
import { ACCOUNT_ERRORS } from './errors.ts';
import {
  type AccessKey,
  DEFAULT_KEY_POLICIES,
  isKeyId,
  type KeyRecord,
  type KeyState,
  MAX_KEYS_A_TENANT,
  newKeyId,
  newKeySecret,
} from './model.ts';
import {
  countKeys,
  findKey,
  insertKey,
  listKeys,
  storeKeySecret,
  storeKeyState,
  storeKeyUses,
} from './store.ts';

export type Keys = {
  /** The secret is in this answer and nowhere else. Errors: account.too_many_keys. */
  createKey(draft: {
    tenantId: string;
    remark: string;
    actor: string;
    policies?: readonly string[];
  }): Promise<{ key: AccessKey; secret: string }>;
  /** Errors: account.key_not_found. */
  setKeyState(tenantId: string, keyId: string, state: KeyState, actor: string): Promise<AccessKey>;
  /** A new secret under the same id; the old one stops working with the commit. Errors: account.key_not_found. */
  rotateKey(tenantId: string, keyId: string, actor: string): Promise<{ key: AccessKey; secret: string }>;
  listKeys(tenantId: string): Promise<AccessKey[]>;
  /** At once when in memory, which is the hot path. Undefined for an unknown key. */
  findKey(accessKeyId: string): KeyRecord | undefined | Promise<KeyRecord | undefined>;
  /** Notes that a request of this key was genuine; costs no statement. */
  noteKeyUse(accessKeyId: string, now: number): void;
  /** Job: stores the noted uses; returns how many keys. */
  flushKeyUses(): Promise<number>;
};

const MAX_KNOWN_KEYS = 10_000;

const place = (keyId: string) => ({ table: 'access_keys', column: 'sealed_secret', row: keyId });

export function keyCases(deps: AccountDeps): Keys {
  let uses = new Map<string, number>();

  const cache = createVersionedCache<KeyRecord>({
    version: deps.registryVersion,
    maxEntries: MAX_KNOWN_KEYS,
    async load(id) {
      const row = await deps.db.sweep((tx) => findKey(tx, id));
      if (row === undefined) return undefined;
      const secret = (await deps.vault.sealer(row.tenantId)).open(place(id), row.sealedSecret);
      return {
        accessKeyId: id,
        secret: {
          v1: createSecretKey(Buffer.concat([secret, Buffer.from('&')])),
          v3: createSecretKey(secret),
        },
        status: row.state === 'active' && row.tenantState === 'active' ? 'Active' : 'Inactive',
        tenantId: row.tenantId,
        policies: row.policies,
      };
    },
  });

  const found = (key: AccessKey | undefined): AccessKey => {
    if (key === undefined) {
      throw new DomainError(
        ACCOUNT_ERRORS.keyNotFound,
        'The tenant has no such access key; look at the list again.',
      );
    }
    return key;
  };

  return {
    async createKey({ tenantId, remark, actor, policies = DEFAULT_KEY_POLICIES }) {
      const id = newKeyId(deps.random.octets);
      const secret = newKeySecret(deps.random.octets);
      const sealedSecret = (await deps.vault.sealer(tenantId)).seal(place(id), secret);
      const key = await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          if ((await countKeys(tx, tenantId)) >= MAX_KEYS_A_TENANT) {
            throw new DomainError(
              ACCOUNT_ERRORS.tooManyKeys,
              `A tenant has at most ${MAX_KEYS_A_TENANT} access keys; rotate one of them instead.`,
              { limit: MAX_KEYS_A_TENANT },
            );
          }
          const key: AccessKey = { id, state: 'active', remark, createdAt: new Date(now), lastUsedAt: null };
          await insertKey(tx, { ...key, tenantId, sealedSecret, policies });
          const facts = { policies: policies.join(',') };
          log.append({ action: 'key.created', actor, tenantId, subject: `key_${id}`, facts });
          log.changeRegistry();
          return key;
        },
      });
      return { key, secret };
    },
    setKeyState: (tenantId, keyId, state, actor) =>
      deps.makeChange({
        tenants: [tenantId],
        async run(tx, log) {
          const key = found(await storeKeyState(tx, tenantId, keyId, state));
          const action = state === 'active' ? 'key.enabled' : 'key.disabled';
          log.append({ action, actor, tenantId, subject: `key_${keyId}`, facts: {} });
          log.changeRegistry();
          return key;
        },
      }),
    async rotateKey(tenantId, keyId, actor) {
      const secret = newKeySecret(deps.random.octets);
      const sealedSecret = (await deps.vault.sealer(tenantId)).seal(place(keyId), secret);
      const key = await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log) {
          const rotated = found(await storeKeySecret(tx, tenantId, keyId, sealedSecret));
          log.append({ action: 'key.rotated', actor, tenantId, subject: `key_${keyId}`, facts: {} });
          log.changeRegistry();
          return rotated;
        },
      });
      return { key, secret };
    },
    listKeys: (tenantId) => deps.db.withTenants([tenantId], (tx) => listKeys(tx, tenantId)),
    findKey: (accessKeyId) => (isKeyId(accessKeyId) ? cache.get(accessKeyId) : undefined),
    noteKeyUse(accessKeyId, now) {
      uses.set(accessKeyId, now);
    },
    async flushKeyUses() {
      if (uses.size === 0) return 0;
      const noted = uses;
      uses = new Map();
      const rows = [...noted].map(([id, at]) => ({ id, at: new Date(at) }));
      try {
        await deps.db.sweep((tx) => storeKeyUses(tx, rows));
      } catch (error) {
        for (const [id, at] of noted) if (!uses.has(id)) uses.set(id, at);
        throw error;
      }
      return noted.size;
    },
  };
}
