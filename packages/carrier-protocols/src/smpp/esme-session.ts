import { commandOf, decodePdu, encodeHeader, encodePdu, pduOf } from './codec.ts';
import { createHeldDeliveries } from './deliveries.ts';
import type { EsmeCounters, EsmeOutput, EsmeSession, EsmeSettings } from './esme.ts';
import { createFramer, type FrameFault, MAX_PDU_OCTETS } from './framer.ts';
import { createPace, type Pace } from './pace.ts';
import { COMMANDS, type Command, type PduOf, RESPONSE_BIT } from './pdus.ts';
import type { BindMode, SessionEnd, SessionState, Settled } from './session.ts';
import { STATUS, statusRow } from './status.ts';
import { readMessageId, SUBMIT_SM_FIXED_MAX_OCTETS, writeSubmitSm } from './submit.ts';
import { dueTimer, nextDeadline, type TimerMarks } from './timers.ts';
import { createWindow, nextSequence } from './window.ts';

/** submit_sm needs a transmitter, deliver_sm a receiver (table 2-1 of clause 2.3). */
const canSubmit = (mode: BindMode): boolean => mode !== 'receiver';

/** Interface version 3.4 (clause 5.2.4). */
const INTERFACE_VERSION = 0x34;

/**
 * The ESME side of one SMPP session (clause 2.2), from transport open to its end: a closure over the state with
 * `now` as an argument, no socket, no clock. Every submit gets exactly one outcome: its answer, 'timeout' or
 * 'link_lost'. A link that ended is not reused: create another session.
 */
