import { STATUS } from './status.ts';

/**
 * The one table of SMPP 3.4 messages. The encoder and the parser both read it and hold no layout of their own;
 * names are spelled as the specification spells them.
 *
 * Field types are those of clause 3.1; `maxOctets` of a C-octet string counts its terminating NUL, as the
 * specification's size column does. `status` is what a receiver answers when exactly this field is wrong.
 */
export type FieldSpec =
  | { readonly kind: 'integer'; readonly octets: 1 | 2 | 4; readonly status: number }
  | { readonly kind: 'cOctetString'; readonly maxOctets: number; readonly status: number }
  | { readonly kind: 'octetString'; readonly maxOctets: number; readonly status: number };

export type TlvSpec =
  | { readonly tag: number; readonly kind: 'integer'; readonly octets: 1 | 2 | 4 }
  | { readonly tag: number; readonly kind: 'cOctetString'; readonly maxOctets: number }
  | {
      readonly tag: number;
      readonly kind: 'octets';
      readonly minOctets: number;
      readonly maxOctets: number;
    }
  | {
      readonly tag: number;
      readonly kind: 'octetsList';
      readonly minOctets: number;
      readonly maxOctets: number;
    };

const INVALID = STATUS.invalidCommandLength;
const u1 = { kind: 'integer', octets: 1, status: INVALID } as const;
const cstring = <const S extends number>(maxOctets: number, status: S) =>
  ({ kind: 'cOctetString', maxOctets, status }) as const;

const BIND = {
  system_id: cstring(16, STATUS.invalidSystemId),
  password: cstring(9, STATUS.invalidPassword),
  system_type: cstring(13, STATUS.invalidSystemType),
  interface_version: u1,
  addr_ton: u1,
  addr_npi: u1,
  address_range: cstring(41, INVALID),
} as const;

const BIND_RESP = { system_id: cstring(16, STATUS.invalidSystemId) } as const;

const MESSAGE_ID = { message_id: cstring(65, STATUS.invalidMessageId) } as const;

/** sm_length is one octet; 254 is the largest value that clause 5.2.21 allows. */
const SHORT_MESSAGE = { kind: 'octetString', maxOctets: 254, status: STATUS.invalidMessageLength } as const;

const SHORT_MESSAGE_BODY = {
  service_type: cstring(6, STATUS.invalidServiceType),
  source_addr_ton: u1,
  source_addr_npi: u1,
  source_addr: cstring(21, STATUS.invalidSourceAddress),
  dest_addr_ton: u1,
  dest_addr_npi: u1,
  destination_addr: cstring(21, STATUS.invalidDestinationAddress),
  esm_class: u1,
  protocol_id: u1,
  priority_flag: u1,
  schedule_delivery_time: cstring(17, STATUS.invalidSchedule),
  validity_period: cstring(17, STATUS.invalidExpiry),
  registered_delivery: u1,
  replace_if_present_flag: u1,
  data_coding: u1,
  sm_default_msg_id: u1,
  short_message: SHORT_MESSAGE,
} as const;

