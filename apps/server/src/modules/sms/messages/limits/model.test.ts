import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountedSend, checkLimits, DAY_MS, LIMIT_RULES, limitMessage } from './model.ts';

const START = Date.UTC(2026, 0, 5, 2, 0, 0);
const send = (at: number, change: Partial<CountedSend> = {}): CountedSend => ({
  at,
  tenantId: '1',
  signatureId: '10',
  templateId: '100',
  kind: 'code',
  ...change,
});

describe('limits per number', () => {
  it('say which rule, word for word as the wire knows it', () => {
    const refused = checkLimits(send(START + 59_999), [send(START)]);
    expect(limitMessage(refused!.rule)).toBe('触发分钟级流控Permits:1');
    expect(refused!.freeAt).toBe(START + 60_000);
    expect(LIMIT_RULES.code.map(limitMessage)).toEqual([
      '触发分钟级流控Permits:1',
      '触发小时级流控Permits:5',
      '触发天级流控Permits:10',
      '触发天级流控Permits:40',
    ]);
  });

  it('align minutes to the clock and roll days', () => {
    expect(checkLimits(send(START + 60_000), [send(START + 59_999)])).toBeUndefined();
    const ten = Array.from({ length: 10 }, (_, i) => send(START + i * 7_200_000));
    const late = START + DAY_MS - 1;
    expect(limitMessage(checkLimits(send(late), ten)!.rule)).toBe('触发天级流控Permits:10');
    expect(checkLimits(send(late), ten)!.freeAt).toBe(START + DAY_MS);
    expect(checkLimits(send(START + DAY_MS), ten)).toBeUndefined();
  });

  it('count codes of all senders together, and notices by signature and template', () => {
    const others = Array.from({ length: 40 }, (_, i) => send(START + i * 60_000, { tenantId: `t${i}` }));
    expect(limitMessage(checkLimits(send(START + 7_200_000), others)!.rule)).toBe('触发天级流控Permits:40');
    const notices = Array.from({ length: 50 }, (_, i) => send(START + i, { kind: 'notice' }));
    expect(limitMessage(checkLimits(send(START + 99, { kind: 'notice' }), notices)!.rule)).toBe(
      '触发天级流控Permits:50',
    );
    expect(checkLimits(send(START + 99, { kind: 'notice', templateId: '101' }), notices)).toBeUndefined();
  });

  it('hold for any schedule of attempts: no window ever has more than its permits, and freeAt is the first free instant', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000_000 }), { maxLength: 120 }), (gaps) => {
        const passed: CountedSend[] = [];
        let now = START;
        for (const gap of gaps) {
          now += gap;
          const refused = checkLimits(send(now), passed);
          if (refused === undefined) {
            passed.push(send(now));
            continue;
          }
          expect(refused.freeAt).toBeGreaterThan(now);
          const after = checkLimits(send(refused.freeAt), passed);
          expect(after?.rule).not.toBe(refused.rule);
          const before = checkLimits(send(refused.freeAt - 1), passed);
          expect(before).toBeDefined();
        }
        for (const past of passed) {
          const day = passed.filter((other) => other.at > past.at - DAY_MS && other.at <= past.at);
          expect(day.length).toBeLessThanOrEqual(10);
          const minute = passed.filter(
            (other) => Math.floor(other.at / 60_000) === Math.floor(past.at / 60_000),
          );
          expect(minute.length).toBe(1);
        }
      }),
    );
  });
});
