import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuthenticateDeps, authenticate, NONCE_MEMORY_MS, TIME_WINDOW_MS } from './authenticate.ts';
import { type RawRequest, readRequest } from './request.ts';
import { type KeyRecord, signingSecret } from './signing-keys.ts';

/** A signer of its own, octet by octet; shares no code with what it tests. */
const SECRET = 'secret/of+the&test';
const KEY_ID = 'LTAItest0001';
const NOW = Date.parse('2026-03-01T10:00:00Z');

function encode(text: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (octet) =>
    /[A-Za-z0-9\-_.~]/.test(String.fromCharCode(octet))
      ? String.fromCharCode(octet)
      : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}

function joined(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

function sorted(pairs: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  return pairs.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

type Pairs = [string, string][];

function signedV1(
  query: Pairs,
  form: Pairs,
  common: Record<string, string> = {},
  method?: string,
): RawRequest {
  const verb = method ?? (form.length > 0 ? 'POST' : 'GET');
  const all = {
    AccessKeyId: KEY_ID,
    Action: 'SendSms',
    Format: 'JSON',
    SignatureMethod: 'HMAC-SHA1',
    SignatureNonce: 'nonce-1',
    SignatureVersion: '1.0',
    Timestamp: '2026-03-01T10:00:00Z',
    Version: '2017-05-25',
    ...common,
  };
  const head = Object.entries(all).filter(([, value]) => value !== '-');
  const text = `${verb}&%2F&${encode(joined(sorted([...head, ...query, ...form])))}`;
  const signature = createHmac('sha1', `${SECRET}&`).update(text).digest('base64');
  return {
    method: verb,
    url: `/?${joined([...query, ...head, ['Signature', signature]])}`,
    headers: form.length > 0 ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
    body: Buffer.from(joined(form)),
  };
}

function signedV3(
  query: Pairs,
  form: Pairs,
  change: Record<string, string> = {},
  endHash?: string,
): RawRequest {
  const body = Buffer.from(joined(form));
  const headers: Record<string, string> = {
    host: '127.0.0.1:9000',
    'x-acs-action': 'SendSms',
    'x-acs-version': '2017-05-25',
    'x-acs-date': '2026-03-01T10:00:00Z',
    'x-acs-signature-nonce': 'nonce-1',
    'x-acs-content-sha256': createHash('sha256').update(body).digest('hex'),
    ...(form.length > 0 ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...change,
  };
  const names = Object.keys(headers).sort();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = `POST\n/\n${joined(sorted(query))}\n${lines}\n${names.join(';')}\n${endHash ?? headers['x-acs-content-sha256']}`;
  const text = `ACS3-HMAC-SHA256\n${createHash('sha256').update(canonical).digest('hex')}`;
  const signature = createHmac('sha256', SECRET).update(text).digest('hex');
  const authorization = `ACS3-HMAC-SHA256 Credential=${KEY_ID},SignedHeaders=${names.join(';')},Signature=${signature}`;
  const target = query.length > 0 ? `/?${joined(query)}` : '/';
  return { method: 'POST', url: target, headers: { ...headers, authorization }, body };
}

function deps(change: Partial<KeyRecord> = {}, now = NOW): AuthenticateDeps {
  const nonces = new Set<string>();
  const key: KeyRecord = {
    accessKeyId: KEY_ID,
    secret: signingSecret(SECRET),
    status: 'Active',
    tenantId: 'tenant-1',
    ...change,
  };
  return {
    now: () => now,
    findKey: (accessKeyId) => (accessKeyId === KEY_ID ? key : undefined),
    rememberNonce: (accessKeyId, nonce) => {
      const isNew = !nonces.has(`${accessKeyId} ${nonce}`);
      nonces.add(`${accessKeyId} ${nonce}`);
      return isNew;
    },
  };
}

async function code(request: RawRequest, using = deps()): Promise<string> {
  const answer = await authenticate(request, using);
  return answer.ok ? 'OK' : answer.error.code;
}

const sample: Pairs = [
  ['PhoneNumbers', '13800138000'],
  ['TemplateParam', '{"code":"1 +*~"}'],
];
const schemes = [
  ['V1', signedV1, 'Timestamp', 'SecurityToken', 'SignatureNonce'],
  ['V3', signedV3, 'x-acs-date', 'x-acs-security-token', 'x-acs-signature-nonce'],
] as const;

const COMMON = /^(?:AccessKeyId|Action|Format|RegionId|Security|Signature|Timestamp|Version)/;
const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) => value.toWellFormed());
const pairs = fc.uniqueArray(
  fc.tuple(
    text.filter((name) => !COMMON.test(name)),
    text,
  ),
  { selector: ([name]) => name, maxLength: 12 },
);

describe.each(schemes)('%s requests', (scheme, sign, date, token, nonceName) => {
  it('round-trip arbitrary parameters in query and form', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, fc.nat(), async (all, cut) => {
        const at = all.length === 0 ? 0 : cut % (all.length + 1);
        const answer = await authenticate(sign(all.slice(0, at), all.slice(at)), deps());
        if (!answer.ok) expect.unreachable(answer.error.message);
        expect(new Map(all)).toEqual(answer.params);
        expect(answer).toMatchObject({
          action: 'SendSms',
          version: '2017-05-25',
          key: { tenantId: 'tenant-1' },
        });
      }),
    );
  });

  it('are refused when one character of a signed part is another', async () => {
    const good = sign(sample, [['Remark', 'text of a form']]);
    const alphabet = [...'AZaz09-_.~/?&=%+;:,{}" '];
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(...alphabet), async (seed, replacement) => {
        const headerNames = Object.keys(good.headers).filter((name) => scheme === 'V3' || name === 'never');
        const parts = [
          good.method,
          good.url,
          good.body.toString(),
          ...headerNames.map((name) => String(good.headers[name])),
        ];
        const total = parts.reduce((sum, part) => sum + part.length, 0);
        let at = seed % total;
        let part = 0;
        while (at >= (parts[part] as string).length) at -= (parts[part++] as string).length;
        const before = parts[part] as string;
        const after = before.slice(0, at) + replacement + before.slice(at + 1);
        const headers = { ...good.headers };
        const name = headerNames[part - 3];
        if (name !== undefined) headers[name] = after;
        const changed = {
          method: part === 0 ? after : good.method,
          url: part === 1 ? after : good.url,
          body: part === 2 ? Buffer.from(after) : good.body,
          headers,
        };
        fc.pre(meaning(changed) !== meaning(good));
        expect(await code(changed)).not.toBe('OK');
      }),
      { numRuns: 2_000 },
    );
  });

  it('are refused when a key is unknown, disabled or has another secret', async () => {
    expect(await code(sign(sample, []), { ...deps(), findKey: () => undefined })).toBe(
      'InvalidAccessKeyId.NotFound',
    );
    expect(await code(sign(sample, []), deps({ status: 'Inactive' }))).toBe('InvalidAccessKeyId.Inactive');
    expect(await code(sign(sample, []), deps({ secret: signingSecret('other') }))).toBe(
      'SignatureDoesNotMatch',
    );
  });

  it('may be dated 15 minutes off, not a millisecond more, and with a fraction', async () => {
    for (const direction of [-1, 1]) {
      expect(await code(sign(sample, []), deps({}, NOW + direction * TIME_WINDOW_MS))).toBe('OK');
      const outside = NOW + direction * (TIME_WINDOW_MS + 1);
      expect(await code(sign(sample, []), deps({}, outside))).toBe('InvalidTimeStamp.Expired');
    }
    expect(await code(sign(sample, [], { [date]: '2026-03-01T10:00:00.123Z' }))).toBe('OK');
    for (const odd of [
      '2026-03-01 10:00:00',
      '2026-03-01T10:00:00+08:00',
      '2026-13-01T10:00:00Z',
      'now',
      '1772359200',
    ]) {
      expect(await code(sign(sample, [], { [date]: odd }))).toBe('InvalidTimeStamp.Format');
    }
    expect(NONCE_MEMORY_MS).toBe(30 * 60_000);
  });

  it('use a nonce once, and only when all else holds', async () => {
    const memory = deps();
    const wrong = { ...memory, findKey: deps({ secret: signingSecret('other') }).findKey };
    expect(await code(sign(sample, []), wrong)).toBe('SignatureDoesNotMatch');
    expect(await code(sign(sample, []), memory)).toBe('OK');
    expect(await code(sign(sample, []), memory)).toBe('SignatureNonceUsed');
    expect(await code(sign(sample, [], { [nonceName]: 'n'.repeat(128) }), memory)).toBe('OK');
    expect(await code(sign(sample, [], { [nonceName]: 'n'.repeat(129) }), memory)).toBe(
      'InvalidSignatureNonce',
    );
  });

  it('need the token of a temporary key, and that token only', async () => {
    const temporary = { securityToken: 'token+/=&', expiresAtMs: NOW + 1 };
    expect(await code(sign(sample, [], { [token]: 'token+/=&' }), deps(temporary))).toBe('OK');
    expect(await code(sign(sample, []), deps(temporary))).toBe('InvalidAccessKeyId.NotFound');
    for (const key of [temporary, {}]) {
      expect(await code(sign(sample, [], { [token]: 'another!!' }), deps(key))).toBe(
        'InvalidSecurityToken.MismatchWithAccessKey',
      );
    }
    const expired = deps(temporary, NOW + 1);
    expect(await code(sign(sample, [], { [token]: 'token+/=&' }), expired)).toBe(
      'InvalidSecurityToken.Expired',
    );
  });

  it('say the string to sign in the fixed form', async () => {
    const answer = await authenticate(sign(sample, []), deps({ secret: signingSecret('other') }));
    if (answer.ok) expect.unreachable();
    const start = scheme === 'V1' ? 'GET&%2F&AccessKeyId%3D' : 'ACS3-HMAC-SHA256\n';
    expect(answer.error.message).toContain(
      `Specified signature is not matched with our calculation. server string to sign is:${start}`,
    );
  });
});

