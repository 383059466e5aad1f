import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { callersNumber, chinaTime, smsReport, smsUp } from './elements.ts';
import { explain, GIVE_UP_AFTER_MS, healthOf, judgeAnswer, nextTryAt } from './model.ts';
import { pushHeaders, signPush } from './signature.ts';
import { createTurns, PER_ENDPOINT, POOL_SLOTS, type Pool, pauseMs } from './turns.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the schedule', () => {
  it('is 1, 5, 10, 30, 60 minutes, then every two hours, within 24 hours', () => {
    const waits: number[] = [];
    let now = 0;
    for (let tries = 1; ; tries++) {
      const at = nextTryAt({ tries, createdAt: 0 }, now);
      if (at === null) break;
      waits.push((at - now) / MINUTE);
      now = at;
    }
    expect(waits).toEqual([1, 5, 10, 30, 60, ...new Array(11).fill(120)]);
    expect(now).toBeLessThanOrEqual(GIVE_UP_AFTER_MS);
    expect(now + 2 * HOUR).toBeGreaterThan(GIVE_UP_AFTER_MS);
  });

  it('never goes back, and never past 24 hours after the delivery was queued', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(2 * GIVE_UP_AFTER_MS), (tries, now) => {
        const at = nextTryAt({ tries, createdAt: 0 }, now);
        if (at !== null) {
          expect(at).toBeGreaterThan(now);
          expect(at).toBeLessThanOrEqual(GIVE_UP_AFTER_MS);
        } else expect(now + 2 * HOUR).toBeGreaterThan(GIVE_UP_AFTER_MS);
      }),
    );
  });
});

describe('an answer', () => {
  const answered = (status: number, body: string) =>
    judgeAnswer({ kind: 'answered', status, body: Buffer.from(body) });

  it('is success only as 200 with a numeric code, whatever the number', () => {
    expect(answered(200, '{"code":0,"msg":"接收成功"}')).toBe('200');
    expect(answered(200, '{"code":7}')).toBe('200');
    for (const body of ['', 'ok', '0', 'null', '[]', '{}', '{"code":"0"}', '{"code":null}', '[{"code":0}]']) {
      expect([body, answered(200, body)]).toEqual([body, 'no_code']);
    }
    for (const status of [201, 204, 302, 404, 500])
      expect(answered(status, '{"code":0}')).toBe(`http_${status}`);
    expect(judgeAnswer({ kind: 'failed', failure: 'timeout', code: '' })).toBe('timeout');
  });

  it('is explained in a sentence', () => {
    for (const status of ['timeout', 'http_503', 'http_302', 'no_code', 'address_refused', 'erased'])
      expect(explain(status)).toMatch(/^[A-Z].*\.$/);
  });

  it('of any octets is judged without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        judgeAnswer({ kind: 'answered', status: 200, body: Buffer.from(octets) });
      }),
    );
  });
});

describe('health', () => {
  const urls = { reportUrl: 'https://example.com/', inboundUrl: null };
  it('tells unset, healthy, retrying and failing', () => {
    const good = { mostTries: 0, newestDeadAt: null };
    expect(healthOf({ reportUrl: null, inboundUrl: null }, good, 0)).toBe('unset');
    expect(healthOf(urls, good, 0)).toBe('healthy');
    expect(healthOf(urls, { ...good, mostTries: 1 }, 0)).toBe('retrying');
    expect(healthOf(urls, { ...good, mostTries: 4 }, 0)).toBe('failing');
    expect(healthOf(urls, { ...good, newestDeadAt: 0 }, HOUR)).toBe('failing');
    expect(healthOf(urls, { ...good, newestDeadAt: 0 }, 25 * HOUR)).toBe('healthy');
  });
});

describe('elements', () => {
  const acceptedAt = Date.UTC(2026, 10, 21, 16, 0, 5);

  it('have the exact fields of SmsReport, in China’s time', () => {
    const event = {
      messageId: '11',
      callId: '10',
      phone: '+8613800138000',
      acceptedAt,
      finalAt: acceptedAt + 2_000,
      state: 'delivered',
      errCode: 'DELIVERED',
      segmentCount: 2,
      outId: 'order-1',
    };
    expect(smsReport(event)).toEqual({
      phone_number: '13800138000',
      send_time: '2026-11-22 00:00:05',
      report_time: '2026-11-22 00:00:07',
      success: true,
      err_code: 'DELIVERED',
      err_msg: '用户接收成功',
      sms_size: '2',
      biz_id: '10^0',
      out_id: 'order-1',
    });
    expect(smsReport({ ...event, state: 'undelivered', errCode: 'MK:0001', outId: null })).toMatchObject({
      success: false,
      err_code: 'MK:0001',
      err_msg: '空号',
      out_id: '',
    });
    expect(smsReport({ ...event, state: 'expired', errCode: null })).toMatchObject({
      success: false,
      err_code: 'UNKNOWN',
      err_msg: '短信发送失败',
    });
  });

  it('have the exact fields of SmsUp', () => {
    const reply = {
      inboundId: '5',
      phone: '+447700900123',
      content: '好',
      destCode: '88',
      receivedAt: acceptedAt,
    };
    expect(smsUp(reply)).toEqual({
      phone_number: '447700900123',
      content: '好',
      send_time: '2026-11-22 00:00:05',
      dest_code: '88',
      sequence_id: '5',
    });
  });

  it('write every instant as 19 characters that read back eight hours later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
        const text = chinaTime(ms);
        expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
        expect(Date.parse(`${text.replace(' ', 'T')}+08:00`)).toBe(ms - (ms % 1000));
      }),
    );
    expect(callersNumber('+8613900001234')).toBe('13900001234');
  });
});

