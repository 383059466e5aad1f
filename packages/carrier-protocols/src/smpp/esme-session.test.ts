import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePdu, encodeHeader, encodePdu, pduOf } from './codec.ts';
import type { EsmeOutput, EsmeSettings } from './esme.ts';
import { createEsmeSession } from './esme-session.ts';
import { deliverFields, ESME_SETTINGS, MESSAGE } from './example-session.ts';
import { createFramer } from './framer.ts';
import { COMMANDS, type Pdu } from './pdus.ts';
import type { Settled } from './session.ts';

const pdusOf = (octets: Buffer | readonly Buffer[] | null): Pdu[] => {
  const pdus: Pdu[] = [];
  if (octets === null) return pdus;
  createFramer().push(Buffer.isBuffer(octets) ? octets : Buffer.concat(octets), (buffer, start, end) => {
    const decoded = decodePdu(buffer, start, end);
    if (decoded.ok) pdus.push(decoded.pdu);
  });
  return pdus;
};

const bindOk = encodePdu(pduOf('bind_transceiver_resp', 1, { system_id: 'smsc' }));
const boundSession = (changes: Partial<EsmeSettings> = {}) => {
  const session = createEsmeSession({ ...ESME_SETTINGS, ...changes });
  session.opened(0);
  expect(session.received(bindOk, 0).becameBound).toBe(true);
  return session;
};
const accept = (sequence: number, id: string) =>
  encodePdu(pduOf('submit_sm_resp', sequence, { message_id: id }));
const tokens = (...list: number[]) => list.map((token) => ({ ...MESSAGE, token }));
const deliverSm = (sequence: number) => encodePdu(pduOf('deliver_sm', sequence, deliverFields('T')));

describe('binding', () => {
  it('binds with version 3.4 and takes nothing before the answer', () => {
    const session = createEsmeSession(ESME_SETTINGS);
    expect(session.capacity(0)).toBe(0);
    const [bind] = pdusOf(session.opened(0).write);
    expect(bind).toMatchObject({
      command: 'bind_transceiver',
      sequenceNumber: 1,
      body: { system_id: 'signet', password: 'secret08', interface_version: 0x34 },
    });
    expect(session.capacity(0)).toBe(0);
    session.received(bindOk, 5);
    expect(session.state()).toBe('bound');
    expect(session.capacity(5)).toBe(4);
  });

  it.each([0x0e, 0x0f, 0x05, 0x0d])('ends with the status of a refusal (%s)', (status) => {
    const session = createEsmeSession(ESME_SETTINGS);
    session.opened(0);
    expect(session.received(encodeHeader(COMMANDS.bind_transceiver_resp.id, status, 1), 1).end).toEqual({
      reason: 'bind_refused',
      status,
    });
  });

  it('ends when the answer does not come', () => {
    const session = createEsmeSession(ESME_SETTINGS);
    session.opened(100);
    expect(session.nextDeadline()).toBe(5_100);
    expect(session.tick(5_099).end).toBeNull();
    expect(session.tick(5_100).end).toEqual({ reason: 'bind_timeout' });
  });

  it('refuses messages before it is bound, and a transmitter refuses them always', () => {
    const session = createEsmeSession(ESME_SETTINGS);
    session.opened(0);
    expect(pdusOf(session.received(deliverSm(9), 1).write)).toMatchObject([
      { command: 'deliver_sm_resp', commandStatus: 4, sequenceNumber: 9 },
    ]);
    const transmitter = createEsmeSession({ ...ESME_SETTINGS, bindMode: 'transmitter' });
    transmitter.opened(0);
    transmitter.received(encodePdu(pduOf('bind_transmitter_resp', 1, { system_id: '' })), 1);
    expect(pdusOf(transmitter.received(deliverSm(9), 1).write)).toMatchObject([{ commandStatus: 4 }]);
    const receiver = createEsmeSession({ ...ESME_SETTINGS, bindMode: 'receiver' });
    receiver.opened(0);
    receiver.received(encodePdu(pduOf('bind_receiver_resp', 1, { system_id: '' })), 1);
    expect(receiver.state()).toBe('bound');
    expect(receiver.capacity(1)).toBe(0);
  });
});

