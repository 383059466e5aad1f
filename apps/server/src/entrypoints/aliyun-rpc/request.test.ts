import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalQuery,
  PARAMETER_COUNT_LIMIT,
  param,
  paramsBuilder,
  readPairs,
  repeatedParam,
} from './params.ts';
import { isApiCall, mergeBody, type RawRequest, readRequest } from './request.ts';

const FORM = 'application/x-www-form-urlencoded';

function raw(url: string, body = '', headers: Record<string, string> = {}): RawRequest {
  return { method: body === '' ? 'GET' : 'POST', url, headers, body: Buffer.from(body) };
}

function params(url: string, body = '', headers: Record<string, string> = {}): Record<string, string> {
  const reading = readRequest(raw(url, body, headers));
  if (!reading.ok) return expect.unreachable(reading.error.message);
  return Object.fromEntries(reading.request.params.values);
}

describe('parameters of query and form', () => {
  it('reads + as a space in both places and %2B as a plus', () => {
    expect(params('/?A=1+2%2B3%202')).toEqual({ A: '1 2+3 2' });
    expect(params('/', 'A=1+2%2B3', { 'content-type': FORM })).toEqual({ A: '1 2+3' });
  });

  it('counts empty values and empty names, not empty segments', () => {
    expect(params('/?A=&B&&=x&')).toEqual({ A: '', B: '', '': 'x' });
  });

  it('takes a name that comes twice once, the form before the query', () => {
    expect(params('/?A=1&A=2')).toEqual({ A: '2' });
    expect(params('/?RegionId=a&B=1', 'RegionId=b', { 'content-type': FORM })).toEqual({
      RegionId: 'b',
      B: '1',
    });
  });

  it('signs the last of two pairs, whichever of them was spelled canonically', () => {
    for (const [sent, signed] of [
      ['A=x&A=1+2', 'A=1%202'],
      ['A=1+2&A=x', 'A=x'],
    ] as const) {
      const builder = paramsBuilder();
      readPairs(sent, builder);
      expect(canonicalQuery(builder)).toBe(signed);
    }
  });

  it('keeps every = after the first in the value', () => {
    expect(params('/?A=b=c=')).toEqual({ A: 'b=c=' });
  });

  it('takes a body without content type, or with a charset, as a form', () => {
    expect(params('/', 'A=1')).toEqual({ A: '1' });
    expect(params('/', 'A=1', { 'content-type': `${FORM}; charset=UTF-8` })).toEqual({ A: '1' });
  });

  it('does not let an unsigned JSON body into V1', () => {
    expect(params('/?Signature=x', '{"PhoneNumbers":"1"}', { 'content-type': 'application/json' })).toEqual({
      Signature: 'x',
    });
  });

  it.each(['/?A=%', '/?A=%4', '/?A=%zz', '/?%ff=1', '/?A=%e5%90', '/?A=启', '/?A=b c', '/?A=\u0000'])(
    'refuses the target %j',
    (url) => {
      const reading = readRequest(raw(url));
      expect(reading).toMatchObject({
        ok: false,
        error: { code: 'InvalidParameter.Format', httpStatus: 400 },
      });
    },
  );

  it('refuses a form that is not UTF-8', () => {
    const reading = readRequest({ ...raw('/'), body: Buffer.from([0x41, 0x3d, 0xff]) });
    expect(reading).toMatchObject({ ok: false, error: { code: 'InvalidParameter.Format' } });
  });

  it('refuses more parameters than the limit', () => {
    const pairs = (count: number) => Array.from({ length: count }, (_, index) => `p${index}=`).join('&');
    expect(readRequest(raw(`/?${pairs(PARAMETER_COUNT_LIMIT)}`)).ok).toBe(true);
    expect(readRequest(raw(`/?${pairs(PARAMETER_COUNT_LIMIT + 1)}`)).ok).toBe(false);
  });

  it('spells any pair as RFC 3986 wants it, however it arrived', () => {
    const bare = /[A-Za-z0-9\-_.~]/;
    const strict = (text: string) =>
      Array.from(Buffer.from(text), (octet) => {
        const character = String.fromCharCode(octet);
        return bare.test(character) ? character : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
      }).join('');
    const spelling = fc.constantFrom(
      strict,
      (text: string) => encodeURIComponent(text),
      (text: string) => strict(text).replaceAll('%20', '+'),
      (text: string) => strict(text).toLowerCase().replaceAll('%2b', '%2B'),
      (text: string) =>
        Array.from(Buffer.from(text), (octet) => `%${octet.toString(16).padStart(2, '0')}`).join(''),
      (text: string) =>
        Array.from(
          Buffer.from(text),
          (octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`,
        ).join(''),
    );
    const text = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map((value) => value.toWellFormed().toLowerCase());
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name }),
        spelling,
        (pairs, spell) => {
          const sent = pairs.map(([name, value]) => `${spell(name)}=${spell(value)}`).join('&');
          const builder = paramsBuilder();
          expect(readPairs(sent, builder)).toEqual({ ok: true });
          expect(new Map(pairs)).toEqual(builder.values);
          const sorted = pairs.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
          expect(canonicalQuery(builder)).toBe(
            sorted.map(([name, value]) => `${strict(name)}=${strict(value)}`).join('&'),
          );
        },
      ),
    );
  });
});

describe('the scheme of a request', () => {
  it.each([
    ['/', { authorization: 'ACS3-HMAC-SHA256 Credential=x' }, '', 'v3'],
    ['/?Signature=x', { authorization: 'ACS4-HMAC-SHA256 Credential=x' }, '', 'v3'],
    ['/', { authorization: 'acs key:signature' }, '', 'roa'],
    ['/?AccessKeyId=x', { authorization: 'Bearer x' }, '', 'v1'],
    ['/?%53ignature=x', {}, '', 'v1'],
    ['/', {}, 'Signature=x', 'v1'],
    ['/?login=1', { authorization: 'Bearer x' }, '', 'anonymous'],
    ['/', {}, '', 'anonymous'],
  ] as const)('%s %j %j is %s', (url, headers, body, scheme) => {
    const reading = readRequest(raw(url, body, headers));
    expect(reading.ok && reading.request.scheme).toBe(scheme);
    expect(isApiCall(reading)).toBe(scheme !== 'anonymous');
  });

  it('shows in an unreadable request too', () => {
    expect(isApiCall(readRequest(raw('/?Signature=%')))).toBe(true);
    expect(isApiCall(readRequest(raw('/', 'a=%&AccessKeyId=x')))).toBe(true);
    expect(isApiCall(readRequest(raw('/?page=%')))).toBe(false);
  });
});

describe('the body of a verified V3 request', () => {
  const merged = (body: string, contentType: string) => {
    const reading = readRequest(
      raw('/?A=q&B=q', body, { authorization: 'ACS3-HMAC-SHA256 x', 'content-type': contentType }),
    );
    if (!reading.ok) return expect.unreachable();
    const merge = mergeBody(reading.request);
    return merge.ok ? Object.fromEntries(merge.params) : merge.error.code;
  };

  it('merges form and top-level JSON over the query', () => {
    expect(merged('A=f&C=f', FORM)).toEqual({ A: 'f', B: 'q', C: 'f' });
    expect(
      merged('{"A":"j","C":1.5,"D":true,"E":null,"F":["x"],"G":{"h":1}}', 'application/json; charset=utf-8'),
    ).toEqual({ A: 'j', B: 'q', C: '1.5', D: 'true', F: '["x"]', G: '{"h":1}' });
    expect(merged('{"__proto__":"x"}', 'application/json')).toHaveProperty('B', 'q');
  });

  it('leaves other content types alone', () => {
    expect(merged('A=x', 'text/plain')).toEqual({ A: 'q', B: 'q' });
  });

  it.each(['{', '[]', '1', 'null', '"x"', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`])(
    'refuses JSON that is no readable object',
    (body) => {
      expect(merged(body, 'application/json')).toBe('InvalidParameter.Format');
    },
  );
});

describe('looking a parameter up', () => {
  it('takes the first letter in either case, the asked spelling first', () => {
    expect(param(new Map([['templateParamJson', 'x']]), 'TemplateParamJson')).toBe('x');
    expect(param(new Map([['OutId', 'x']]), 'outId')).toBe('x');
    expect(
      param(
        new Map([
          ['outId', 'a'],
          ['OutId', 'b'],
        ]),
        'OutId',
      ),
    ).toBe('b');
    expect(param(new Map([['OUTID', 'x']]), 'OutId')).toBeUndefined();
  });

  it('gathers repeated parameters by number', () => {
    const sent = new Map([
      ['SignFileList.2.FileSuffix', 'png'],
      ['signFileList.1.FileContents', 'AAAA'],
      ['SignFileList.1.FileSuffix', 'jpg'],
      ['SignFileList.10.FileSuffix', 'gif'],
      ['SignFileList.0.FileSuffix', 'ignored'],
      ['SignFileList.x.FileSuffix', 'ignored'],
      ['SignFileListOther.1', 'ignored'],
    ]);
    expect(repeatedParam(sent, 'SignFileList')).toEqual([
      new Map([
        ['FileContents', 'AAAA'],
        ['FileSuffix', 'jpg'],
      ]),
      new Map([['FileSuffix', 'png']]),
      new Map([['FileSuffix', 'gif']]),
    ]);
    expect(
      repeatedParam(
        new Map([
          ['ResourceId.2', 'b'],
          ['ResourceId.1', 'a'],
        ]),
        'ResourceId',
      ),
    ).toEqual(['a', 'b']);
    expect(repeatedParam(new Map(), 'ResourceId')).toEqual([]);
  });

  it('reads a repeated parameter from a JSON list', () => {
    expect(repeatedParam(new Map([['ResourceId', '["a",1]']]), 'ResourceId')).toEqual(['a', '1']);
    expect(repeatedParam(new Map([['L', '[{"A":"1","B":2}]']]), 'L')).toEqual([
      new Map([
        ['A', '1'],
        ['B', '2'],
      ]),
    ]);
    expect(repeatedParam(new Map([['L', '[broken']]), 'L')).toEqual([]);
  });
});
