import type { EsmeSettings } from './esme.ts';
import type { BodyOf } from './pdus.ts';

export const ESME_SETTINGS: EsmeSettings = {
  bindMode: 'transceiver',
  systemId: 'signet',
  password: 'secret08',
  systemType: '',
  window: 4,
  perSecond: 0,
  sessionInitMs: 5_000,
  enquireLinkMs: 30_000,
  responseTimeoutMs: 10_000,
  inactivityMs: 0,
  maxUnacknowledged: 3,
};

export const MESSAGE = {
  sourceAddr: '10690001',
  sourceTon: 0,
  sourceNpi: 1,
  destAddr: '8613900000001',
  destTon: 1,
  destNpi: 1,
  esmClass: 0,
  dataCoding: 8,
  shortMessage: new Uint8Array([0x60, 0xa8]),
  registeredDelivery: 1,
} as const;

/** The mandatory fields of a short inbound message. */
export const deliverFields = (text: string): BodyOf<'deliver_sm'> => ({
  service_type: '',
  source_addr_ton: 1,
  source_addr_npi: 1,
  source_addr: '8613900000001',
  dest_addr_ton: 0,
  dest_addr_npi: 1,
  destination_addr: '10690001',
  esm_class: 0,
  protocol_id: 0,
  priority_flag: 0,
  schedule_delivery_time: '',
  validity_period: '',
  registered_delivery: 0,
  replace_if_present_flag: 0,
  data_coding: 0,
  sm_default_msg_id: 0,
  short_message: Buffer.from(text, 'latin1'),
});