/** Every command: id (clause 5.1.2.1) and mandatory fields in wire order (clause 4). */
export const COMMANDS = {
  generic_nack: { id: 0x80000000, fields: {} },
  bind_receiver: { id: 0x00000001, fields: BIND },
  bind_receiver_resp: { id: 0x80000001, fields: BIND_RESP },
  bind_transmitter: { id: 0x00000002, fields: BIND },
  bind_transmitter_resp: { id: 0x80000002, fields: BIND_RESP },
  query_sm: {
    id: 0x00000003,
    fields: {
      message_id: cstring(65, STATUS.invalidMessageId),
      source_addr_ton: u1,
      source_addr_npi: u1,
      source_addr: cstring(21, STATUS.invalidSourceAddress),
    },
  },
  query_sm_resp: {
    id: 0x80000003,
    fields: {
      message_id: cstring(65, STATUS.invalidMessageId),
      final_date: cstring(17, INVALID),
      message_state: u1,
      error_code: u1,
    },
  },
  submit_sm: { id: 0x00000004, fields: SHORT_MESSAGE_BODY },
  submit_sm_resp: { id: 0x80000004, fields: MESSAGE_ID },
  deliver_sm: { id: 0x00000005, fields: SHORT_MESSAGE_BODY },
  deliver_sm_resp: { id: 0x80000005, fields: MESSAGE_ID },
  unbind: { id: 0x00000006, fields: {} },
  unbind_resp: { id: 0x80000006, fields: {} },
  replace_sm: {
    id: 0x00000007,
    fields: {
      message_id: cstring(65, STATUS.invalidMessageId),
      source_addr_ton: u1,
      source_addr_npi: u1,
      source_addr: cstring(21, STATUS.invalidSourceAddress),
      schedule_delivery_time: cstring(17, STATUS.invalidSchedule),
      validity_period: cstring(17, STATUS.invalidExpiry),
      registered_delivery: u1,
      sm_default_msg_id: u1,
      short_message: SHORT_MESSAGE,
    },
  },
  replace_sm_resp: { id: 0x80000007, fields: {} },
  cancel_sm: {
    id: 0x00000008,
    fields: {
      service_type: cstring(6, STATUS.invalidServiceType),
      message_id: cstring(65, STATUS.invalidMessageId),
      source_addr_ton: u1,
      source_addr_npi: u1,
      source_addr: cstring(21, STATUS.invalidSourceAddress),
      dest_addr_ton: u1,
      dest_addr_npi: u1,
      destination_addr: cstring(21, STATUS.invalidDestinationAddress),
    },
  },
  cancel_sm_resp: { id: 0x80000008, fields: {} },
  bind_transceiver: { id: 0x00000009, fields: BIND },
  bind_transceiver_resp: { id: 0x80000009, fields: BIND_RESP },
  outbind: {
    id: 0x0000000b,
    fields: { system_id: cstring(16, STATUS.invalidSystemId), password: cstring(9, STATUS.invalidPassword) },
  },
  enquire_link: { id: 0x00000015, fields: {} },
  enquire_link_resp: { id: 0x80000015, fields: {} },
  alert_notification: {
    id: 0x00000102,
    fields: {
      source_addr_ton: u1,
      source_addr_npi: u1,
      source_addr: cstring(65, STATUS.invalidSourceAddress),
      esme_addr_ton: u1,
      esme_addr_npi: u1,
      esme_addr: cstring(65, STATUS.invalidDestinationAddress),
    },
  },
  data_sm: {
    id: 0x00000103,
    fields: {
      service_type: cstring(6, STATUS.invalidServiceType),
      source_addr_ton: u1,
      source_addr_npi: u1,
      source_addr: cstring(65, STATUS.invalidSourceAddress),
      dest_addr_ton: u1,
      dest_addr_npi: u1,
      destination_addr: cstring(65, STATUS.invalidDestinationAddress),
      esm_class: u1,
      registered_delivery: u1,
      data_coding: u1,
    },
  },
  data_sm_resp: { id: 0x80000103, fields: MESSAGE_ID },
} as const satisfies Record<
  string,
  { readonly id: number; readonly fields: Readonly<Record<string, FieldSpec>> }
>;

const tlvU1 = <const T extends number>(tag: T) => ({ tag, kind: 'integer', octets: 1 }) as const;
const tlvU2 = <const T extends number>(tag: T) => ({ tag, kind: 'integer', octets: 2 }) as const;
const tlvOctets = (tag: number, minOctets: number, maxOctets: number) =>
  ({ tag, kind: 'octets', minOctets, maxOctets }) as const;
const tlvList = (tag: number, minOctets: number, maxOctets: number) =>
  ({ tag, kind: 'octetsList', minOctets, maxOctets }) as const;

