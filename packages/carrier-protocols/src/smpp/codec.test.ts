import fc from 'fast-check';
import smpp, { type PeerPdu } from 'smpp';
import { describe, expect, it } from 'vitest';
import { decodePdu, encodePdu, pduOf } from './codec.ts';
import {
  COMMANDS,
  type Command,
  type FieldSpec,
  type Pdu,
  RESPONSE_BIT,
  TLVS,
  type TlvSpec,
} from './pdus.ts';
import { relativeTime, SUBMIT_SM_FIXED_MAX_OCTETS, type SubmitMessage, writeSubmitSm } from './submit.ts';

const text = (maxOctets: number) =>
  fc.string({
    unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
    maxLength: maxOctets - 1,
  });
const octets = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength: Math.min(maxLength, 400) });
const integer = (size: number) => fc.integer({ min: 0, max: 2 ** (8 * size) - 1 });

const fieldValue = (spec: FieldSpec): fc.Arbitrary<unknown> =>
  spec.kind === 'integer'
    ? integer(spec.octets)
    : spec.kind === 'cOctetString'
      ? text(spec.maxOctets)
      : octets(0, spec.maxOctets);

const tlvValue = (spec: TlvSpec): fc.Arbitrary<unknown> => {
  if (spec.kind === 'integer') return integer(spec.octets);
  if (spec.kind === 'cOctetString') return text(spec.maxOctets);
  const one = octets(spec.minOctets, spec.maxOctets);
  return spec.kind === 'octets' ? one : fc.array(one, { minLength: 1, maxLength: 3 });
};

const arbitraryPdu = (command: Command): fc.Arbitrary<Pdu> => {
  const { id, fields } = COMMANDS[command];
  const specs = Object.entries(fields) as [string, FieldSpec][];
  const body = fc.record(Object.fromEntries(specs.map(([name, spec]) => [name, fieldValue(spec)])));
  const tlvs = fc.record(
    Object.fromEntries(Object.entries(TLVS).map(([name, spec]) => [name, tlvValue(spec)])),
    { requiredKeys: [] },
  );
  return fc
    .record({
      command: fc.constant(command),
      // A refused response has no body, so only an accepted one comes back as it went.
      commandStatus: id >= RESPONSE_BIT ? fc.constant(0) : integer(4),
      sequenceNumber: integer(4),
      body,
      tlvs: id === COMMANDS.generic_nack.id ? fc.constant({}) : tlvs,
    })
    .map((pdu) => pdu as unknown as Pdu);
};

const hex = (buffer: Uint8Array): string => Buffer.from(buffer).toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const opened = (buffer: Buffer): Pdu => {
  const decoded = decodePdu(buffer);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.pdu;
};

const SUBMIT: SubmitMessage = {
  sourceAddr: '10690001',
  sourceTon: 0,
  sourceNpi: 1,
  destAddr: '8613800138000',
  destTon: 1,
  destNpi: 1,
  esmClass: 0,
  dataCoding: 8,
  shortMessage: Buffer.from('60a85834', 'hex'),
  registeredDelivery: 1,
};

const bodyOf = (message: SubmitMessage) => ({
  service_type: '',
  source_addr_ton: message.sourceTon,
  source_addr_npi: message.sourceNpi,
  source_addr: message.sourceAddr,
  dest_addr_ton: message.destTon,
  dest_addr_npi: message.destNpi,
  destination_addr: message.destAddr,
  esm_class: message.esmClass,
  protocol_id: 0,
  priority_flag: 0,
  schedule_delivery_time: '',
  validity_period: relativeTime(message.validitySeconds),
  registered_delivery: message.registeredDelivery,
  replace_if_present_flag: 0,
  data_coding: message.dataCoding,
  sm_default_msg_id: 0,
  short_message: message.shortMessage,
});

