import { withoutNumbers } from '@signet/sms-text';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIFE } from '../life.ts';
import { MESSAGE_STATES, type MessageState } from '../model.ts';
import type { LifeRecord, SegmentState } from './life-record.ts';
import { viewLife } from './life-view.ts';
import { isId, lastChinaDays, readBizId, readChinaDay, readSearch, writeChinaDay } from './model.ts';

const instants = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2080, 0, 1) });

describe('days of UTC+8', () => {
  it('hold the instants that are written with them', () => {
    fc.assert(
      fc.property(instants, (ms) => {
        const { from, to } = readChinaDay(writeChinaDay(ms))!;
        expect(from <= ms && ms < to && to - from === 86_400_000).toBe(true);
        expect(lastChinaDays(ms, 7)).toEqual({ from: from - 6 * 86_400_000, to });
      }),
    );
  });

  it('are read only where the calendar has them', () => {
    expect(readChinaDay('20280229')).toEqual({
      from: Date.UTC(2028, 1, 28, 16),
      to: Date.UTC(2028, 1, 29, 16),
    });
    for (const wrong of [
      '20270229',
      '20261301',
      '20260100',
      '2026-01-01',
      '202601',
      '',
      '００００００００',
    ]) {
      expect(readChinaDay(wrong), wrong).toBeUndefined();
    }
    fc.assert(
      fc.property(
        fc.string(),
        (text) => readChinaDay(text) === undefined || writeChinaDay(readChinaDay(text)!.from) === text,
      ),
    );
  });
});

describe('search', () => {
  it('knows a BizId, an id, a number and a template code', () => {
    expect(readSearch('154407681392679937^0')).toEqual({ by: 'call', callId: '154407681392679937' });
    expect(readSearch('154407681392679937')).toEqual({ by: 'message', id: '154407681392679937' });
    expect(readSearch('0086 13800138000'.replace(' ', ''))).toEqual({ by: 'number', e164: '+8613800138000' });
    expect(readSearch('SMS_123456789')).toEqual({ by: 'template', code: 'SMS_123456789' });
    expect(readBizId('9223372036854775808^0')).toBeUndefined();
  });

  it('takes any text and never gives an id that the store cannot hold', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,25}(\^0)?$/)), (text) => {
        const search = readSearch(text);
        if (search.by === 'call') expect(isId(search.callId)).toBe(true);
        if (search.by === 'message') expect(isId(search.id)).toBe(true);
        if (search.by === 'number') expect(search.e164).toMatch(/^\+[1-9]\d{6,14}$/);
      }),
    );
  });
});

describe('reasons for the audit log', () => {
  it('keep no number, in whatever form it is written', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.stringMatching(/^\+?(\d[ -]?){6,14}\d$/),
        fc.string(),
        (before, number, after) => {
          expect(withoutNumbers(`${before}${number}${after}`).replaceAll(/[\s-]/g, '')).not.toMatch(/\d{11}/);
        },
      ),
    );
    expect(withoutNumbers('１３８００１３８０００')).toBe('138****8000');
    expect(withoutNumbers('case 4711 of 13800138000')).toBe('case 4711 of 138****8000');
  });
});

const dates = instants.map((ms) => new Date(ms));
const findings: fc.Arbitrary<LifeRecord['message']['finding']> = fc.constantFrom(
  null,
  { step: 7, code: 'message.opted_out' },
  { step: 8, labels: ['fraud'], spans: [{ start: 0, end: 1, rule: 'lexicon:x/1', label: 'fraud' }] },
  {
    step: 9,
    code: 'message.frequency',
    scope: 'signature',
    window: 'minute',
    permits: 1,
    freeAt: '2026-01-01T00:00:00.000Z',
  },
);
const records: fc.Arbitrary<LifeRecord> = fc.record({
  message: fc.record({
    callId: fc.constant('1'),
    kind: fc.constantFrom('code', 'notice', 'marketing', 'international'),
    state: fc.constantFrom(...(Object.keys(MESSAGE_STATES) as MessageState[])),
    errCode: fc.option(fc.constant('UNDELIV')),
    finding: findings,
    segmentCount: fc.integer({ min: 1, max: 8 }),
    signName: fc.constant('sign'),
    templateCode: fc.constant('SMS_1'),
    acceptedAt: dates,
    expiresAt: dates,
    finalAt: fc.option(dates),
    auditIndex: fc.constant('0'),
    counted: fc.boolean(),
  }),
  segments: fc.array(
    fc.record({
      attempt: fc.integer({ min: 1, max: 3 }),
      segment: fc.integer({ min: 1, max: 3 }),
      carrier: fc.constant('north'),
      state: fc.constantFrom<SegmentState>(
        'accepted',
        'rejected',
        'unknown',
        'delivered',
        'undelivered',
        'expired',
      ),
      carrierMessageId: fc.option(fc.constant('a')),
      status: fc.option(fc.constant('SMPP:0058')),
      route: fc.constant('least_backlog'),
      intendedAt: dates,
      at: dates,
      receiptAt: fc.option(dates),
    }),
    { maxLength: 6 },
  ),
  intents: fc.array(
    fc.record({
      carrier: fc.constant('south'),
      attempt: fc.constant(4),
      route: fc.constant('none_ready'),
      at: dates,
    }),
    {
      maxLength: 1,
    },
  ),
  review: fc.option(
    fc.record({
      state: fc.constantFrom('open', 'approved', 'rejected', 'lapsed'),
      decidedAt: fc.option(dates),
    }),
  ),
  push: fc.option(
    fc.record({
      state: fc.constantFrom('waiting', 'delivered', 'dead'),
      tries: fc.nat(),
      lastStatus: fc.option(fc.constant('503')),
      createdAt: dates,
      nextAt: dates,
    }),
  ),
});

describe('life of one message', () => {
  it('has the 20 steps in order for every record, waiting nowhere but at the end once it is final', () => {
    fc.assert(
      fc.property(records, (record) => {
        const steps = viewLife(record);
        expect(steps.map(({ step, name }) => ({ step, name }))).toEqual(
          LIFE.map(({ step, name }) => ({ step, name })),
        );
        expect(steps[17]!.outcome).toBe(record.message.finalAt === null ? 'waiting' : 'done');
        if (record.message.finalAt === null || record.message.state === 'held' || record.intents.length > 0)
          return;
        const waiting = steps.filter((step) => step.outcome === 'waiting').map((step) => step.step);
        expect(waiting.every((step) => step >= 19)).toBe(true);
      }),
    );
  });
});
