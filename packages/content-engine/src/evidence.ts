import type { Hits } from './automaton.ts';
import { type Folding, UNIT } from './folding.ts';
import type { Lexicon, Rule } from './lexicon.ts';
import type { Evidence, Features, Label, ScreenContext, TextSpan } from './model.ts';
import { type Reading, readText, sourceEnd } from './restoration.ts';

/** An occurrence of a rule's word; `start` and `end` are indices of the restored text. */
export type Occurrence = { readonly rule: number; readonly start: number; readonly end: number };

/** Occurrences kept of one rule and of one text: what a reviewer can read, and what bounds memory. */
const MAX_PER_RULE = 8;
const MAX_OCCURRENCES = 256;
/** How far a warning reaches within its sentence, in units. */
const WARNING_REACH = 60;
const SENTENCE_ENDS: ReadonlySet<number> = new Set([...'。！？；!?;\n'].map((mark) => mark.charCodeAt(0)));
/** Share of the weight that is left for words of reviewed template text. */
const REVIEWED_SHARE = 0.6;

/**
 * Keeps the hits that stand as words. A word with Latin edges must not be part of a longer one (a plural s aside).
 * In the compact form only hits across a left-out separator are new; a word of two Han characters must then be parted by
 * more than a space, or its characters stand alone on both sides, since honest lists have spaces too.
 */
export function collectOccurrences(
  lexicon: Lexicon,
  folding: Folding,
  hits: Hits,
  form: Reading,
  restored: Reading | undefined,
  into: Occurrence[],
  perRule: Map<number, number>,
): void {
  for (let h = 0; h < hits.count && into.length < MAX_OCCURRENCES; h++) {
    const word = hits.words[h]!;
    const formEnd = hits.ends[h]!;
    const formStart = formEnd - lexicon.lengths[word]!;
    if (!standsAlone(lexicon.edges[word]!, form, formStart, formEnd)) continue;
    let start = formStart;
    let end = formEnd;
    if (restored) {
      start = form.offsets[formStart]!;
      end = form.offsets[formEnd - 1]! + 1;
      if (end - start === formEnd - formStart) continue;
      if (formEnd - formStart === 2 && !isPartedOnPurpose(folding, restored, start, end)) continue;
    }
    for (const rule of lexicon.rulesOf[word]!) {
      const seen = perRule.get(rule) ?? 0;
      if (seen >= MAX_PER_RULE) continue;
      perRule.set(rule, seen + 1);
      into.push({ rule, start, end });
    }
  }
}

function standsAlone(edges: number, form: Reading, start: number, end: number): boolean {
  const { units, length } = form;
  if ((edges & 1) !== 0 && start > 0 && sameKindOfUnit(units[start - 1]!, units[start]!)) return false;
  if ((edges & 2) === 0 || end >= length || !sameKindOfUnit(units[end]!, units[end - 1]!)) return true;
  const plural = (units[end]! | 0x20) === 0x73;
  return plural && (end + 1 >= length || !isAlphanumeric(units[end + 1]!));
}

/** A letter joins a letter and a digit a digit; at `bet365` or `加vx123` one word ends where the other kind begins. */
function sameKindOfUnit(a: number, b: number): boolean {
  return isAlphanumeric(a) && isAlphanumeric(b) && a <= 0x39 === b <= 0x39;
}

function isAlphanumeric(unit: number): boolean {
  const lower = unit | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39);
}

function isPartedOnPurpose(folding: Folding, restored: Reading, start: number, end: number): boolean {
  const { classOf } = folding;
  const { units, length } = restored;
  for (let i = start + 1; i < end - 1; i++) if (classOf[units[i]!] === UNIT.symbol) return true;
  return (
    (start === 0 || classOf[units[start - 1]!]! >= UNIT.symbol) &&
    (end >= length || classOf[units[end]!]! >= UNIT.symbol)
  );
}

/** Sentences that warn, as ranges of the restored text. */
export function warnedRanges(
  rules: readonly Rule[],
  occurrences: readonly Occurrence[],
  restored: Reading,
): TextSpan[] {
  const ranges: TextSpan[] = [];
  for (const { rule, start, end } of occurrences) {
    if (rules[rule]!.kind !== 'warning') continue;
    let from = start;
    while (from > 0 && start - from < WARNING_REACH && !endsSentence(restored.units[from - 1]!)) from--;
    let to = end;
    while (to < restored.length && to - end < WARNING_REACH && !endsSentence(restored.units[to]!)) to++;
    ranges.push({ start: from, end: to });
  }
  return ranges;
}

function endsSentence(unit: number): boolean {
  return SENTENCE_ENDS.has(unit);
}

/**
 * Turns occurrences into evidence: words that a warning names are dropped, unless the text also asks for contact, since a
 * warning never does; hints count only in company; contacts and addresses add to labels that have words.
 */
