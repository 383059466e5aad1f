import { commandOf, decodePdu, encodeHeader, encodePdu, pduOf } from './codec.ts';
import { createFramer, MAX_PDU_OCTETS } from './framer.ts';
import { COMMANDS, type Command, type Pdu, type PduOf, RESPONSE_BIT, type Tlvs } from './pdus.ts';
import type { BindMode, SessionEnd, SessionState, Settled } from './session.ts';
import { STATUS, statusRow } from './status.ts';
import { dueTimer, nextDeadline, type TimerMarks } from './timers.ts';
import { createWindow, nextSequence } from './window.ts';

export type SmscSettings = {
  /** Name that bind responses carry. */
  readonly systemId: string;
  /** Most unanswered deliver_sm. */
  readonly window: number;
  readonly sessionInitMs: number;
  readonly enquireLinkMs: number;
  readonly responseTimeoutMs: number;
  readonly inactivityMs: number;
  readonly maxPduOctets?: number;
};

/** A bind that waits for the owner's judgement by `answerBind`. */
export type BindRequest = {
  readonly mode: BindMode;
  readonly systemId: string;
  readonly password: string;
  readonly systemType: string;
};

/** A message of the ESME that waits for `answerSubmit`. */
export type SubmitRequest = {
  readonly sequenceNumber: number;
  readonly pdu: PduOf<'submit_sm'> | PduOf<'data_sm'>;
};

export type SmscOutput = {
  write: Buffer[];
  bind: BindRequest | null;
  submits: SubmitRequest[];
  /** What the ESME said to our deliver_sm; 'accepted' has no id. */
  outcomes: Settled[];
  end: SessionEnd | null;
};

export type SmscSession = {
  state(): SessionState;
  mode(): BindMode | null;
  opened(now: number): void;
  received(chunk: Buffer, now: number): SmscOutput;
  tick(now: number): SmscOutput;
  nextDeadline(): number;
  /** Status 0 binds; any other refuses, after which the peer may bind again until session-init runs out. */
  answerBind(commandStatus: number, now: number): SmscOutput;
  answerSubmit(request: SubmitRequest, commandStatus: number, messageId: string): Buffer;
  /** Room for deliver_sm; 0 unless bound as a receiver or transceiver. */
  capacity(): number;
  /** @throws RangeError beyond `capacity()`, or when a field does not fit */
  deliver(token: number, body: PduOf<'deliver_sm'>['body'], tlvs: Tlvs, now: number): Buffer;
  unbind(now: number): SmscOutput;
  transportLost(): SmscOutput;
};

const BIND_MODE: Partial<Record<Command, BindMode>> = {
  bind_transceiver: 'transceiver',
  bind_transmitter: 'transmitter',
  bind_receiver: 'receiver',
};

/** Known requests that this side does not serve, with the failure that clause 5.1.3 has for them. */
const UNSERVED_STATUS: Partial<Record<Command, number>> = {
  query_sm: 0x67,
  cancel_sm: 0x11,
  replace_sm: 0x13,
};

/**
 * The SMSC side of one SMPP session: the mirror of the ESME's, with the same window, timers and framer. Who may
 * bind and what becomes of a message is the owner's to say.
 */
