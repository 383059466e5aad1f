import { operations } from '@signet/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idCursor, readPart } from './request-parts.ts';

describe('parts of a request', () => {
  it('takes any value for any part without throwing, and names a field for each refusal', () => {
    const schemas = Object.values(operations).flatMap(({ params, query, body }) => [params, query, body]);
    fc.assert(
      fc.property(
        fc.constantFrom(...schemas),
        fc.jsonValue(),
        fc.constantFrom('zh', 'en'),
        (schema, value, language) => {
          const reading = readPart('body', schema, value, language as 'zh' | 'en');
          if (reading.ok) return;
          expect(reading.fields.length).toBeGreaterThan(0);
          expect(reading.fields.length).toBeLessThanOrEqual(50);
          for (const { path, detail } of reading.fields) {
            expect(path).toMatch(/^body/);
            expect(detail.length).toBeLessThanOrEqual(200);
          }
        },
      ),
    );
  });

  it('takes an id as large as the store can hold, and none larger', () => {
    const schema = operations.readMessage.params;
    const largest = '9223372036854775807';
    expect(readPart('params', schema, { tenantId: '1', id: largest }, 'en').ok).toBe(true);
    const beyond = readPart('params', schema, { tenantId: '9223372036854775808', id: '1' }, 'zh');
    expect(beyond).toEqual({ ok: false, fields: [{ path: 'params.tenantId', detail: '编号过大' }] });
  });

  it('reads a cursor that is an id and refuses every other text', () => {
    expect(idCursor(undefined)).toBeNull();
    expect(idCursor('9223372036854775807')).toBe('9223372036854775807');
    for (const cursor of ['', '-1', '1 ', '0x1', '9223372036854775808', '1;', '９']) {
      expect(() => idCursor(cursor)).toThrow('begin again');
    }
  });
});
