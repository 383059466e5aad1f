import type { KeyObject } from 'node:crypto';
import type { UserPrincipal } from '../access/public.ts';

export type TenantState = 'active' | 'frozen';
export type TenantEvent = 'freeze' | 'unfreeze';
export const TENANT_STATES: Readonly<Record<TenantState, Partial<Record<TenantEvent, TenantState>>>> = {
  active: { freeze: 'frozen' },
  frozen: { unfreeze: 'active' },
};

export type Tenant = { id: string; name: string; state: TenantState; sandbox: boolean; createdAt: Date };

export type KeyState = 'active' | 'inactive';
export type AccessKey = {
  id: string;
  state: KeyState;
  remark: string;
  createdAt: Date;
  lastUsedAt: Date | null;
};

/** The access key as a request is checked by it: the shape that entrypoints/aliyun-rpc asks for. */
export type KeyRecord = {
  readonly accessKeyId: string;
  /** Secrets as HMAC keys: V1 signs with the secret followed by `&`, V3 with the secret. */
  readonly secret: { readonly v1: KeyObject; readonly v3: KeyObject };
  /** Inactive too when the tenant is frozen. */
  readonly status: 'Active' | 'Inactive';
  readonly tenantId: string;
  /** Names of policies: trust/access. */
  readonly policies: readonly string[];
};

export type Session = { principal: UserPrincipal; mustChangePassword: boolean; expiresAt: Date };

export const MAX_KEYS_A_TENANT = 5;
export const DEFAULT_KEY_POLICIES: readonly string[] = ['AliyunDysmsFullAccess'];
export const SESSION_MS = 12 * 3_600_000;
export const TOKEN_OCTETS = 32;

const ALPHANUMERICS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Without 0 O 1 I l, since people copy it from a screen. */
const LEGIBLE = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
const ONE_TIME_PASSWORD_CHARACTERS = 16;
const KEY_ID_PREFIX = 'LTAI';
const KEY_ID_CHARACTERS = 20;
const KEY_SECRET_CHARACTERS = 30;
const KEY_ID = new RegExp(`^${KEY_ID_PREFIX}[A-Za-z0-9]{${KEY_ID_CHARACTERS}}$`);
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export const isKeyId = (text: string): boolean => KEY_ID.test(text);
export const isToken = (text: string): boolean => TOKEN.test(text);

type Octets = (count: number) => Buffer;

/** `count` characters of the alphabet, each equally likely: octets past the last whole multiple are thrown away. */
function characters(alphabet: string, count: number, octets: Octets): string {
  const bound = 256 - (256 % alphabet.length);
  let text = '';
  while (text.length < count) {
    for (const octet of octets(count)) {
      if (octet < bound && text.length < count) text += alphabet[octet % alphabet.length];
    }
  }
  return text;
}

export const newKeyId = (octets: Octets): string =>
  KEY_ID_PREFIX + characters(ALPHANUMERICS, KEY_ID_CHARACTERS, octets);
export const newKeySecret = (octets: Octets): string =>
  characters(ALPHANUMERICS, KEY_SECRET_CHARACTERS, octets);
/** 92 bits of chance. */
export const newOneTimePassword = (octets: Octets): string =>
  characters(LEGIBLE, ONE_TIME_PASSWORD_CHARACTERS, octets);

export const MIN_PASSWORD_CHARACTERS = 10;
export const MAX_PASSWORD_CHARACTERS = 256;

export type PasswordFault = 'too_short' | 'too_long' | 'same_as_before' | 'contains_name';

/** Length over classes of characters (NIST SP 800-63B §5.1.1.2); characters are counted as people see code points. */
export function faultOfPassword(next: string, current: string, name: string): PasswordFault | undefined {
  const length = [...next].length;
  if (length < MIN_PASSWORD_CHARACTERS) return 'too_short';
  if (length > MAX_PASSWORD_CHARACTERS) return 'too_long';
  if (next === current) return 'same_as_before';
  return name !== '' && next.toLowerCase().includes(name.toLowerCase()) ? 'contains_name' : undefined;
}
