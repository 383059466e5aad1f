import { HEADER_OCTETS } from './pdus.ts';
import { STATUS } from './status.ts';

/** The deliver_sm and data_sm that the SMSC keeps until we say that they are stored; bounded. */
export type HeldDeliveries = {
  isFull(): boolean;
  /** Returns the handle by which `acknowledge` finds it again. */
  hold(sequenceNumber: number, responseId: number): number;
  /** The responses for these handles in one buffer, or null when none of them is held. */
  acknowledge(handles: readonly number[], commandStatus: number): Buffer | null;
  clear(): void;
};

export const createHeldDeliveries = (maxHeld: number): HeldDeliveries => {
  const held = new Map<number, { readonly sequence: number; readonly responseId: number }>();
  let lastHandle = 0;
  return {
    isFull: () => held.size >= maxHeld,
    hold(sequence, responseId) {
      lastHandle += 1;
      held.set(lastHandle, { sequence, responseId });
      return lastHandle;
    },
    acknowledge(handles, commandStatus) {
      // A deliver_sm_resp is its header and one NUL: message_id is unused (clause 4.6.2); a refusal has no body.
      const octets = commandStatus === STATUS.ok ? HEADER_OCTETS + 1 : HEADER_OCTETS;
      const target = Buffer.alloc(octets * handles.length);
      let offset = 0;
      for (const handle of handles) {
        const entry = held.get(handle);
        if (entry === undefined) continue;
        held.delete(handle);
        target.writeUInt32BE(octets, offset);
        target.writeUInt32BE(entry.responseId, offset + 4);
        target.writeUInt32BE(commandStatus, offset + 8);
        target.writeUInt32BE(entry.sequence, offset + 12);
        offset += octets;
      }
      return offset === 0 ? null : target.subarray(0, offset);
    },
    clear: () => held.clear(),
  };
};
