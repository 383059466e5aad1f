import { createHash } from 'node:crypto';
import { findAddresses } from './addresses.ts';
import { findWords, newHits } from './automaton.ts';
import { findHandles, readContact } from './contacts.ts';
import { collectOccurrences, type Occurrence, weighEvidence } from './evidence.ts';
import { buildFolding } from './folding.ts';
import { buildLexicon, type Lexicon, readFoldings } from './lexicon.ts';
import type { ContactFeature, Engine, EngineParts, Evidence, Features, Label, Screening } from './model.ts';
import { findNumbers } from './numbers.ts';
import { compact, newReading, type Reading, readText, restore, sourceEnd } from './restoration.ts';
import { judge } from './verdict.ts';

/** Raised with every change of behaviour, so that a stored verdict names what gave it. */
const REVISION = 1;
/** Buffers above this many units are given up after the text that needed them. */
const KEPT_UNITS = 65_536;
const MAX_FEATURES = 64;

const NO_FEATURES: Features = Object.freeze({ urls: [], contacts: [], emails: [], numbers: [] });
const NO_EVIDENCE: readonly Evidence[] = Object.freeze([]);

/**
 * Builds an engine from its parts. Measured with the shipped lexicons (2,025 entries, Node 24, eight processes): 0.27 to
 * 0.35 s of CPU for the first engine of a process, 0.07 s at best once the code is warm; the first keeps 1.9 to 2.3 MiB
 * of heap and each further one 1.5 MiB, with 0.7 MiB of typed arrays each.
 * @throws PartsError naming the part and the line, when a part is malformed.
 */
export function createEngine(parts: EngineParts): Engine {
  const folding = buildFolding(readFoldings(parts.tables?.foldings));
  const lexicon = buildLexicon(parts.lexicons, folding);
  let restored = newReading(1024);
  let compacted = newReading(1024);
  let hits = newHits();

  function screen(text: string, context: Parameters<Engine['screen']>[1]): Screening {
    restore(folding, text, restored);
    const occurrences: Occurrence[] = [];
    const perRule = new Map<number, number>();
    findWords(lexicon.automaton, restored.units, restored.length, hits);
    if (hits.count > 0) collectOccurrences(lexicon, folding, hits, restored, undefined, occurrences, perRule);
    const joined = compact(folding, restored, compacted);
    if (joined) {
      findWords(lexicon.automaton, compacted.units, compacted.length, hits);
      if (hits.count > 0)
        collectOccurrences(lexicon, folding, hits, compacted, restored, occurrences, perRule);
    }
    const features = extractFeatures(lexicon, occurrences, joined);
    const reading = restored.changed ? readText(restored, 0, restored.length) : text;
    const offsets = restored.offsets.slice(0, restored.length + 1);
    const { evidence, counters } =
      occurrences.length === 0 && (features === NO_FEATURES || context.variableSpans === undefined)
        ? { evidence: NO_EVIDENCE, counters: NO_COUNTERS }
        : weighEvidence(lexicon, occurrences, restored, features, context);
    const judgement = evidence.length === 0 ? NO_JUDGEMENT : judge(evidence, counters, context.messageKind);
    if (
      restored.units.length > KEPT_UNITS ||
      compacted.units.length > KEPT_UNITS ||
      hits.words.length > KEPT_UNITS
    ) {
      restored = newReading(1024);
      compacted = newReading(1024);
      hits = newHits();
    }
    return { ...judgement, spans: evidence, restored: reading, offsets, features };
  }

  function extractFeatures(words: Lexicon, occurrences: readonly Occurrence[], joined: boolean): Features {
    const addresses = findAddresses(folding, restored);
    const numbers = findNumbers(folding, restored);
    const contacts = findContacts(words, occurrences, joined);
    if (!addresses && !numbers && !contacts) return NO_FEATURES;
    return {
      urls: addresses?.urls.slice(0, MAX_FEATURES) ?? [],
      emails: addresses?.emails.slice(0, MAX_FEATURES) ?? [],
      contacts: contacts?.slice(0, MAX_FEATURES) ?? [],
      numbers: numbers?.slice(0, MAX_FEATURES) ?? [],
    };
  }

  /** Ids are read from the restored form, else from the compact one, so that `V 信 a b c 1 2 3` has its id too. */
  function findContacts(
    words: Lexicon,
    occurrences: readonly Occurrence[],
    joined: boolean,
  ): ContactFeature[] | undefined {
    const start = (index: number): number => restored.offsets[index]!;
    const end = (index: number): number => sourceEnd(restored.offsets, restored.length, index);
    let contacts = findHandles(restored, start, end);
    for (const occurrence of occurrences) {
      const { channel } = words.rules[occurrence.rule]!;
      if (!channel) continue;
      const plain = readContact(folding, restored, occurrence.end, channel);
      const id =
        plain ??
        (joined ? readContact(folding, compacted, indexIn(compacted, occurrence.end), channel) : undefined);
      if (!id) continue;
      const first = plain ? id.start : compacted.offsets[id.start]!;
      const last = plain ? id.end - 1 : compacted.offsets[id.end - 1]!;
      if (contacts?.some((contact) => contact.end === end(last))) continue;
      contacts ??= [];
      contacts.push({ start: start(first), end: end(last), channel, value: id.value });
    }
    return contacts;
  }

  return { screen, version: digest(parts) };
}

const NO_COUNTERS: ReadonlyMap<Label, number> = new Map();
const NO_JUDGEMENT: Pick<Screening, 'verdict' | 'labels' | 'scores'> = Object.freeze({
  verdict: 'pass',
  labels: [],
  scores: Object.freeze({}),
});

/** First index of the compact form at or after an index of the restored one. */
function indexIn(form: Reading, restoredIndex: number): number {
  let low = 0;
  let high = form.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (form.offsets[middle]! < restoredIndex) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** First 64 bits of SHA-256 over the parts, each preceded by its length, and the revision. */
function digest(parts: EngineParts): string {
  const hash = createHash('sha256').update(`content-engine ${REVISION}\n`);
  for (const bytes of [...parts.lexicons, parts.tables?.foldings ?? new Uint8Array(0)]) {
    hash.update(`${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex').slice(0, 16);
}
