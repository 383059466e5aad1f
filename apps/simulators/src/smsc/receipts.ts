import {
  type MessageState,
  messageStateNumber,
  type PduOf,
  type Tlvs,
  writeReceiptText,
} from '@signet/carrier-protocols/smpp';
import type { IdForm } from './control.ts';

/** A message id in the form that the SMSC was told to use. */
export const writeMessageId = (id: number, form: IdForm): string =>
  form === 'hex'
    ? id.toString(16).toUpperCase()
    : form === 'zero_padded'
      ? String(id).padStart(20, '0')
      : String(id);

/** YYMMDDhhmmss in UTC. */
const receiptDate = (at: number): string => new Date(at).toISOString().replace(/\D/g, '').slice(2, 14);

export type DueReceipt = {
  readonly messageId: string;
  readonly phone: string;
  readonly sender: string;
  readonly state: MessageState;
  readonly submittedAt: number;
  readonly dueAt: number;
};

const ERROR_CODE: Partial<Record<MessageState, string>> = { undeliverable: '001', expired: '002' };

/** The deliver_sm of a receipt: text form and TLVs both (clauses 5.3.2.12, 5.3.2.35, appendix B). */
export const receiptPdu = (
  receipt: DueReceipt,
  now: number,
): { body: PduOf<'deliver_sm'>['body']; tlvs: Tlvs } => ({
  body: deliverBody(receipt.phone, receipt.sender, {
    esm_class: 0x04,
    data_coding: 0,
    short_message: Buffer.from(
      writeReceiptText({
        messageId: receipt.messageId,
        state: receipt.state,
        submitDate: receiptDate(receipt.submittedAt),
        doneDate: receiptDate(now),
        errorCode: ERROR_CODE[receipt.state] ?? '000',
        text: '',
      }),
      'latin1',
    ),
  }),
  tlvs: { receipted_message_id: receipt.messageId, message_state: messageStateNumber(receipt.state) },
});

/** A deliver_sm from a phone: everything that neither receipt nor reply sets is empty. */
export const deliverBody = (
  from: string,
  to: string,
  fields: Pick<PduOf<'deliver_sm'>['body'], 'esm_class' | 'data_coding' | 'short_message'>,
): PduOf<'deliver_sm'>['body'] => ({
  service_type: '',
  source_addr_ton: 1,
  source_addr_npi: 1,
  source_addr: from,
  dest_addr_ton: 0,
  dest_addr_npi: 1,
  destination_addr: to,
  protocol_id: 0,
  priority_flag: 0,
  schedule_delivery_time: '',
  validity_period: '',
  registered_delivery: 0,
  replace_if_present_flag: 0,
  sm_default_msg_id: 0,
  ...fields,
});