describe('outcomes', () => {
  it('judges accepted, retryable, final, throttled and generic_nack', () => {
    const session = boundSession({ window: 9 });
    expect(pdusOf(session.submit(tokens(10, 11, 12, 13, 14), 1)).map((pdu) => pdu.sequenceNumber)).toEqual([
      2, 3, 4, 5, 6,
    ]);
    const output = session.received(
      Buffer.concat([
        accept(2, '1A2B'),
        encodeHeader(COMMANDS.submit_sm_resp.id, 0x14, 3),
        encodeHeader(COMMANDS.submit_sm_resp.id, 0x0b, 4),
        encodeHeader(COMMANDS.submit_sm_resp.id, 0x58, 5),
        encodeHeader(COMMANDS.generic_nack.id, 0x03, 6),
      ]),
      2,
    );
    expect(output.outcomes).toEqual([
      { token: 10, outcome: { kind: 'accepted', carrierMessageId: '1A2B' } },
      { token: 11, outcome: { kind: 'rejected', status: 0x14, retryable: true } },
      { token: 12, outcome: { kind: 'rejected', status: 0x0b, retryable: false } },
      { token: 13, outcome: { kind: 'rejected', status: 0x58, retryable: true } },
      { token: 14, outcome: { kind: 'rejected', status: 0x03, retryable: false } },
    ]);
    expect(output.throttled).toBe(true);
    expect(session.capacity(3)).toBe(0);
    expect(session.paceAvailableAt(3)).toBe(1_002);
    expect(session.capacity(1_002)).toBe(1);
  });

  it('calls an unanswered submit unknown, and surfaces its late answer', () => {
    const session = boundSession();
    session.submit(tokens(7), 1_000);
    expect(session.nextDeadline()).toBe(11_000);
    expect(session.tick(10_999).outcomes).toEqual([]);
    expect(session.tick(11_000).outcomes).toEqual([
      { token: 7, outcome: { kind: 'unknown', reason: 'timeout' } },
    ]);
    const output = session.received(accept(2, '55'), 12_000);
    expect(output.outcomes).toEqual([]);
    expect(output.late).toEqual([{ token: 7, outcome: { kind: 'accepted', carrierMessageId: '55' } }]);
    expect(session.received(accept(2, '55'), 12_001).late).toEqual([]);
    expect(session.counters).toMatchObject({ late: 1, unexpected: 1 });
  });

  it('times out only those whose time has come', () => {
    const session = boundSession();
    session.submit(tokens(1), 0);
    session.submit(tokens(2), 500);
    expect(session.tick(10_000).outcomes.map(({ token }) => token)).toEqual([1]);
    expect(session.nextDeadline()).toBe(10_500);
  });

  it('calls everything unanswered unknown when the link is lost, peer unbinds or the stream breaks', () => {
    const ends: [string, (session: ReturnType<typeof boundSession>) => EsmeOutput][] = [
      ['transport_lost', (session) => session.transportLost()],
      ['peer_unbound', (session) => session.received(encodeHeader(COMMANDS.unbind.id, 0, 1), 5)],
      ['bad_stream', (session) => session.received(Buffer.from('GET / HTTP/1.1\r\n\r\n'), 5)],
    ];
    for (const [reason, end] of ends) {
      const session = boundSession();
      session.submit(tokens(1, 2), 1);
      const output = end(session);
      expect(output.end?.reason).toBe(reason);
      expect(output.outcomes.map(({ token, outcome }) => [token, outcome])).toEqual([
        [1, { kind: 'unknown', reason: 'link_lost' }],
        [2, { kind: 'unknown', reason: 'link_lost' }],
      ]);
      expect(session.capacity(5)).toBe(0);
      expect(session.transportLost().outcomes).toEqual([]);
    }
  });

  it('takes a batch whole or not at all', () => {
    const session = boundSession();
    expect(() => session.submit(tokens(1, 2, 3, 4, 5), 0)).toThrow(RangeError);
    expect(() =>
      session.submit([...tokens(1), { ...MESSAGE, token: 2, destAddr: '1'.repeat(21) }], 0),
    ).toThrow('destination_addr');
    expect(session.pending()).toBe(0);
    expect(pdusOf(session.submit(tokens(1), 0))[0]?.sequenceNumber).toBe(2);
  });

  it('gives each submit exactly one outcome and never exceeds the window, whatever the peer does', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('submit' as const), wanted: fc.integer({ min: 1, max: 9 }) }),
      fc.record({
        do: fc.constant('answer' as const),
        pick: fc.nat(),
        status: fc.constantFrom(0, 0, 0, 0x14, 0x0b, 0x58, 0x12345),
        command: fc.constantFrom(
          'submit_sm_resp' as const,
          'submit_sm_resp' as const,
          'generic_nack' as const,
        ),
      }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 6_000 }) }),
      fc.record({ do: fc.constant('noise' as const), octets: fc.uint8Array({ maxLength: 40 }) }),
      fc.record({ do: fc.constant('unbind' as const) }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(0, 1, 50),
        (steps, window, perSecond) => {
          const session = boundSession({ window, perSecond });
          const outcomes: Settled[] = [];
          const sent: number[] = [];
          const sequences: number[] = [];
          let now = 0;
          const note = (output: EsmeOutput) => outcomes.push(...output.outcomes);
          for (const one of steps) {
            if (one.do === 'submit') {
              const batch = tokens(...Array.from({ length: one.wanted }, (_, i) => sent.length + i)).slice(
                0,
                session.capacity(now),
              );
              if (batch.length === 0) continue;
              sent.push(...batch.map(({ token }) => token));
              sequences.push(...pdusOf(session.submit(batch, now)).map((pdu) => pdu.sequenceNumber));
            } else if (one.do === 'answer') {
              const sequence = sequences[one.pick % (sequences.length + 1)] ?? 999_999;
              note(session.received(encodeHeader(COMMANDS[one.command].id, one.status, sequence), now));
            } else if (one.do === 'wait') {
              now += one.ms;
              note(session.tick(now));
            } else if (one.do === 'noise') {
              const frame = Buffer.concat([Buffer.alloc(4), Buffer.from(one.octets), Buffer.alloc(12)]);
              frame.writeUInt32BE(frame.length, 0);
              note(session.received(frame, now));
            } else {
              note(session.unbind(now));
            }
            expect(session.pending()).toBeLessThanOrEqual(window);
            expect(session.pending() + outcomes.length).toBe(sent.length);
          }
          note(session.transportLost());
          expect(outcomes.map(({ token }) => token).sort((a, b) => a - b)).toEqual(sent);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the peer’s requests', () => {
  it('holds deliver_sm until it is acknowledged, and turns the surplus away for later', () => {
    const session = boundSession();
    const output = session.received(Buffer.concat([1, 2, 3, 4].map((n) => deliverSm(100 + n))), 1);
    expect(output.deliveries.map(({ pdu }) => pdu.sequenceNumber)).toEqual([101, 102, 103]);
    expect(pdusOf(output.write)).toMatchObject([
      { command: 'deliver_sm_resp', commandStatus: 0x64, sequenceNumber: 104 },
    ]);
    const [first, second, third] = output.deliveries.map(({ handle }) => handle) as [number, number, number];
    expect(pdusOf(session.acknowledge([first, third, 77], 0))).toMatchObject([
      { command: 'deliver_sm_resp', commandStatus: 0, sequenceNumber: 101 },
      { command: 'deliver_sm_resp', commandStatus: 0, sequenceNumber: 103 },
    ]);
    expect(session.acknowledge([first], 0)).toBeNull();
    expect(pdusOf(session.acknowledge([second], 0x64))).toMatchObject([
      { commandStatus: 0x64, sequenceNumber: 102 },
    ]);
    const [late] = session.received(deliverSm(105), 2).deliveries;
    session.transportLost();
    expect(session.acknowledge([late!.handle], 0)).toBeNull();
  });

  it('answers enquire_link, refuses what it does not serve, ignores alert_notification', () => {
    const session = boundSession();
    const unknown = encodeHeader(0x00000fff, 0, 8);
    expect(
      pdusOf(
        session.received(Buffer.concat([encodeHeader(0x15, 0, 7), unknown, deliverSm(1).fill(0xff, 16)]), 1)
          .write,
      ),
    ).toMatchObject([
      { command: 'enquire_link_resp', sequenceNumber: 7 },
      { command: 'generic_nack', commandStatus: 3, sequenceNumber: 8 },
      { command: 'deliver_sm_resp', commandStatus: 0x15, sequenceNumber: 1 },
    ]);
  });
});

