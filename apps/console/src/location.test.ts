import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchPath, readPlace, writePlace } from './location.ts';

const segment = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);

describe('places', () => {
  it('come back from the address as they were written', () => {
    const query = fc.dictionary(segment, fc.string({ unit: 'grapheme', minLength: 1 }), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), query, (parts, filters) => {
        const path = `/${parts.join('/')}`;
        expect(readPlace(writePlace(path, filters))).toEqual({ path, query: filters });
      }),
    );
  });

  it('leave out empty filters and do not depend on their order', () => {
    expect(writePlace('/t/1/messages', { state: 'held', search: '', kind: undefined })).toBe(
      '#/t/1/messages?state=held',
    );
    expect(writePlace('/x', { b: '2', a: '1' })).toBe(writePlace('/x', { a: '1', b: '2' }));
  });

  it('read anything as some place', () => {
    fc.assert(fc.property(fc.string(), (hash) => readPlace(hash).path.startsWith('/')));
    expect(readPlace('')).toEqual({ path: '/', query: {} });
    expect(readPlace('#main')).toEqual({ path: '/', query: {} });
  });

  it('are matched by patterns, and a broken escape matches none', () => {
    expect(matchPath('/t/:tenantId/messages/:id', '/t/10/messages/7')).toEqual({ tenantId: '10', id: '7' });
    expect(matchPath('/t/:tenantId/messages', '/t/10/messages/7')).toBeNull();
    expect(matchPath('/t/:tenantId/messages', '/t//messages')).toBeNull();
    expect(matchPath('/t/:tenantId', '/t/%E0%A4%A')).toBeNull();
  });
});
