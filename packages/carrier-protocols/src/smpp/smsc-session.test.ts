import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeHeader, encodePdu, pduOf } from './codec.ts';
import { createEsmeSession } from './esme-session.ts';
import { deliverFields, ESME_SETTINGS, MESSAGE } from './example-session.ts';
import { COMMANDS } from './pdus.ts';
import { createSmscSession, type SmscSettings } from './smsc-session.ts';

const SETTINGS: SmscSettings = {
  systemId: 'SMSC',
  window: 2,
  sessionInitMs: 5_000,
  enquireLinkMs: 30_000,
  responseTimeoutMs: 10_000,
  inactivityMs: 0,
};

/** Both sides of one link, bound, with the octets carried by hand. */
const pair = () => {
  const esme = createEsmeSession(ESME_SETTINGS);
  const smsc = createSmscSession(SETTINGS);
  smsc.opened(0);
  const asked = smsc.received(Buffer.concat(esme.opened(0).write), 0);
  expect(asked.bind).toMatchObject({ mode: 'transceiver', systemId: 'signet', password: 'secret08' });
  expect(esme.received(Buffer.concat(smsc.answerBind(0, 0).write), 0).becameBound).toBe(true);
  return { esme, smsc };
};

describe('the two sides of a session understand each other', () => {
  it('submit, answer, deliver, acknowledge, unbind', () => {
    const { esme, smsc } = pair();
    const [submit] = smsc.received(esme.submit([{ ...MESSAGE, token: 1 }], 1), 1).submits;
    expect(submit?.pdu.body.destination_addr).toBe(MESSAGE.destAddr);
    expect(esme.received(smsc.answerSubmit(submit!, 0, 'abc'), 2).outcomes).toEqual([
      { token: 1, outcome: { kind: 'accepted', carrierMessageId: 'abc' } },
    ]);
    const [delivery] = esme.received(smsc.deliver(9, deliverFields('T'), {}, 3), 3).deliveries;
    expect(smsc.received(esme.acknowledge([delivery!.handle], 0) as Buffer, 4).outcomes).toEqual([
      { token: 9, outcome: { kind: 'accepted', carrierMessageId: '' } },
    ]);
    const bye = smsc.received(Buffer.concat(esme.unbind(5).write), 5);
    expect(bye.end).toEqual({ reason: 'peer_unbound' });
    expect(esme.received(Buffer.concat(bye.write), 6).end).toEqual({ reason: 'unbound' });
  });

  it('a refused submit carries its status, and a lost deliver_sm is unknown', () => {
    const { esme, smsc } = pair();
    const [submit] = smsc.received(esme.submit([{ ...MESSAGE, token: 1 }], 1), 1).submits;
    expect(esme.received(smsc.answerSubmit(submit!, 0x58, ''), 2).outcomes).toEqual([
      { token: 1, outcome: { kind: 'rejected', status: 0x58, retryable: true } },
    ]);
    smsc.deliver(5, deliverFields('a'), {}, 3);
    smsc.deliver(6, deliverFields('b'), {}, 4);
    expect(smsc.capacity()).toBe(0);
    expect(() => smsc.deliver(7, deliverFields('c'), {}, 4)).toThrow(RangeError);
    expect(smsc.tick(10_003).outcomes).toEqual([
      { token: 5, outcome: { kind: 'unknown', reason: 'timeout' } },
    ]);
    expect(smsc.transportLost().outcomes).toEqual([
      { token: 6, outcome: { kind: 'unknown', reason: 'link_lost' } },
    ]);
  });
});

describe('what is refused', () => {
  it('messages before a bind, a second bind, unserved queries', () => {
    const smsc = createSmscSession(SETTINGS);
    smsc.opened(0);
    const submit = encodePdu(pduOf('submit_sm', 4, deliverFields('x')));
    const refused = smsc.received(submit, 1);
    expect(refused.submits).toEqual([]);
    expect(refused.write).toEqual([encodeHeader(COMMANDS.submit_sm_resp.id, 4, 4)]);
    const { smsc: bound } = pair();
    const again = encodePdu(
      pduOf('bind_receiver', 8, {
        system_id: 'x',
        password: '',
        system_type: '',
        interface_version: 0x34,
        addr_ton: 0,
        addr_npi: 0,
        address_range: '',
      }),
    );
    expect(bound.received(again, 1).write).toEqual([encodeHeader(COMMANDS.bind_receiver_resp.id, 5, 8)]);
    const query = encodePdu(
      pduOf('query_sm', 9, { message_id: '1', source_addr_ton: 0, source_addr_npi: 0, source_addr: '' }),
    );
    expect(bound.received(query, 1).write).toEqual([encodeHeader(COMMANDS.query_sm_resp.id, 0x67, 9)]);
  });

  it('a client that never binds', () => {
    const smsc = createSmscSession(SETTINGS);
    smsc.opened(0);
    expect(smsc.tick(5_000).end).toEqual({ reason: 'bind_timeout' });
  });

  it('arbitrary octets: never throws, ends with a reason or stays', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), (chunks) => {
        const { smsc } = pair();
        for (const chunk of chunks) {
          const { end } = smsc.received(Buffer.from(chunk), 1);
          if (end !== null) expect(end.reason).toMatch(/bad_stream|peer_unbound/);
        }
      }),
    );
  });
});