/** What a request says in its signed parts: spelling `%7e` for `~` changes nothing, and V1 does not sign the path. */
function meaning(request: RawRequest): string {
  const reading = readRequest(request);
  const { authorization, ...headers } = request.headers;
  const signsPath = request.headers['x-acs-date'] !== undefined;
  const trimmed = Object.entries(headers).map(([name, value]) => [name, String(value).trim()]);
  return JSON.stringify([
    request.method,
    reading.ok ? [...reading.request.params.values].sort() : request.url,
    signsPath && [request.url.split('?', 1), request.body.toString()],
    trimmed,
    String(authorization).trimEnd().replaceAll(', ', ','),
  ]);
}

describe('V1 common parameters', () => {
  it.each(['AccessKeyId', 'SignatureMethod', 'SignatureNonce', 'Timestamp', 'Action', 'Version'])(
    'need %s',
    async (name) => {
      expect(await code(signedV1(sample, [], { [name]: '-' }))).toBe(`Missing${name}`);
      expect(await code(signedV1(sample, [], { [name]: '' }))).toBe(`Missing${name}`);
    },
  );

  it('take one method and version, and an empty SignatureType', async () => {
    expect(await code(signedV1(sample, [], { SignatureMethod: 'HMAC-SHA256' }))).toBe(
      'InvalidSignatureMethod',
    );
    expect(await code(signedV1(sample, [], { SignatureVersion: '2.0' }))).toBe('InvalidSignatureVersion');
    expect(await code(signedV1(sample, [], { SignatureType: '' }))).toBe('OK');
    expect(await code(signedV1(sample, [], { SignatureType: 'BEARERTOKEN' }))).toBe('InvalidSignatureType');
  });

  it('refuse a signature whose base64 only decodes to the same octets', async () => {
    const good = signedV1(sample, []);
    const at = good.url.lastIndexOf('%3D') - 1;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    const next = alphabet[alphabet.indexOf(good.url[at] as string) + 1] ?? 'A';
    expect(await code({ ...good, url: good.url.slice(0, at) + next + good.url.slice(at + 1) })).toBe(
      'SignatureDoesNotMatch',
    );
  });
});