/** Every optional parameter of clause 5.3.2. `octetsList`: may occur more than once in one PDU. */
export const TLVS = {
  dest_addr_subunit: tlvU1(0x0005),
  dest_network_type: tlvU1(0x0006),
  dest_bearer_type: tlvU1(0x0007),
  dest_telematics_id: tlvU2(0x0008),
  source_addr_subunit: tlvU1(0x000d),
  source_network_type: tlvU1(0x000e),
  source_bearer_type: tlvU1(0x000f),
  source_telematics_id: tlvU1(0x0010),
  qos_time_to_live: { tag: 0x0017, kind: 'integer', octets: 4 },
  payload_type: tlvU1(0x0019),
  additional_status_info_text: { tag: 0x001d, kind: 'cOctetString', maxOctets: 256 },
  receipted_message_id: { tag: 0x001e, kind: 'cOctetString', maxOctets: 65 },
  ms_msg_wait_facilities: tlvU1(0x0030),
  privacy_indicator: tlvU1(0x0201),
  source_subaddress: tlvOctets(0x0202, 2, 23),
  dest_subaddress: tlvOctets(0x0203, 2, 23),
  user_message_reference: tlvU2(0x0204),
  user_response_code: tlvU1(0x0205),
  source_port: tlvU2(0x020a),
  destination_port: tlvU2(0x020b),
  sar_msg_ref_num: tlvU2(0x020c),
  language_indicator: tlvU1(0x020d),
  sar_total_segments: tlvU1(0x020e),
  sar_segment_seqnum: tlvU1(0x020f),
  sc_interface_version: tlvU1(0x0210),
  callback_num_pres_ind: tlvList(0x0302, 1, 1),
  callback_num_atag: tlvList(0x0303, 0, 65),
  number_of_messages: tlvU1(0x0304),
  callback_num: tlvList(0x0381, 4, 19),
  dpf_result: tlvU1(0x0420),
  set_dpf: tlvU1(0x0421),
  ms_availability_status: tlvU1(0x0422),
  network_error_code: tlvOctets(0x0423, 3, 3),
  message_payload: tlvOctets(0x0424, 0, 0xffff),
  delivery_failure_reason: tlvU1(0x0425),
  more_messages_to_send: tlvU1(0x0426),
  message_state: tlvU1(0x0427),
  ussd_service_op: tlvU1(0x0501),
  display_time: tlvU1(0x1201),
  sms_signal: tlvU2(0x1203),
  ms_validity: tlvU1(0x1204),
  alert_on_message_delivery: tlvOctets(0x130c, 0, 1),
  its_reply_type: tlvU1(0x1380),
  its_session_info: tlvOctets(0x1383, 2, 2),
} as const satisfies Record<string, TlvSpec>;

export type Command = keyof typeof COMMANDS;
export type TlvName = keyof typeof TLVS;

type ValueOf<S> = S extends { kind: 'integer' }
  ? number
  : S extends { kind: 'cOctetString' }
    ? string
    : S extends { kind: 'octetsList' }
      ? readonly Uint8Array[]
      : Uint8Array;

/** Mandatory fields of a command, by their wire names. C-octet strings are read as ISO 8859-1, so no octet is lost. */
export type BodyOf<C extends Command> = {
  readonly [F in keyof (typeof COMMANDS)[C]['fields']]: ValueOf<(typeof COMMANDS)[C]['fields'][F]>;
};

export type Tlvs = { readonly [T in TlvName]?: ValueOf<(typeof TLVS)[T]> };

/** An optional parameter whose tag the table lacks (vendor ranges): kept, never interpreted. */
export type UnknownTlv = { readonly tag: number; readonly octets: Uint8Array };

export type PduOf<C extends Command> = {
  readonly command: C;
  readonly commandStatus: number;
  /** 0x00000001–0x7FFFFFFF in requests (clause 3.2); a response carries its request's; 0 only in a generic_nack. */
  readonly sequenceNumber: number;
  readonly body: BodyOf<C>;
  readonly tlvs: Tlvs;
  readonly unknownTlvs?: readonly UnknownTlv[];
};

export type Pdu = { [C in Command]: PduOf<C> }[Command];

/** Bit 31 of command_id marks a response (clause 5.1.2). */
export const RESPONSE_BIT = 0x80000000;

/** Header: command_length, command_id, command_status, sequence_number; 4 octets each (clause 3.2). */
export const HEADER_OCTETS = 16;