describe('the table round-trips', () => {
  for (const command of Object.keys(COMMANDS) as Command[]) {
    it(command, () => {
      fc.assert(
        fc.property(arbitraryPdu(command), (pdu) => {
          const again = opened(encodePdu(pdu));
          expect(again).toEqual(pdu);
        }),
        { numRuns: 60 },
      );
    });
  }

  it('keeps optional parameters that it does not know', () => {
    const pdu = {
      ...pduOf('deliver_sm_resp', 9, { message_id: '' }),
      unknownTlvs: [{ tag: 0x1401, octets: new Uint8Array([1, 2, 3]) }],
    };
    expect(opened(encodePdu(pdu))).toEqual(pdu);
  });
});

describe('vectors worked out by hand from the field tables of clause 4', () => {
  it('bind_transceiver', () => {
    const pdu = pduOf('bind_transceiver', 1, {
      system_id: 'signet',
      password: 'secret08',
      system_type: 'SUBMIT1',
      interface_version: 0x34,
      addr_ton: 1,
      addr_npi: 1,
      address_range: '',
    });
    const expected = bytes(`
      0000002c 00000009 00000000 00000001
      7369676e657400 736563726574303800 5355424d49543100 34 01 01 00`);
    expected.writeUInt32BE(expected.length, 0);
    expect(hex(encodePdu(pdu))).toBe(hex(expected));
    expect(opened(expected)).toEqual(pdu);
  });

  it('submit_sm of two UCS-2 characters with a receipt asked for', () => {
    const expected = bytes(`
      0000003a 00000004 00000000 00000005
      00 00 01 313036393030303100 01 01 3836313338303031333830303000
      00 00 00 00 00 01 00 08 00 04 60a85834`);
    expect(expected.length).toBe(0x3a);
    expect(hex(encodePdu(pduOf('submit_sm', 5, bodyOf(SUBMIT))))).toBe(hex(expected));
  });

  it('submit_sm_resp, refused submit_sm_resp without a body, enquire_link, generic_nack', () => {
    expect(hex(encodePdu(pduOf('submit_sm_resp', 5, { message_id: '1A2b' })))).toBe(
      hex(bytes('00000015 80000004 00000000 00000005 3141326200')),
    );
    expect(hex(encodePdu(pduOf('submit_sm_resp', 5, { message_id: 'x' }, {}, 0x58)))).toBe(
      hex(bytes('00000010 80000004 00000058 00000005')),
    );
    expect(hex(encodePdu(pduOf('enquire_link', 7, {})))).toBe(
      hex(bytes('00000010 00000015 00000000 00000007')),
    );
    expect(hex(encodePdu(pduOf('generic_nack', 0, {}, {}, 3)))).toBe(
      hex(bytes('00000010 80000000 00000003 00000000')),
    );
  });

  it('a receipt TLV without its NUL, and a stray NUL after short_message', () => {
    const body = bodyOf({ ...SUBMIT, shortMessage: new Uint8Array(0) });
    const plain = encodePdu(pduOf('deliver_sm', 1, body));
    const withTlv = Buffer.concat([plain, bytes('001e 0003 414243 0427 0001 02')]);
    withTlv.writeUInt32BE(withTlv.length, 0);
    expect(opened(withTlv).tlvs).toEqual({ receipted_message_id: 'ABC', message_state: 2 });
    const stray = Buffer.concat([plain, bytes('00')]);
    stray.writeUInt32BE(stray.length, 0);
    expect(opened(stray).body).toEqual({ ...body, short_message: new Uint8Array(0) });
  });

  it.each([
    [undefined, ''],
    [0, ''],
    [300, '000000000500000R'],
    [3 * 86_400, '000003000000000R'],
    [45 * 86_400 + 3_661, '000115010101000R'],
  ])('%s seconds of validity are %j', (seconds, expected) => {
    expect(relativeTime(seconds)).toBe(expected);
  });
});

