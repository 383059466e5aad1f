import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackupFailure } from './failure.ts';
import { inReferenceOrder, parseHeader, parseTableEnd, parseTableLine, parseTrailer } from './model.ts';

const header = {
  format: 'signet-backup',
  version: 1,
  createdAt: '2026-01-31T00:00:00.000Z',
  migrations: [{ name: '0001_create_x', sha256: 'ab' }],
  keyIds: ['k'],
  audit: { size: '0', checkpoint: 'note', verifierKey: 'key' },
  tables: ['a'],
};

describe('the lines of a backup', () => {
  it('are told apart: ours, newer, altered, no backup', () => {
    const refusalOf = (value: unknown): string => {
      try {
        parseHeader(typeof value === 'string' ? value : JSON.stringify(value));
        return 'read';
      } catch (error) {
        return (error as BackupFailure).refusal;
      }
    };
    expect(refusalOf(header)).toBe('read');
    expect(refusalOf({ ...header, version: 2 })).toBe('backup_newer');
    for (const name of ['createdAt', 'migrations', 'keyIds', 'audit', 'tables']) {
      expect(refusalOf({ ...header, [name]: undefined }), name).toBe('backup_altered');
    }
    for (const other of ['', '{', '[]', 'null', { format: 'other' }])
      expect(refusalOf(other)).toBe('no_backup');
  });

  it('are read or refused whatever they hold', () => {
    const line = fc.oneof(fc.string(), fc.json());
    const parsers = [parseHeader, parseTableLine, (text: string) => parseTableEnd(text, 't'), parseTrailer];
    fc.assert(
      fc.property(line, fc.constantFrom(...parsers), (text, parse) => {
        expect(() => parse(text)).toThrow(BackupFailure);
      }),
    );
  });
});

describe('the order of tables', () => {
  it('puts each after those it references', () => {
    const acyclic = fc
      .array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 20 })
      .map((pairs) => pairs.map(([a, b]) => ({ from: `t${Math.max(a, b)}`, to: `t${Math.min(a, b)}` })));
    const tables = fc.shuffledSubarray(
      Array.from({ length: 10 }, (_, at) => `t${at}`),
      { minLength: 10 },
    );
    fc.assert(
      fc.property(tables, acyclic, (names, references) => {
        const order = inReferenceOrder(names, references);
        expect([...order].sort()).toEqual([...names].sort());
        for (const { from, to } of references) {
          if (from !== to) expect(order.indexOf(from)).toBeGreaterThan(order.indexOf(to));
        }
      }),
    );
  });

  it('refuses a circle', () => {
    const circle = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'a' },
    ];
    expect(() => inReferenceOrder(['a', 'b'], circle)).toThrow('circle');
  });
});
