import { HEADER_OCTETS } from './pdus.ts';

export type FrameFault = 'command_length_too_small' | 'command_length_too_large';

export type Framer = {
  /**
   * Calls `frame(buffer, start, end)` once for each whole PDU, in order. The range is a view of `chunk` or of the
   * framer's own buffer and is valid only during the call. Returns the fault after which the stream cannot be
   * read any more (the link must be closed; later calls return it again), or null.
   */
  push(chunk: Buffer, frame: (buffer: Buffer, start: number, end: number) => void): FrameFault | null;
  /** Octets held back for an unfinished PDU: never more than the limit. */
  pendingOctets(): number;
};

/** 64 KiB: the largest TLV (message_payload, 65,535 octets) is above any SMSC's own limit. */
export const MAX_PDU_OCTETS = 65_536;

/**
 * Cuts a TCP byte stream into PDUs, however it was split or merged. command_length is judged before anything is
 * allocated for it (HTTP scanners on the port announce lengths of gigabytes); one buffer of that length then
 * holds the unfinished PDU, so the memory is at most `maxPduOctets` and a PDU in n pieces is copied once.
 */
export const createFramer = (maxPduOctets: number = MAX_PDU_OCTETS): Framer => {
  const lengthOctets = Buffer.alloc(4);
  let pending: Buffer | null = null;
  let filled = 0;
  let fault: FrameFault | null = null;

  const judge = (octets: number): FrameFault | null =>
    octets < HEADER_OCTETS
      ? 'command_length_too_small'
      : octets > maxPduOctets
        ? 'command_length_too_large'
        : null;

  return {
    pendingOctets: () => filled,
    push(chunk, frame) {
      let offset = 0;
      while (fault === null && offset < chunk.length) {
        if (pending === null && filled === 0 && chunk.length - offset >= 4) {
          const octets = chunk.readUInt32BE(offset);
          fault = judge(octets);
          if (fault !== null) break;
          if (chunk.length - offset >= octets) {
            frame(chunk, offset, offset + octets);
            offset += octets;
            continue;
          }
        }
        if (pending === null) {
          const taken = chunk.copy(lengthOctets, filled, offset, offset + 4 - filled);
          filled += taken;
          offset += taken;
          if (filled < 4) break;
          const octets = lengthOctets.readUInt32BE(0);
          fault = judge(octets);
          if (fault !== null) break;
          pending = Buffer.allocUnsafe(octets);
          lengthOctets.copy(pending);
        }
        const taken = chunk.copy(pending, filled, offset, offset + pending.length - filled);
        filled += taken;
        offset += taken;
        if (filled === pending.length) {
          const whole: Buffer = pending;
          pending = null;
          filled = 0;
          frame(whole, 0, whole.length);
        }
      }
      if (fault !== null) {
        pending = null;
        filled = 0;
      }
      return fault;
    },
  };
};
