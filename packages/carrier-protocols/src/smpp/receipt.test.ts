import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { candidateIds, storedIdKey } from './message-id.ts';
import {
  isReceipt,
  messageStateNumber,
  type ReceiptSource,
  readReceipt,
  readReceiptText,
  receiptTime,
  writeReceiptText,
} from './receipt.ts';

const source = (text: string, tlvs: ReceiptSource['tlvs'] = {}, esmClass = 0x04): ReceiptSource => ({
  esmClass,
  octets: Buffer.from(text, 'latin1'),
  tlvs,
});

const TEXT =
  'id:0001234567 sub:001 dlvrd:001 submit date:2611211430 done date:261121143105 stat:DELIVRD err:000 text:hello';

describe('message ids match in whatever form they come', () => {
  it('hexadecimal in the response, decimal in the receipt, and the reverse', () => {
    expect(candidateIds('6699')).toContain(storedIdKey('1A2B'));
    expect(candidateIds('1a2b')).toContain(storedIdKey('6699'));
    expect(candidateIds('00000000000000000042')).toContain(storedIdKey('42'));
    expect(candidateIds('42')).toContain(storedIdKey('0000000042'));
  });

  it('prefers the id as it is, gives at most three keys, none for nothing', () => {
    expect(candidateIds('123')[0]).toBe(storedIdKey('123'));
    expect(candidateIds('')).toEqual([]);
    expect(candidateIds('  ')).toEqual([]);
    expect(candidateIds('b9c1-77Zq')).toEqual(['b9c1-77Zq']);
    expect(storedIdKey('0')).toBe('0');
    expect(storedIdKey('000')).toBe('0');
  });

  it('for every number, form, case and padding', () => {
    const form = fc.constantFrom<(id: bigint, zeros: number) => string>(
      (id) => id.toString(),
      (id) => id.toString(16),
      (id) => id.toString(16).toUpperCase(),
      (id, zeros) => '0'.repeat(zeros) + id.toString(),
      (id, zeros) => '0'.repeat(zeros) + id.toString(16).toUpperCase(),
    );
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 80n }),
        form,
        form,
        fc.nat(12),
        (id, sent, received, zeros) => {
          const keys = candidateIds(received(id, zeros));
          expect(keys).toContain(storedIdKey(sent(id, 3)));
          expect(keys.length).toBeLessThanOrEqual(3);
        },
      ),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (id) => void candidateIds(id)));
  });
});

describe('readReceipt', () => {
  it('reads the text form', () => {
    expect(readReceipt(source(TEXT))).toEqual({
      messageId: '0001234567',
      candidateIds: ['1234567', '12d687', '19088743'],
      state: 'delivered',
      isFinal: true,
      errorCode: '000',
      submitDate: '2611211430',
      doneDate: '261121143105',
    });
  });

  it('lets the TLVs win and keeps the keys of both ids', () => {
    const receipt = readReceipt(
      source('id:6699 stat:ENROUTE err:012', {
        receipted_message_id: '1A2C',
        message_state: 5,
        network_error_code: new Uint8Array([3, 0x01, 0x02]),
      }),
    );
    expect(receipt).toMatchObject({ messageId: '1A2C', state: 'undeliverable', errorCode: '012' });
    expect(receipt?.candidateIds).toEqual(expect.arrayContaining(['1a2c', '6700', '6699', '1a2b']));
  });

  it('reads TLVs alone', () => {
    expect(
      readReceipt(
        source('', {
          receipted_message_id: '77',
          message_state: 2,
          network_error_code: new Uint8Array([3, 0x01, 0x02]),
        }),
      ),
    ).toMatchObject({ state: 'delivered', errorCode: '258' });
  });

  it.each([
    ['any order', 'stat:EXPIRED err:002 id:9 done date:2611211430'],
    ['any case, underscores, commas', 'ID:9, DONE_DATE:2611211430, STAT:expired, Err:002'],
    ['blanks after the colon', 'id: 9 done date: 2611211430 stat: EXPIRED err: 002'],
  ])('in %s', (_, text) => {
    expect(readReceipt(source(text))).toMatchObject({
      messageId: '9',
      state: 'expired',
      errorCode: '002',
      doneDate: '2611211430',
    });
  });

  it('is not misled by labels inside the message text', () => {
    expect(readReceipt(source(`${TEXT} id:666 stat:REJECTD`))).toMatchObject({
      messageId: '0001234567',
      state: 'delivered',
    });
  });

  it('does not take a handset’s word for a receipt', () => {
    expect(isReceipt(source(TEXT, {}, 0))).toBe(false);
    expect(readReceipt(source(TEXT, {}, 0))).toBeNull();
    expect(isReceipt(source('', { receipted_message_id: '1' }, 0))).toBe(true);
  });

  it('is null without an id or a state, and not final on the way', () => {
    expect(readReceipt(source('stat:DELIVRD'))).toBeNull();
    expect(readReceipt(source('id:7'))).toBeNull();
    expect(readReceipt(source('id:7 stat:constructor'))).toBeNull();
    expect(readReceipt(source('id:7 stat:ACCEPTD'))?.isFinal).toBe(false);
    expect(readReceipt(source('id:7 stat:UNDELIV', {}, 0x20))?.isFinal).toBe(false);
  });

  it('reads back every receipt that the simulator can write', () => {
    const id = fc.stringMatching(/^[0-9A-F]{1,20}$/);
    const state = fc.constantFrom(
      'enroute' as const,
      'delivered' as const,
      'expired' as const,
      'deleted' as const,
      'undeliverable' as const,
      'accepted' as const,
      'unknown' as const,
      'rejected' as const,
    );
    fc.assert(
      fc.property(id, state, fc.boolean(), (messageId, wanted, withTlvs) => {
        const text = writeReceiptText({
          messageId,
          state: wanted,
          submitDate: '2611211430',
          doneDate: '2611211431',
          errorCode: '000',
          text: 'id:1 stat:X',
        });
        const tlvs = withTlvs
          ? { receipted_message_id: messageId, message_state: messageStateNumber(wanted) }
          : {};
        expect(readReceipt(source(text, tlvs))).toMatchObject({ messageId, state: wanted, errorCode: '000' });
      }),
    );
  });

  it('never throws on arbitrary octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1_500 }), fc.nat(300), (octets, state) => {
        readReceiptText(octets);
        readReceipt({ esmClass: 4, octets, tlvs: { message_state: state, receipted_message_id: 'a' } });
      }),
    );
  });
});

describe('receiptTime', () => {
  it.each([
    ['2611211430', 480, Date.UTC(2026, 10, 21, 6, 30, 0)],
    ['261121143059', 0, Date.UTC(2026, 10, 21, 14, 30, 59)],
    ['2602311430', 0, null],
    ['2613211430', 0, null],
    ['26112114', 0, null],
    ['', 0, null],
  ])('%s at UTC%+i minutes', (digits, offset, expected) => {
    expect(receiptTime(digits, offset)).toBe(expected);
  });
});
