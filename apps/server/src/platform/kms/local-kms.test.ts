import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KmsFailure } from './kms.ts';
import { openLocalKms } from './local-kms.ts';

const folder = mkdtempSync(join(tmpdir(), 'signet-kms-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('local key file', () => {
  it('is made once, for its owner only, and opens what it wrapped in the same context only', async () => {
    const path = join(folder, 'keys', 'kek.json');
    const kms = openLocalKms(path, true);
    expect(kms.created).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const dataKey = Buffer.alloc(32, 7);
    const wrapped = await kms.wrap(dataKey, 'tenant|1');
    const again = openLocalKms(path, false);
    expect(again.created).toBe(false);
    expect(await again.unwrap(wrapped, 'tenant|1', again.keyId)).toEqual(dataKey);
    await expect(again.unwrap(wrapped, 'tenant|2', again.keyId)).rejects.toThrow(KmsFailure);
    expect(readFileSync(path, 'utf8')).not.toContain(dataKey.toString('base64'));
  });

  it('is not replaced by a new one when data was sealed with it', () => {
    expect(() => openLocalKms(join(folder, 'gone.json'), false)).toThrow(
      /is missing, and the data was sealed with it/,
    );
  });

  it('names the key that is wanted, and refuses a file that holds none', async () => {
    const one = openLocalKms(join(folder, 'one.json'), true);
    const two = openLocalKms(join(folder, 'two.json'), true);
    const wrapped = await one.wrap(Buffer.alloc(32), 'c');
    await expect(two.unwrap(wrapped, 'c', one.keyId)).rejects.toThrow(one.keyId);
    writeFileSync(join(folder, 'bad.json'), '{"keyId":"x","key":"AAAA"}');
    expect(() => openLocalKms(join(folder, 'bad.json'), true)).toThrow(/holds no AES-256 key/);
    writeFileSync(join(folder, 'worse.json'), 'not json');
    expect(() => openLocalKms(join(folder, 'worse.json'), true)).toThrow(/cannot be read/);
  });

  it('takes back rights that others were given', () => {
    const path = join(folder, 'open.json');
    openLocalKms(path, true);
    chmodSync(path, 0o644);
    openLocalKms(path, false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