describe('refusals', () => {
  it('answers the status of the field at fault', () => {
    const long = encodePdu(pduOf('submit_sm', 1, bodyOf(SUBMIT)));
    const at = long.indexOf('10690001');
    const tooLong = Buffer.concat([long.subarray(0, at), Buffer.from('1'.repeat(30)), long.subarray(at)]);
    tooLong.writeUInt32BE(tooLong.length, 0);
    expect(decodePdu(tooLong)).toMatchObject({ ok: false, commandStatus: 0x0a });
    expect(decodePdu(bytes('00000010 00000099 00000000 00000001'))).toMatchObject({
      ok: false,
      commandStatus: 3,
    });
    expect(decodePdu(bytes('00000011 00000015 00000000 00000001'))).toMatchObject({
      ok: false,
      commandStatus: 2,
    });
    const runaway = Buffer.concat([encodePdu(pduOf('enquire_link', 1, {})), bytes('0424 ffff 00')]);
    runaway.writeUInt32BE(runaway.length, 0);
    expect(decodePdu(runaway)).toMatchObject({ ok: false, commandStatus: 0xc0 });
  });

  it('refuses to encode what a field cannot hold, without saying the value', () => {
    const write = (message: SubmitMessage) => () => encodePdu(pduOf('submit_sm', 1, bodyOf(message)));
    const fast = (message: SubmitMessage) => () =>
      writeSubmitSm(Buffer.alloc(SUBMIT_SM_FIXED_MAX_OCTETS + message.shortMessage.length), 0, 1, message);
    for (const bad of [
      { ...SUBMIT, destAddr: '8613800138000'.repeat(2) },
      { ...SUBMIT, destAddr: '86138\u0000' },
      { ...SUBMIT, destAddr: '一' },
      { ...SUBMIT, shortMessage: new Uint8Array(255) },
      { ...SUBMIT, dataCoding: 256 },
    ]) {
      expect(write(bad)).toThrow(RangeError);
      expect(fast(bad)).toThrow(RangeError);
      expect(fast(bad)).not.toThrow(/138/);
    }
  });

  it('never throws on arbitrary octets, nor on any mutation of a good PDU', () => {
    const good = fc
      .constantFrom(...(Object.keys(COMMANDS) as Command[]))
      .chain(arbitraryPdu)
      .map(encodePdu);
    const mutated = fc
      .tuple(good, fc.array(fc.tuple(fc.nat(), integer(1)), { maxLength: 4 }), fc.nat())
      .map(([buffer, edits, cut]) => {
        const copy = Buffer.from(buffer.subarray(0, Math.max(16, buffer.length - (cut % 20))));
        for (const [at, value] of edits) copy[at % copy.length] = value;
        copy.writeUInt32BE(copy.length, 0);
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 }).map(Buffer.from)), (buffer) => {
        const decoded = decodePdu(buffer as Buffer);
        if (decoded.ok) expect(() => encodePdu(decoded.pdu)).not.toThrow();
        else expect(decoded.commandStatus).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the fast path', () => {
  it('writes the octets that the table gives', () => {
    const message = fc.record({
      sourceAddr: text(21),
      sourceTon: integer(1),
      sourceNpi: integer(1),
      destAddr: text(21),
      destTon: integer(1),
      destNpi: integer(1),
      esmClass: integer(1),
      dataCoding: integer(1),
      shortMessage: octets(0, 254),
      validitySeconds: fc.option(fc.integer({ min: -5, max: 2 ** 40 }), { nil: undefined }),
      registeredDelivery: fc.constantFrom(0 as const, 1 as const),
    });
    fc.assert(
      fc.property(message, integer(4), fc.nat(50), (value, sequence, offset) => {
        const target = Buffer.alloc(offset + SUBMIT_SM_FIXED_MAX_OCTETS + value.shortMessage.length);
        const end = writeSubmitSm(target, offset, sequence, value);
        expect(hex(target.subarray(offset, end))).toBe(
          hex(encodePdu(pduOf('submit_sm', sequence, bodyOf(value)))),
        );
      }),
    );
  });
});

/** Differences of the independent codec that the specification decides in favour of ours. */
const PEER_LACKS: ReadonlySet<string> = new Set([
  // It reads both telematics ids as two octets; clause 5.3.2.8 gives source_telematics_id one.
  'source_telematics_id',
  // It reads ms_validity and alert_on_message_delivery in their 5.0 form.
  'ms_validity',
  'alert_on_message_delivery',
  // It turns these into objects of its own.
  'callback_num',
  'callback_num_atag',
  'callback_num_pres_ind',
  'message_payload',
]);
const PEER_NAME: Readonly<Record<string, string>> = { destination_port: 'dest_port' };
/** Times become Date objects on its side, texts are decoded by data_coding. */
const PEER_CONVERTS: ReadonlySet<string> = new Set([
  'schedule_delivery_time',
  'validity_period',
  'final_date',
  'short_message',
]);

/** It wraps the text only where the PDU has a data_coding. */
const messageOf = (peer: PeerPdu): Buffer => {
  const carried = peer.short_message as Buffer | { message: Buffer };
  return Buffer.isBuffer(carried) ? carried : carried.message;
};
const ascii = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/[^\x20-\x7e]/g, 'x') : value;

describe('against npm smpp, an independent implementation', () => {
  const peerPdu = fc
    .constantFrom(...(Object.keys(COMMANDS) as Command[]).filter((command) => command !== 'outbind'))
    .chain(arbitraryPdu)
    .map((pdu) => {
      const body = Object.fromEntries(
        Object.entries(pdu.body)
          .filter(([name]) => !PEER_CONVERTS.has(name))
          .map(([name, value]) => [name, ascii(value)]),
      );
      const whole = {
        ...Object.fromEntries(
          Object.entries(COMMANDS[pdu.command].fields)
            .filter(([name]) => PEER_CONVERTS.has(name))
            .map(([name]) => [name, name === 'short_message' ? new Uint8Array([1, 2, 255]) : '']),
        ),
        ...body,
        ...('data_coding' in pdu.body && { data_coding: 4, esm_class: 0 }),
      };
      const tlvs = Object.fromEntries(
        Object.entries(pdu.tlvs)
          .filter(([name]) => !PEER_LACKS.has(name) && !(name in pdu.body))
          .map(([name, value]) => [name, ascii(value)]),
      );
      return { ...pdu, commandStatus: 0, body: whole, tlvs } as unknown as Pdu;
    });

  it('reads what we write', () => {
    fc.assert(
      fc.property(peerPdu, (pdu) => {
        const peer = new smpp.PDU(encodePdu(pdu));
        expect(peer.command).toBe(pdu.command);
        expect(peer.sequence_number).toBe(pdu.sequenceNumber);
        for (const [name, value] of Object.entries(pdu.body)) {
          if (name === 'short_message') expect(hex(messageOf(peer))).toBe(hex(value as Uint8Array));
          else expect(peer[name]).toEqual(value);
        }
        for (const [name, value] of Object.entries(pdu.tlvs)) {
          const theirs = peer[PEER_NAME[name] ?? name];
          if (value instanceof Uint8Array) expect(hex(theirs as Uint8Array)).toBe(hex(value));
          else expect(theirs).toEqual(value);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('writes what we read', () => {
    fc.assert(
      fc.property(peerPdu, (pdu) => {
        const options: Record<string, unknown> = { sequence_number: pdu.sequenceNumber };
        for (const [name, value] of Object.entries({ ...pdu.body, ...pdu.tlvs }))
          options[PEER_NAME[name] ?? name] = value instanceof Uint8Array ? Buffer.from(value) : value;
        const buffer = new smpp.PDU(pdu.command, options).toBuffer();
        expect(opened(buffer)).toEqual(pdu);
      }),
      { numRuns: 400 },
    );
  });
});