describe('V3 headers', () => {
  it.each([
    'host',
    'x-acs-action',
    'x-acs-version',
    'x-acs-date',
    'x-acs-signature-nonce',
    'x-acs-content-sha256',
  ])('need %s, signed', async (name) => {
    const good = signedV3(sample, []);
    const { [name]: _gone, ...without } = good.headers;
    expect(await code({ ...good, headers: without })).toBe('IncompleteSignature');
    const authorization = String(good.headers.authorization).replace(
      new RegExp(`${name};|;${name}(?=,)`),
      '',
    );
    expect(await code({ ...good, headers: { ...good.headers, authorization } })).toBe('IncompleteSignature');
  });

  it.each([
    ['ACS3-HMAC-SM3 Credential=a,SignedHeaders=b,Signature=c', 'InvalidSignatureMethod'],
    ['ACS3-RSA-SHA256 Credential=a,SignedHeaders=b,Signature=c', 'InvalidSignatureMethod'],
    ['ACS4-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c', 'InvalidSignatureMethod'],
    ['ACS3-HMAC-SHA256', 'IncompleteSignature'],
    ['ACS3-HMAC-SHA256 Credential=a', 'IncompleteSignature'],
    ['ACS3-HMAC-SHA256 Credential=a,SignedHeaders=B,Signature=c', 'IncompleteSignature'],
    ['acs key:signature', 'InvalidSignatureMethod'],
  ])('%s → %s', async (authorization, expected) => {
    const good = signedV3(sample, []);
    expect(await code({ ...good, headers: { ...good.headers, authorization } })).toBe(expected);
  });

  it('must say in the header what the signature says of the body', async () => {
    const real = createHash('sha256').update('A=1').digest('hex');
    const form: Pairs = [['A', '1']];
    expect(await code(signedV3(sample, form, { 'x-acs-content-sha256': '0'.repeat(64) }))).toBe(
      'SignatureDoesNotMatch',
    );
    expect(await code(signedV3(sample, form, {}, real))).toBe('OK');
    expect(await code(signedV3(sample, form, { 'x-acs-content-sha256': '0'.repeat(64) }, real))).toBe(
      'SignatureDoesNotMatch',
    );
  });
});