export const createEsmeSession = (settings: EsmeSettings, sharedPace?: Pace): EsmeSession => {
  const window = createWindow(settings.window, settings.responseTimeoutMs);
  const pace = sharedPace ?? createPace(settings.perSecond);
  const framer = createFramer(settings.maxPduOctets ?? MAX_PDU_OCTETS);
  const held = createHeldDeliveries(settings.maxUnacknowledged);
  const counters: EsmeCounters = {
    late: 0,
    unexpected: 0,
    undecodable: 0,
    genericNacks: 0,
    refusedDeliveries: 0,
  };
  const marks: TimerMarks = {
    openedAt: 0,
    isBound: false,
    heardAt: 0,
    messageAt: 0,
    enquiredAt: null,
    unboundAt: null,
    responseDueAt: null,
  };
  let state: SessionState = 'open';
  let sequence = 0;
  let bindSequence = 0;
  let unbindSequence = 0;
  let output: EsmeOutput = emptyOutput();

  function emptyOutput(): EsmeOutput {
    return {
      write: [],
      outcomes: [],
      late: [],
      deliveries: [],
      becameBound: false,
      throttled: false,
      end: null,
    };
  }
  const isClosed = (): boolean => state === 'closed';
  const begin = (): void => {
    output = emptyOutput();
  };
  const takeSequence = (): number => {
    sequence = nextSequence(sequence);
    return sequence;
  };
  const answer = (responseId: number, status: number, sequenceNumber: number): void => {
    output.write.push(encodeHeader(responseId, status, sequenceNumber));
  };
  const end = (reason: SessionEnd): void => {
    if (state === 'closed') return;
    state = 'closed';
    marks.isBound = false;
    held.clear();
    for (const token of window.drain())
      output.outcomes.push({ token, outcome: { kind: 'unknown', reason: 'link_lost' } });
    output.end = reason;
  };

  const settle = (sequenceNumber: number, status: number, messageId: string, now: number): boolean => {
    const token = window.settle(sequenceNumber);
    const lateToken = token === undefined ? window.settleLate(sequenceNumber) : undefined;
    const known = token ?? lateToken;
    if (known === undefined) return false;
    const judged = statusRow(status);
    const settled: Settled = {
      token: known,
      outcome:
        judged.outcome === 'accepted'
          ? { kind: 'accepted', carrierMessageId: messageId }
          : { kind: 'rejected', status, retryable: judged.outcome === 'retryable' },
    };
    if (judged.throttled) {
      pace.throttled(now);
      output.throttled = true;
    }
    if (token === undefined) {
      counters.late += 1;
      output.late.push(settled);
    } else {
      output.outcomes.push(settled);
    }
    return true;
  };

  const bound = (now: number): void => {
    state = 'bound';
    marks.isBound = true;
    marks.messageAt = now;
    output.becameBound = true;
  };

  const response = (
    id: number,
    status: number,
    sequenceNumber: number,
    now: number,
    messageId: string,
  ): void => {
    if (id === COMMANDS.generic_nack.id) counters.genericNacks += 1;
    const nack = id === COMMANDS.generic_nack.id;
    if (state === 'binding' && sequenceNumber === bindSequence) {
      if (!nack && id !== (COMMANDS[`bind_${settings.bindMode}`].id | RESPONSE_BIT) >>> 0)
        counters.unexpected += 1;
      else if (status === STATUS.ok && !nack) bound(now);
      else end({ reason: 'bind_refused', status });
      return;
    }
    if (state === 'unbinding' && sequenceNumber === unbindSequence) {
      if (nack || id === COMMANDS.unbind_resp.id) end({ reason: 'unbound' });
      return;
    }
    // Hearing anything answers enquire_link, so neither its response nor a nack of it needs matching.
    if (id === COMMANDS.enquire_link_resp.id) return;
    if (id !== COMMANDS.submit_sm_resp.id && !nack) {
      counters.unexpected += 1;
      return;
    }
    // A generic_nack with status 0 is nonsense, yet it is a refusal: the PDU was not processed.
    const judged = nack && status === STATUS.ok ? STATUS.systemError : status;
    if (!settle(sequenceNumber, judged, messageId, now)) counters.unexpected += 1;
  };

  const delivery = (pdu: PduOf<'deliver_sm'> | PduOf<'data_sm'>, now: number): void => {
    const responseId = COMMANDS[pdu.command].id + RESPONSE_BIT;
    if (state === 'unbinding' || held.isFull()) {
      counters.refusedDeliveries += 1;
      answer(responseId, STATUS.temporaryReceiverError, pdu.sequenceNumber);
      return;
    }
    marks.messageAt = now;
    const handle = held.hold(pdu.sequenceNumber, responseId);
    output.deliveries.push({ handle, pdu });
  };

  const isBoundState = (): boolean => state === 'bound' || state === 'unbinding';

  const request = (
    command: Command | null,
    buffer: Buffer,
    start: number,
    last: number,
    now: number,
  ): void => {
    const id = buffer.readUInt32BE(start + 4);
    const sequenceNumber = buffer.readUInt32BE(start + 12);
    const responseId = id + RESPONSE_BIT;
    switch (command) {
      case 'enquire_link':
        answer(COMMANDS.enquire_link_resp.id, STATUS.ok, sequenceNumber);
        return;
      case 'unbind':
        answer(COMMANDS.unbind_resp.id, STATUS.ok, sequenceNumber);
        end({ reason: 'peer_unbound' });
        return;
      case 'deliver_sm':
      case 'data_sm': {
        if (!isBoundState() || settings.bindMode === 'transmitter') {
          answer(responseId, STATUS.invalidBindState, sequenceNumber);
          return;
        }
        const decoded = decodePdu(buffer, start, last);
        if (decoded.ok) {
          delivery(decoded.pdu as PduOf<'deliver_sm'> | PduOf<'data_sm'>, now);
        } else {
          counters.undecodable += 1;
          answer(responseId, decoded.commandStatus, sequenceNumber);
        }
        return;
      }
      case 'alert_notification':
      case 'outbind':
        // Neither has a response (clauses 4.12.1, 4.1.7); an outbind on a connection that we opened means nothing.
        counters.unexpected += 1;
        return;
      default:
        counters.unexpected += 1;
        answer(COMMANDS.generic_nack.id, STATUS.invalidCommandId, sequenceNumber);
    }
  };

  const frame = (buffer: Buffer, start: number, last: number, now: number): void => {
    if (state === 'closed') return;
    const id = buffer.readUInt32BE(start + 4);
    if (id < RESPONSE_BIT) {
      request(commandOf(id), buffer, start, last, now);
      return;
    }
    const isSubmitResp = id === COMMANDS.submit_sm_resp.id;
    const messageId = isSubmitResp ? readMessageId(buffer, start, last) : '';
    response(id, buffer.readUInt32BE(start + 8), buffer.readUInt32BE(start + 12), now, messageId);
  };

  const nackAndEnd = (fault: FrameFault): void => {
    answer(COMMANDS.generic_nack.id, STATUS.invalidCommandLength, 0);
    end({ reason: 'bad_stream', fault });
  };

  const refreshResponseMark = (): void => {
    marks.responseDueAt = window.dueAt();
  };

  return {
    counters,
    state: () => state,
    opened(now) {
      begin();
      marks.openedAt = now;
      marks.heardAt = now;
      state = 'binding';
      bindSequence = takeSequence();
      output.write.push(
        encodePdu(
          pduOf(`bind_${settings.bindMode}`, bindSequence, {
            system_id: settings.systemId,
            password: settings.password,
            system_type: settings.systemType,
            interface_version: INTERFACE_VERSION,
            addr_ton: 0,
            addr_npi: 0,
            address_range: '',
          }),
        ),
      );
      return output;
    },
    received(chunk, now) {
      begin();
      if (state === 'closed') return output;
      marks.heardAt = now;
      marks.enquiredAt = null;
      const fault = framer.push(chunk, (buffer, start, last) => frame(buffer, start, last, now));
      if (fault !== null && !isClosed()) nackAndEnd(fault);
      return output;
    },
    tick(now) {
      begin();
      for (;;) {
        if (state === 'closed') return output;
        refreshResponseMark();
        const due = dueTimer(settings, marks, now);
        if (due === null) return output;
        if (due === 'response') {
          for (const token of window.expire(now))
            output.outcomes.push({ token, outcome: { kind: 'unknown', reason: 'timeout' } });
        } else if (due === 'enquire_link') {
          marks.enquiredAt = now;
          answer(COMMANDS.enquire_link.id, STATUS.ok, takeSequence());
        } else if (due === 'inactivity') {
          answer(COMMANDS.unbind.id, STATUS.ok, takeSequence());
          end({ reason: 'inactive' });
        } else {
          end({
            reason: due === 'session_init' ? 'bind_timeout' : due === 'unbind' ? 'unbound' : 'no_answer',
          });
        }
      }
    },
    nextDeadline() {
      if (state === 'closed') return Number.POSITIVE_INFINITY;
      refreshResponseMark();
      return nextDeadline(settings, marks);
    },
    capacity(now) {
      if (state !== 'bound' || !canSubmit(settings.bindMode)) return 0;
      const room = window.size - window.pending();
      return room <= 0 ? 0 : Math.min(room, Math.max(0, pace.available(now)));
    },
    paceAvailableAt: (now) => pace.availableAt(now),
    isPaused: (now) => pace.isPaused(now),
    currentPerSecond: () => pace.currentPerSecond(),
    pending: () => window.pending(),
    submit(batch, now) {
      if (batch.length > this.capacity(now)) throw new RangeError('submit: more messages than capacity()');
      let octets = 0;
      for (const message of batch) octets += SUBMIT_SM_FIXED_MAX_OCTETS + message.shortMessage.length;
      const target = Buffer.allocUnsafe(octets);
      const firstSequence = sequence;
      let offset = 0;
      try {
        for (const message of batch) offset = writeSubmitSm(target, offset, takeSequence(), message);
      } catch (error) {
        sequence = firstSequence;
        throw error;
      }
      let used = firstSequence;
      for (const message of batch) {
        used = nextSequence(used);
        window.add(used, message.token, now);
      }
      pace.take(batch.length, now);
      marks.messageAt = now;
      return target.subarray(0, offset);
    },
    acknowledge: (handles, commandStatus) => held.acknowledge(handles, commandStatus),
    unbind(now) {
      begin();
      if (state === 'bound') {
        state = 'unbinding';
        marks.unboundAt = now;
        unbindSequence = takeSequence();
        answer(COMMANDS.unbind.id, STATUS.ok, unbindSequence);
      } else if (state !== 'unbinding') {
        end({ reason: 'unbound' });
      }
      return output;
    },
    transportLost() {
      begin();
      end({ reason: 'transport_lost' });
      return output;
    },
  };
};