describe('the signature', () => {
  it('is HMAC-SHA-256 over id, timestamp and body', () => {
    // Made with: printf '7.1700000000.[]' | openssl dgst -sha256 -hmac whsec_test
    const hex = 'd3573add2a165ba8b09332bd9f3cbd5c08a16559df961ec7086da83f85a2df56';
    expect(signPush('whsec_test', '7', '1700000000', '[]')).toBe(`v1=${hex}`);
    expect(pushHeaders('whsec_test', '7', '[]', 1_700_000_000_999)).toMatchObject({
      'x-signet-delivery-id': '7',
      'x-signet-timestamp': '1700000000',
      'x-signet-signature': `v1=${hex}`,
    });
  });
});

describe('turns', () => {
  const endpoint = { tenantId: '1', kind: 'report' as const };
  const quick = { kind: 'ok' as const, elapsedMs: 1 };

  it('let an endpoint prove itself outside the slots of the quick ones', () => {
    const turns = createTurns();
    turns.begin(endpoint, 'slow');
    expect(turns.openings(0)).toMatchObject({
      free: { quick: 64, slow: 63 },
      known: [{ room: 0, slow: true }],
    });
    turns.end(endpoint, 'slow', quick, 0);
    expect(turns.openings(0).known).toMatchObject([{ room: PER_ENDPOINT, slow: false }]);
    expect(turns.openings(HOUR).known).toEqual([]);
  });

  it('give a failing endpoint one push at a time, with growing pauses below the first retry', () => {
    const turns = createTurns();
    turns.begin(endpoint, 'slow');
    turns.end(endpoint, 'slow', quick, 0);
    for (let i = 0; i < PER_ENDPOINT; i++) turns.begin(endpoint, 'quick');
    expect(turns.openings(0)).toMatchObject({ free: { quick: 60 }, known: [{ room: 0, slow: false }] });
    for (let i = 0; i < PER_ENDPOINT; i++) turns.end(endpoint, 'quick', { kind: 'failed' }, 0);
    expect(turns.openings(0)).toMatchObject({ free: { quick: 64 }, known: [{ room: 0, slow: true }] });
    expect(turns.openings(pauseMs(PER_ENDPOINT))).toMatchObject({ known: [{ room: 1 }] });
    turns.begin(endpoint, 'slow');
    expect(turns.openings(MINUTE)).toMatchObject({ free: { slow: 63 }, known: [{ room: 0 }] });
    turns.end(endpoint, 'slow', quick, MINUTE);
    expect(turns.openings(MINUTE).known).toMatchObject([{ room: PER_ENDPOINT, slow: false }]);
    for (let failures = 1; failures < 50; failures++) expect(pauseMs(failures)).toBeLessThan(MINUTE);
  });

  it('keep slow endpoints apart, and forget what was forgiven', () => {
    const turns = createTurns();
    turns.begin(endpoint, 'slow');
    turns.end(endpoint, 'slow', { kind: 'ok', elapsedMs: 4_000 }, 0);
    expect(turns.openings(0).known).toMatchObject([{ slow: true, room: PER_ENDPOINT }]);
    turns.begin(endpoint, 'slow');
    turns.end(endpoint, 'slow', { kind: 'failed' }, 0);
    expect(turns.failing()).toEqual([endpoint]);
    turns.forgive('1');
    expect([turns.failing(), turns.openings(0).known]).toEqual([[], []]);
  });

  it('never lose or gain a slot', () => {
    const step = fc.record({
      tenant: fc.integer({ min: 1, max: 3 }),
      kind: fc.constantFrom('report' as const, 'inbound' as const),
      pool: fc.constantFrom<Pool>('quick', 'slow'),
      how: fc.constantFrom('ok' as const, 'failed' as const, 'neutral' as const),
      forgive: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const turns = createTurns();
        const open = steps.map(({ tenant, kind, pool, how }) => {
          const one = { tenantId: String(tenant), kind };
          turns.begin(one, pool);
          return { one, pool, how };
        });
        for (const [i, { one, pool, how }] of open.entries()) {
          if (steps[i]!.forgive) turns.forgive(one.tenantId);
          turns.end(one, pool, how === 'ok' ? { kind: how, elapsedMs: 1 } : { kind: how }, i);
        }
        expect(turns.openings(0).free).toEqual(POOL_SLOTS);
        expect(turns.openings(0).known.every(({ inFlight }) => inFlight === 0)).toBe(true);
      }),
    );
  });
});