describe('anything else', () => {
  it('is refused by method, or for want of a key', async () => {
    expect(await code({ ...signedV1(sample, []), method: 'PUT' })).toBe('UnsupportedHTTPMethod');
    expect(await code({ method: 'POST', url: '/', headers: {}, body: Buffer.alloc(0) })).toBe(
      'MissingAccessKeyId',
    );
  });

  it('never throws and answers a documented code', async () => {
    const documented =
      /^(?:(?:Missing|Invalid)(?:AccessKeyId|Action|Version|Timestamp|Signature(?:Method|Nonce|Version|Type)?)|MissingAccessKeyId|InvalidParameter\.Format|InvalidAccessKeyId\.NotFound|InvalidTimeStamp\.(?:Format|Expired)|IncompleteSignature|SignatureDoesNotMatch|UnsupportedHTTPMethod)$/;
    const names = [
      'authorization',
      'content-type',
      'host',
      'x-acs-action',
      'x-acs-date',
      '__proto__',
      'constructor',
    ];
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(
        '/?',
        '&',
        '=',
        '%',
        'Signature=x',
        `AccessKeyId=${KEY_ID}`,
        'Action=A',
        'Version=1',
        'Timestamp=2026-03-01T10:00:00Z',
        'SignatureNonce=n',
        'SignatureMethod=HMAC-SHA1',
        `ACS3-HMAC-SHA256 Credential=${KEY_ID},SignedHeaders=host;constructor;x-acs-action,Signature=0`,
        'application/json',
      ),
    );
    const line = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.array(piece, { maxLength: 12 }).map((parts) => `/?${parts.join('&')}`),
    );
    const header = fc.oneof(line, fc.array(line, { maxLength: 3 }), fc.constant(undefined));
    const request: fc.Arbitrary<RawRequest> = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', ''),
      url: line,
      headers: fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), header, { maxKeys: 8 }),
      body: fc.oneof(
        line.map((content) => Buffer.from(content)),
        fc.uint8Array({ maxLength: 200 }).map((octets) => Buffer.from(octets)),
      ),
    });
    const codes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(request, async (sent) => {
        const answer = await code(sent);
        codes.add(answer);
        expect(answer === 'InvalidSignatureMethod' ? 'SignatureDoesNotMatch' : answer).toMatch(documented);
      }),
      { numRuns: 5_000 },
    );
    expect(codes.size).toBeGreaterThan(4);
  });
});
