import { APPROVAL_STATES, MESSAGE_STATES, operations } from '@signet/contract';
import { describe, expect, it } from 'vitest';
import { COLOURS } from '../theme.ts';
import { en } from '../words/en.ts';
import { zh } from '../words/zh-CN.ts';
import { LOOKS, type States, stateWord } from './status-tag.tsx';

const { options: attemptStates } = operations.readMessage.answer.shape.attempts.element.shape.state;
const { options: stepOutcomes } = operations.readMessage.answer.shape.steps.element.shape.outcome;
const { options: verdicts } = operations.readMessage.answer.shape.screening.unwrap().shape.verdict;
const { options: keyStates } = operations.setKeyState.answer.shape.state;
const { options: reviewStates } = operations.decideReview.answer.shape.state;
const { options: linkStates } = operations.setCarrier.answer.shape.link;
const { options: webhookStates } = operations.readWebhook.answer.shape.state;
const { options: deliveryStates } = operations.replayDelivery.answer.shape.state;
const { options: tenantStates } = operations.listTenants.answer.shape.items.element.shape.state;

const IN_CONTRACT: Record<keyof States, readonly string[]> = {
  message: MESSAGE_STATES,
  approval: APPROVAL_STATES,
  attempt: attemptStates,
  step: stepOutcomes,
  verdict: verdicts,
  key: keyStates,
  review: reviewStates,
  link: linkStates,
  webhook: webhookStates,
  delivery: deliveryStates,
  tenant: tenantStates,
  enabled: ['on', 'off'],
};

/** Relative luminance and contrast of WCAG 2.2 (definitions). */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('status table', () => {
  it.each(Object.entries(IN_CONTRACT))('knows every state of %s and no other', (kind, states) => {
    expect(Object.keys(LOOKS[kind as keyof States]).sort()).toEqual([...states].sort());
  });

  it('has a word of its own for each state of a kind', () => {
    for (const words of [zh, en]) {
      for (const [kind, states] of Object.entries(IN_CONTRACT)) {
        const said = states.map((state) => stateWord(words, kind as 'message', state as States['message']));
        expect(new Set(said).size, kind).toBe(states.length);
        expect(said.every(Boolean)).toBe(true);
      }
    }
  });

  it.each(['light', 'dark'] as const)('is readable in the %s theme', (mode) => {
    const c = COLOURS[mode];
    const pairs: [string, string][] = [
      [c.goodInk, c.goodFill],
      [c.busyInk, c.busyFill],
      [c.warnInk, c.warnFill],
      [c.badInk, c.badFill],
      [c.quietInk, c.quietFill],
      [c.onAccent, c.accent],
      [c.text, c.mark],
      ...[c.page, c.surface, c.raised].flatMap((fill): [string, string][] => [
        [c.text, fill],
        [c.soft, fill],
        [c.accent, fill],
        [c.danger, fill],
      ]),
    ];
    for (const [ink, fill] of pairs)
      expect(contrast(ink, fill), `${ink} on ${fill}`).toBeGreaterThanOrEqual(4.5);
  });
});
