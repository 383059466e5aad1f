import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinal, MESSAGE_STATES, type MessageEvent, type MessageState, nextState } from './model.ts';

const state = fc.constantFrom(...(Object.keys(MESSAGE_STATES) as MessageState[]));
const event = fc.constantFrom<MessageEvent>(
  'release',
  'reject',
  'doubt',
  'clear',
  'deliver',
  'fail',
  'expire',
);

/** What a client sees as the end: SendStatus 2 or 3, told once. */
const ENDS: readonly MessageState[] = ['delivered', 'undelivered', 'refused', 'expired'];

/** The states that a message passes through; an event without a row changes nothing. */
const passed = (first: MessageState, events: readonly MessageEvent[]): MessageState[] => {
  const states = [first];
  for (const one of events) {
    const next = nextState(states.at(-1)!, one);
    if (next !== undefined) states.push(next);
  }
  return states;
};

describe('the state table of a message', () => {
  it('gives one final state, whatever comes in whatever order', () => {
    fc.assert(
      fc.property(state, fc.array(event, { maxLength: 20 }), (first, events) => {
        const states = passed(first, events);
        expect(states.slice(0, -1).filter((one) => ENDS.includes(one))).toEqual([]);
        expect(isFinal(states.at(-1)!)).toBe(ENDS.includes(states.at(-1)!));
      }),
    );
  });

  it('leaves a doubt only by an answer, by a receipt or by time', () => {
    fc.assert(
      fc.property(event, (one) => {
        const next = nextState('in_doubt', one);
        expect(next !== undefined).toBe(['clear', 'deliver', 'fail', 'expire'].includes(one));
        if (next === 'accepted') expect(one).toBe('clear');
      }),
    );
  });

  it('comes to its end from every state that is not final', () => {
    for (const one of Object.keys(MESSAGE_STATES) as MessageState[])
      if (!isFinal(one)) expect(isFinal(nextState(one, 'expire')!)).toBe(true);
  });

  it('leads each event to one state only, as moveMessages relies on', () => {
    fc.assert(
      fc.property(state, state, event, (a, b, one) => {
        const [first, second] = [nextState(a, one), nextState(b, one)];
        if (first !== undefined && second !== undefined) expect(first).toBe(second);
      }),
    );
  });
});
