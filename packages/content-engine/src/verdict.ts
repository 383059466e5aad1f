import { type Evidence, LABELS, type Label, type MessageKind, type Verdict } from './model.ts';

type Threshold = { readonly review: number; readonly block: number };

const NEVER = 2;

/**
 * Score from which a label holds (review) or refuses (block) a message. A code or notice has an approved template,
 * so little in it should score; a marketing text may speak of loans or houses and is looked at by a person. Marketing
 * words are a ground for holding only where the template said that it is no marketing. Tuned on the public corpora with
 * benchmarks/content.ts: honest transactional messages held < 1 %.
 */
const THRESHOLDS: Readonly<Record<MessageKind, Readonly<Record<Label, Threshold>>>> = {
  code: {
    fraud: { review: 0.55, block: 0.9 },
    gambling: { review: 0.5, block: 0.85 },
    pornography: { review: 0.5, block: 0.85 },
    prohibited: { review: 0.5, block: 0.85 },
    restricted: { review: 0.6, block: 0.97 },
    vulgar: { review: 0.55, block: 0.95 },
    malicious: { review: 0.55, block: 0.9 },
    unsolicited_marketing: { review: 0.75, block: NEVER },
  },
  notice: {
    fraud: { review: 0.6, block: 0.92 },
    gambling: { review: 0.55, block: 0.88 },
    pornography: { review: 0.55, block: 0.88 },
    prohibited: { review: 0.55, block: 0.88 },
    restricted: { review: 0.7, block: NEVER },
    vulgar: { review: 0.6, block: 0.97 },
    malicious: { review: 0.6, block: 0.92 },
    unsolicited_marketing: { review: 0.97, block: NEVER },
  },
  marketing: {
    fraud: { review: 0.55, block: 0.9 },
    gambling: { review: 0.5, block: 0.85 },
    pornography: { review: 0.5, block: 0.85 },
    prohibited: { review: 0.5, block: 0.85 },
    restricted: { review: 0.6, block: NEVER },
    vulgar: { review: 0.6, block: 0.97 },
    malicious: { review: 0.55, block: 0.9 },
    unsolicited_marketing: { review: NEVER, block: NEVER },
  },
  international: {
    fraud: { review: 0.6, block: 0.92 },
    gambling: { review: 0.55, block: 0.88 },
    pornography: { review: 0.55, block: 0.88 },
    prohibited: { review: 0.55, block: 0.88 },
    restricted: { review: 0.75, block: NEVER },
    vulgar: { review: 0.7, block: 0.97 },
    malicious: { review: 0.6, block: 0.92 },
    unsolicited_marketing: { review: 0.97, block: NEVER },
  },
};

export type Judgement = {
  verdict: Verdict;
  labels: readonly Label[];
  scores: Readonly<Partial<Record<Label, number>>>;
};

/**
 * Combines the evidence of each label as independent grounds, 1 - Π(1 - weight), a rule counted once with its greatest
 * weight; `counters` lower a label by the same rule. Then compares with the thresholds of the message kind.
 */
export function judge(
  evidence: readonly Evidence[],
  counters: ReadonlyMap<Label, number>,
  messageKind: MessageKind,
): Judgement {
  const strongest = new Map<Label, Map<string, number>>();
  for (const { label, rule, weight } of evidence) {
    if (!label) continue;
    const weights = strongest.get(label) ?? new Map<string, number>();
    weights.set(rule, Math.max(weights.get(rule) ?? 0, weight));
    strongest.set(label, weights);
  }
  const scores: Partial<Record<Label, number>> = {};
  const labels: Label[] = [];
  let verdict: Verdict = 'pass';
  for (const label of LABELS) {
    const weights = strongest.get(label);
    if (!weights) continue;
    let innocent = 1;
    for (const weight of weights.values()) innocent *= 1 - weight;
    const score = (1 - innocent) * (counters.get(label) ?? 1);
    scores[label] = score;
    const threshold = THRESHOLDS[messageKind][label];
    if (score >= threshold.review) {
      labels.push(label);
      if (verdict === 'pass') verdict = 'review';
    }
    if (score >= threshold.block) verdict = 'block';
  }
  labels.sort((a, b) => scores[b]! - scores[a]!);
  return { verdict, labels, scores };
}
