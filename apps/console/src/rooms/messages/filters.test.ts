import { operations } from '@signet/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filtersOf } from './filters.ts';

describe('filtersOf', () => {
  it('reads every filter of the list', () => {
    const query = {
      search: ' 138 ',
      state: 'held',
      kind: 'code',
      templateCode: 'SMS_1',
      signName: '示例',
      from: '2026-11-22T00:00:00.000Z',
      to: '2026-11-23T00:00:00.000Z',
    };
    expect(filtersOf(query)).toEqual({ ...query, search: '138' });
  });

  it('never makes a request that the contract refuses', () => {
    const names = ['search', 'state', 'kind', 'templateCode', 'signName', 'from', 'to', 'cursor'];
    const query = fc.dictionary(
      fc.constantFrom(...names),
      fc.oneof(fc.string(), fc.constantFrom('held', 'x', '2026')),
    );
    fc.assert(
      fc.property(query, (given) => {
        expect(operations.listMessages.query.safeParse(filtersOf(given)).success).toBe(true);
      }),
    );
  });
});
