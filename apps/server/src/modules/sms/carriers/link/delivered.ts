import { type Delivery, isReceipt, readMessagePart, readReceipt } from '@signet/carrier-protocols/smpp';
import { decodeGbk, decodeGsm7, decodeUcs2 } from '@signet/sms-text';
import type { Delivered } from './model.ts';

/**
 * Text of octets by data_coding (clause 5.2.19; 15 is GBK by the usage of Chinese carriers). Null for binary and for
 * codings that nobody here defines: guessing would store a wrong text.
 */
export const decodeText = (octets: Uint8Array, dataCoding: number): string | null => {
  switch (dataCoding) {
    case 0:
      return decodeGsm7(octets);
    case 1:
    case 3:
      return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
    case 8:
      return decodeUcs2(octets);
    case 15:
      return decodeGbk(octets);
    default:
      return null;
  }
};

const NO_OCTETS = new Uint8Array(0);

/** A deliver_sm or data_sm in our words. */
export const readDelivery = ({ pdu }: Delivery, handle: number): Delivered => {
  const { body, tlvs } = pdu;
  const shortMessage = 'short_message' in body ? body.short_message : NO_OCTETS;
  const source = { esmClass: body.esm_class, tlvs };
  if (isReceipt(source)) {
    const octets = shortMessage.length === 0 ? (tlvs.message_payload ?? NO_OCTETS) : shortMessage;
    const receipt = readReceipt({ ...source, octets });
    // The receipt comes from the handset, so its source is the submit's destination (clause 4.6).
    return receipt === null
      ? { kind: 'unreadable_receipt', handle }
      : { kind: 'receipt', handle, receipt, destAddr: body.source_addr };
  }
  const part = readMessagePart({ ...source, dataCoding: body.data_coding, shortMessage });
  return {
    kind: 'inbound',
    handle,
    sourceAddr: body.source_addr,
    destAddr: body.destination_addr,
    part,
    text: part.total === 1 ? decodeText(part.octets, part.dataCoding) : null,
  };
};
