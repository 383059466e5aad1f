import type { Tlvs } from './pdus.ts';

/** Where a part says that it belongs to a longer message; 'whole' when it says nothing. */
export type ConcatScheme = 'whole' | 'udh8' | 'udh16' | 'sar';

/** One received part in one shape, whatever told of it. A whole message is part 1 of 1 with reference 0. */
export type MessagePart = {
  readonly scheme: ConcatScheme;
  /** Chosen by the sender; unique only per sender, destination, scheme and total, and only for a while. */
  readonly reference: number;
  readonly total: number;
  /** 1 … total. */
  readonly part: number;
  /** The text alone, without any user data header. */
  readonly octets: Uint8Array;
  readonly dataCoding: number;
};

export type PartSource = {
  readonly esmClass: number;
  readonly dataCoding: number;
  readonly shortMessage: Uint8Array;
  readonly tlvs: Pick<
    Tlvs,
    'message_payload' | 'sar_msg_ref_num' | 'sar_total_segments' | 'sar_segment_seqnum'
  >;
};

/** esm_class bit 6: the text begins with a user data header (clause 5.2.12). */
export const ESM_CLASS_UDHI = 0x40;

type Place = { scheme: 'udh8' | 'udh16' | 'sar'; reference: number; total: number; part: number };

const validPlace = (place: Place): Place | null =>
  place.total >= 1 && place.part >= 1 && place.part <= place.total ? place : null;

/** Finds the concatenation element (3GPP TS 23.040 clauses 9.2.3.24.1 and .8) among a header's elements. */
const readHeader = (header: Uint8Array): Place | null => {
  let offset = 0;
  while (offset + 2 <= header.length) {
    const element = header[offset];
    const octets = header[offset + 1] as number;
    const from = offset + 2;
    if (from + octets > header.length) return null;
    const at = (i: number): number => header[from + i] as number;
    if (element === 0x00 && octets === 3)
      return validPlace({ scheme: 'udh8', reference: at(0), total: at(1), part: at(2) });
    if (element === 0x08 && octets === 4)
      return validPlace({ scheme: 'udh16', reference: (at(0) << 8) | at(1), total: at(2), part: at(3) });
    offset = from + octets;
  }
  return null;
};

/**
 * One part of an inbound message. message_payload stands for short_message when short_message is empty (clause
 * 5.3.2.32). A user data header wins over SAR parameters when a peer sends both. A header that does not fit the text
 * is no header: the octets are then all text, and nothing is lost.
 */
export const readMessagePart = (source: PartSource): MessagePart => {
  const payload = source.tlvs.message_payload;
  const carried = source.shortMessage.length === 0 && payload !== undefined ? payload : source.shortMessage;
  let octets = carried;
  let place: Place | null = null;
  const headerOctets = carried[0];
  if (
    (source.esmClass & ESM_CLASS_UDHI) !== 0 &&
    headerOctets !== undefined &&
    headerOctets < carried.length
  ) {
    place = readHeader(carried.subarray(1, 1 + headerOctets));
    octets = carried.subarray(1 + headerOctets);
  }
  const { sar_msg_ref_num: reference, sar_total_segments: total, sar_segment_seqnum: part } = source.tlvs;
  if (place === null && reference !== undefined && total !== undefined && part !== undefined)
    place = validPlace({ scheme: 'sar', reference, total, part });
  return {
    scheme: place?.scheme ?? 'whole',
    reference: place?.reference ?? 0,
    total: place?.total ?? 1,
    part: place?.part ?? 1,
    octets,
    dataCoding: source.dataCoding,
  };
};

export type OutgoingSegment = {
  /** udh8 takes the reference modulo 256. */
  readonly reference: number;
  readonly total: number;
  readonly part: number;
  readonly octets: Uint8Array;
};

/** How a carrier wants its long messages. 'payload' is one PDU for the whole text. */
export type SegmentStyle = 'udh8' | 'udh16' | 'sar' | 'payload';

export type PlacedSegment = {
  readonly esmClass: number;
  readonly shortMessage: Uint8Array;
  readonly tlvs: Tlvs;
};

/**
 * Puts one segment into the fields of a submit_sm or deliver_sm. A message of one segment needs no header.
 * @throws RangeError when part or total are not 1 … 255, or text and header exceed 254 octets
 */
export const placeSegment = (segment: OutgoingSegment, style: SegmentStyle): PlacedSegment => {
  const { reference, total, part, octets } = segment;
  if (!(part >= 1 && part <= total && total <= 255)) throw new RangeError('segment: part or total not 1–255');
  if (style === 'payload')
    return { esmClass: 0, shortMessage: new Uint8Array(0), tlvs: { message_payload: octets } };
  const header =
    total === 1 || style === 'sar'
      ? []
      : style === 'udh8'
        ? [5, 0x00, 3, reference & 0xff, total, part]
        : [6, 0x08, 4, (reference >> 8) & 0xff, reference & 0xff, total, part];
  if (header.length + octets.length > 254) throw new RangeError('segment: longer than 254 octets');
  const shortMessage = header.length === 0 ? octets : new Uint8Array(header.length + octets.length);
  if (header.length > 0) {
    shortMessage.set(header);
    shortMessage.set(octets, header.length);
  }
  return {
    esmClass: header.length > 0 ? ESM_CLASS_UDHI : 0,
    shortMessage,
    tlvs:
      style === 'sar' && total > 1
        ? { sar_msg_ref_num: reference & 0xffff, sar_total_segments: total, sar_segment_seqnum: part }
        : {},
  };
};

export type Assembler = {
  /**
   * Takes a part; returns the whole text's octets once all parts are there, else null. `from` names whom the
   * reference belongs to (sender and destination). A repeated part replaces the earlier one.
   */
  add(from: string, part: MessagePart, now: number): Uint8Array | null;
  /** Unfinished messages held. */
  pending(): number;
};

/**
 * Joins parts in memory, bounded: the oldest unfinished message gives way beyond `maxMessages`, and one older than
 * `maxAgeMs` is dropped, so that a reused reference never joins parts of two messages.
 */
export const createAssembler = (maxMessages: number, maxAgeMs: number): Assembler => {
  type Unfinished = { startedAt: number; parts: (Uint8Array | undefined)[]; missing: number };
  const unfinished = new Map<string, Unfinished>();
  const dropOld = (now: number): void => {
    for (const [key, entry] of unfinished) {
      if (now - entry.startedAt <= maxAgeMs && unfinished.size <= maxMessages) return;
      unfinished.delete(key);
    }
  };
  return {
    pending: () => unfinished.size,
    add(from, part, now) {
      dropOld(now);
      if (part.total === 1) return part.octets;
      const key = `${part.scheme}/${part.reference}/${part.total}/${part.dataCoding}/${from}`;
      let entry = unfinished.get(key);
      if (entry === undefined) {
        entry = { startedAt: now, parts: new Array(part.total), missing: part.total };
        unfinished.set(key, entry);
        dropOld(now);
      }
      if (entry.parts[part.part - 1] === undefined) entry.missing -= 1;
      entry.parts[part.part - 1] = part.octets;
      if (entry.missing > 0) return null;
      unfinished.delete(key);
      const octets = new Uint8Array(entry.parts.reduce((sum, piece) => sum + (piece?.length ?? 0), 0));
      let offset = 0;
      for (const piece of entry.parts) {
        octets.set(piece as Uint8Array, offset);
        offset += (piece as Uint8Array).length;
      }
      return octets;
    },
  };
};