describe('timers', () => {
  it('asks after silence, ends without an answer, and any octet counts as one', () => {
    const session = boundSession();
    expect(session.nextDeadline()).toBe(30_000);
    expect(pdusOf(session.tick(30_000).write)).toMatchObject([{ command: 'enquire_link' }]);
    session.received(encodeHeader(COMMANDS.enquire_link_resp.id, 0, 2), 31_000);
    expect(session.nextDeadline()).toBe(61_000);
    session.tick(61_000);
    expect(session.tick(70_999).end).toBeNull();
    expect(session.tick(71_000).end).toEqual({ reason: 'no_answer' });
  });

  it('unbinds: no new submits, open answers still count, ends with or without the response', () => {
    const session = boundSession();
    session.submit(tokens(1), 0);
    expect(pdusOf(session.unbind(1).write)).toMatchObject([{ command: 'unbind', sequenceNumber: 3 }]);
    expect(session.capacity(1)).toBe(0);
    expect(session.received(accept(2, 'x'), 2).outcomes).toHaveLength(1);
    expect(session.received(encodeHeader(COMMANDS.unbind_resp.id, 0, 3), 3).end).toEqual({
      reason: 'unbound',
    });
    const mute = boundSession();
    mute.unbind(0);
    expect(mute.tick(10_000).end).toEqual({ reason: 'unbound' });
  });

  it('ends an idle session when told to', () => {
    const session = boundSession({ inactivityMs: 20_000 });
    expect(session.tick(20_000).end).toEqual({ reason: 'inactive' });
  });
});