export function weighEvidence(
  lexicon: Lexicon,
  occurrences: readonly Occurrence[],
  restored: Reading,
  features: Features,
  context: ScreenContext,
): { evidence: Evidence[]; counters: Map<Label, number> } {
  const { rules } = lexicon;
  const mobile = features.numbers.find((number) => number.kind === 'mobile');
  const contact = features.contacts[0] ?? features.emails[0];
  const address = features.urls.find((url) => url.throwaway) ?? features.urls[0];
  const solicits = contact !== undefined || mobile !== undefined || address?.throwaway === true;
  const warned = solicits ? [] : warnedRanges(rules, occurrences, restored);
  const innocent = occurrences.filter(({ rule }) => rules[rule]!.kind === 'innocent');
  const company = new Map<Label, Set<number>>();
  const counters = new Map<Label, number>();
  const standing: Occurrence[] = [];
  const countered = new Set<number>();
  for (const occurrence of occurrences) {
    const { kind, label, weight } = rules[occurrence.rule]!;
    if (kind === 'counter' && label && !countered.has(occurrence.rule)) {
      countered.add(occurrence.rule);
      counters.set(label, (counters.get(label) ?? 1) * (1 - weight));
    }
    if ((kind !== 'term' && kind !== 'hint') || !label) continue;
    if (isWithin(warned, occurrence) || isPartOf(innocent, occurrence)) continue;
    standing.push(occurrence);
    const distinct = company.get(label) ?? new Set();
    distinct.add(kind === 'term' ? -1 : occurrence.rule);
    company.set(label, distinct);
  }
  const reachable = contact ?? mobile ?? (address?.throwaway ? address : undefined);
  const counts = (label: Label): boolean => {
    const distinct = company.get(label)!;
    return distinct.has(-1) || distinct.size > 1 || reachable !== undefined;
  };
  const evidence: Evidence[] = [];
  for (const { rule, start, end } of standing) {
    const { label, weight, name, kind } = rules[rule]!;
    if (kind === 'hint' && !counts(label!)) continue;
    const from = restored.offsets[start]!;
    const to = sourceEnd(restored.offsets, restored.length, end - 1);
    const share = isTyped(context, from, to) ? 1 : REVIEWED_SHARE;
    evidence.push({
      start: from,
      end: to,
      restored: readText(restored, start, end),
      rule: name,
      label: label!,
      weight: weight * share,
    });
  }
  addFeatureEvidence(evidence, company, counts, features, { contact, mobile, address }, context);
  return { evidence, counters };
}

type Reachable = {
  contact: (TextSpan & { value: string }) | undefined;
  mobile: (TextSpan & { value: string }) | undefined;
  address: Features['urls'][number] | undefined;
};

/** Labels whose offers are taken up by contact; a swear word does not get worse by a telephone number. */
const SOLICITING: ReadonlySet<Label> = new Set([
  'fraud',
  'gambling',
  'pornography',
  'prohibited',
  'restricted',
  'malicious',
]);

function addFeatureEvidence(
  evidence: Evidence[],
  company: ReadonlyMap<Label, ReadonlySet<number>>,
  counts: (label: Label) => boolean,
  features: Features,
  { contact, mobile, address }: Reachable,
  context: ScreenContext,
): void {
  const add = (span: TextSpan & { value: string }, rule: string, label: Label, weight: number): void => {
    evidence.push({
      start: span.start,
      end: span.end,
      restored: span.value,
      rule: `feature:${rule}`,
      label,
      weight,
    });
  };
  for (const label of company.keys()) {
    if (!SOLICITING.has(label) || !counts(label)) continue;
    if (contact) add(contact, 'contact', label, 0.35);
    if (mobile) add(mobile, 'mobile', label, 0.2);
    if (address)
      add(
        address,
        address.throwaway ? 'throwaway-address' : 'address',
        label,
        address.throwaway ? 0.45 : 0.05,
      );
    if (address?.disguised) add(address, 'disguised-address', label, 0.25);
  }
  // A verification code is digits or letters: an address typed in its place is phishing by somebody else's template.
  if (context.messageKind === 'code' && context.variableSpans) {
    const typed = [...features.urls, ...features.contacts].find((span) =>
      isTyped(context, span.start, span.end),
    );
    if (typed) add(typed, 'address-in-code', 'fraud', 0.7);
  }
}

function isTyped(context: ScreenContext, start: number, end: number): boolean {
  const { variableSpans } = context;
  return variableSpans === undefined || variableSpans.some((span) => start < span.end && end > span.start);
}

/** True when an innocent word (情人节) shares characters with the occurrence (色情) without lying within a longer one. */
function isPartOf(innocent: readonly TextSpan[], { start, end }: Occurrence): boolean {
  return innocent.some((word) => {
    const overlaps = word.start < end && start < word.end;
    const within = start <= word.start && word.end <= end && word.end - word.start < end - start;
    return overlaps && !within;
  });
}

function isWithin(ranges: readonly TextSpan[], { start, end }: Occurrence): boolean {
  return ranges.some((range) => start >= range.start && end <= range.end);
}