export const createSmscSession = (settings: SmscSettings): SmscSession => {
  const window = createWindow(settings.window, settings.responseTimeoutMs);
  const framer = createFramer(settings.maxPduOctets ?? MAX_PDU_OCTETS);
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
  let mode: BindMode | null = null;
  let asked: { mode: BindMode; responseId: number; sequence: number } | null = null;
  let sequence = 0;
  let unbindSequence = 0;
  let output = emptyOutput();

  function emptyOutput(): SmscOutput {
    return { write: [], bind: null, submits: [], outcomes: [], end: null };
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
    for (const token of window.drain())
      output.outcomes.push({ token, outcome: { kind: 'unknown', reason: 'link_lost' } });
    output.end = reason;
  };

  const response = (id: number, status: number, sequenceNumber: number): void => {
    if (state === 'unbinding' && sequenceNumber === unbindSequence) {
      end({ reason: 'unbound' });
      return;
    }
    if (id !== COMMANDS.deliver_sm_resp.id && id !== COMMANDS.generic_nack.id) return;
    const token = window.settle(sequenceNumber);
    if (token === undefined) return;
    const judged = statusRow(id === COMMANDS.generic_nack.id && status === 0 ? STATUS.systemError : status);
    output.outcomes.push({
      token,
      outcome:
        judged.outcome === 'accepted'
          ? { kind: 'accepted', carrierMessageId: '' }
          : { kind: 'rejected', status, retryable: judged.outcome === 'retryable' },
    });
  };

  const request = (pdu: Pdu, now: number): void => {
    const responseId = COMMANDS[pdu.command].id + RESPONSE_BIT;
    switch (pdu.command) {
      case 'bind_transceiver':
      case 'bind_transmitter':
      case 'bind_receiver': {
        if (state !== 'open') {
          answer(responseId, STATUS.alreadyBound, pdu.sequenceNumber);
          return;
        }
        const bindMode = BIND_MODE[pdu.command] as BindMode;
        state = 'binding';
        asked = { mode: bindMode, responseId, sequence: pdu.sequenceNumber };
        output.bind = {
          mode: bindMode,
          systemId: pdu.body.system_id,
          password: pdu.body.password,
          systemType: pdu.body.system_type,
        };
        return;
      }
      case 'submit_sm':
      case 'data_sm':
        if (state !== 'bound' || mode === 'receiver') {
          answer(responseId, STATUS.invalidBindState, pdu.sequenceNumber);
          return;
        }
        marks.messageAt = now;
        output.submits.push({ sequenceNumber: pdu.sequenceNumber, pdu });
        return;
      case 'enquire_link':
        answer(responseId, STATUS.ok, pdu.sequenceNumber);
        return;
      case 'unbind':
        answer(responseId, STATUS.ok, pdu.sequenceNumber);
        end({ reason: 'peer_unbound' });
        return;
      case 'query_sm':
      case 'cancel_sm':
      case 'replace_sm':
        answer(
          responseId,
          state === 'bound' ? (UNSERVED_STATUS[pdu.command] as number) : STATUS.invalidBindState,
          pdu.sequenceNumber,
        );
        return;
      default:
        answer(COMMANDS.generic_nack.id, STATUS.invalidCommandId, pdu.sequenceNumber);
    }
  };

  const frame = (buffer: Buffer, start: number, last: number, now: number): void => {
    if (state === 'closed') return;
    const id = buffer.readUInt32BE(start + 4);
    const sequenceNumber = buffer.readUInt32BE(start + 12);
    if (id >= RESPONSE_BIT) {
      response(id, buffer.readUInt32BE(start + 8), sequenceNumber);
      return;
    }
    const decoded = decodePdu(buffer, start, last);
    if (decoded.ok) request(decoded.pdu, now);
    else
      answer(
        commandOf(id) === null ? COMMANDS.generic_nack.id : id + RESPONSE_BIT,
        decoded.commandStatus,
        sequenceNumber,
      );
  };

  return {
    state: () => state,
    mode: () => mode,
    opened(now) {
      marks.openedAt = now;
      marks.heardAt = now;
    },
    received(chunk, now) {
      begin();
      if (state === 'closed') return output;
      marks.heardAt = now;
      marks.enquiredAt = null;
      const fault = framer.push(chunk, (buffer, start, last) => frame(buffer, start, last, now));
      if (fault !== null && !isClosed()) {
        answer(COMMANDS.generic_nack.id, STATUS.invalidCommandLength, 0);
        end({ reason: 'bad_stream', fault });
      }
      return output;
    },
    tick(now) {
      begin();
      for (;;) {
        if (state === 'closed') return output;
        marks.responseDueAt = window.dueAt();
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
      marks.responseDueAt = window.dueAt();
      return nextDeadline(settings, marks);
    },
    answerBind(commandStatus, now) {
      begin();
      if (state !== 'binding' || asked === null) return output;
      if (commandStatus === STATUS.ok) {
        const body = { system_id: settings.systemId };
        const command = `bind_${asked.mode}_resp` as const;
        output.write.push(encodePdu(pduOf(command, asked.sequence, body, { sc_interface_version: 0x34 })));
        state = 'bound';
        mode = asked.mode;
        marks.isBound = true;
        marks.messageAt = now;
      } else {
        answer(asked.responseId, commandStatus, asked.sequence);
        state = 'open';
      }
      asked = null;
      return output;
    },
    answerSubmit(submit, commandStatus, messageId) {
      const command = submit.pdu.command === 'submit_sm' ? 'submit_sm_resp' : 'data_sm_resp';
      return encodePdu(pduOf(command, submit.sequenceNumber, { message_id: messageId }, {}, commandStatus));
    },
    capacity: () =>
      state === 'bound' && mode !== 'transmitter' ? Math.max(0, window.size - window.pending()) : 0,
    deliver(token, body, tlvs, now) {
      if (this.capacity() <= 0) throw new RangeError('deliver: more messages than capacity()');
      const octets = encodePdu(pduOf('deliver_sm', nextSequence(sequence), body, tlvs));
      window.add(takeSequence(), token, now);
      marks.messageAt = now;
      return octets;
    },
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
