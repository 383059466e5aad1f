import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AuthenticateDeps, authenticate } from './authenticate.ts';
import type { RawRequest } from './request.ts';
import { signingSecret } from './signing-keys.ts';

interface Vector {
  id: string;
  client: string;
  label: string;
  scheme: 'acs3' | 'rpc-v1';
  action: string;
  apiVersion: string;
  credential: { accessKeyId: string; secret: string; securityToken?: string; status: string };
  at: string;
  request: { method: string; url: string; headers: [string, string][]; body: string };
  params: Record<string, string>;
  expected: { verdict: 'valid' | 'invalid'; http: number; codes?: string[] };
  after?: string;
  mutation?: string;
}

const file = new URL('../../../../../tests/compat/vectors/vectors.jsonl', import.meta.url);
const vectors = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);
const byId = new Map(vectors.map((vector) => [vector.id, vector]));

function rawRequest({ request }: Vector): RawRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) headers[name.toLowerCase()] = value;
  return { method: request.method, url: request.url, headers, body: Buffer.from(request.body, 'utf8') };
}

function deps({ at, credential }: Vector, nonces: Set<string>): AuthenticateDeps {
  return {
    now: () => Date.parse(at),
    findKey: (accessKeyId) =>
      credential.status === 'Unknown' || accessKeyId !== credential.accessKeyId
        ? undefined
        : {
            accessKeyId,
            secret: signingSecret(credential.secret),
            status: credential.status === 'Active' ? 'Active' : 'Inactive',
            securityToken: credential.securityToken,
            tenantId: 'tenant-1',
          },
    rememberNonce: async (accessKeyId, nonce) => {
      const entry = `${accessKeyId} ${nonce}`;
      if (nonces.has(entry)) return false;
      nonces.add(entry);
      return true;
    },
  };
}

describe('the captured requests of real clients', () => {
  it('are 76, of which 50 valid', () => {
    expect(vectors).toHaveLength(76);
    expect(vectors.filter((vector) => vector.expected.verdict === 'valid')).toHaveLength(50);
  });

  it.each(vectors.map((vector) => [`${vector.id} ${vector.client}: ${vector.label}`, vector] as const))(
    '%s',
    async (_name, vector) => {
      const nonces = new Set<string>();
      const before = vector.after === undefined ? undefined : byId.get(vector.after);
      if (before !== undefined) {
        expect((await authenticate(rawRequest(before), deps(before, nonces))).ok).toBe(true);
      }
      const known = nonces.size;
      const answer = await authenticate(rawRequest(vector), deps(vector, nonces));
      if (vector.expected.verdict === 'valid') {
        if (!answer.ok) expect.unreachable(`${answer.error.code}: ${answer.error.message}`);
        expect(answer.action).toBe(vector.action);
        expect(answer.version).toBe(vector.apiVersion);
        expect(answer.scheme).toBe(vector.scheme === 'acs3' ? 'v3' : 'v1');
        expect(Object.fromEntries(answer.params)).toEqual(vector.params);
        expect(nonces.size).toBe(known + 1);
      } else {
        if (answer.ok) expect.unreachable(`accepted although ${vector.mutation}`);
        expect(vector.expected.codes).toContain(answer.error.code);
        expect(answer.error.httpStatus).toBe(vector.expected.http);
        expect(nonces.size).toBe(known);
      }
    },
  );
});
