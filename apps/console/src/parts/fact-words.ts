import { SIGN_SOURCES } from '@signet/contract';
import type { ReviewFacts } from '../api/types.ts';
import { lookUp } from '../words/use-words.ts';
import type { Words } from '../words/zh-CN.ts';

/** Names of what a reviewer is told: one that the contract adds and this table lacks does not compile. */
function reviewFactNames({
  life,
  registration: r,
  reviews,
  messages: m,
}: Words): Record<keyof ReviewFacts, string> {
  return {
    company: r.company,
    creditCode: r.creditCode,
    creditCodeCheck: life.facts.creditCodeCheck,
    legalPerson: r.legalPerson,
    ownUse: r.ownUse,
    contactPhone: r.contactPhone,
    source: r.signSource,
    use: r.scope,
    qualificationId: life.facts.qualificationId,
    thirdParty: reviews.thirdParty,
    files: reviews.files,
    code: r.templateCode,
    variables: r.variables,
    relatedSignName: r.relatedSign,
    trafficDriving: reviews.trafficDriving,
    screening: life.facts.screening,
    signature: life.facts.signature,
    template: m.template,
    rules: life.facts.rules,
    acceptedAt: life.facts.acceptedAt,
    expiresAt: life.facts.expiresAt,
    kind: r.kind,
    labels: life.facts.labels,
    applyScene: reviews.applyScene,
    remark: r.remark,
  };
}

export const reviewFactName = (words: Words, name: keyof ReviewFacts): string => reviewFactNames(words)[name];

type FactText<K extends keyof ReviewFacts> = (value: NonNullable<ReviewFacts[K]>) => string;

/** A fact of a review as text; its codes in words. Instants stay as they are: {@link Time} shows them. */
export function reviewFactText<K extends keyof ReviewFacts>(
  words: Words,
  name: K,
  value: NonNullable<ReviewFacts[K]>,
): string {
  const { registration: r, reviews, status, kind, labels, common } = words;
  const texts: { [N in keyof ReviewFacts]?: FactText<N> } = {
    creditCodeCheck: (check) => reviews.creditCodeChecks[check],
    ownUse: (own) => (own ? r.ownUseYes : r.ownUseNo),
    source: (source) => r.sources[SIGN_SOURCES.indexOf(source)] ?? source,
    use: (use) => (use === 'codes_only' ? r.codeOnly : r.general),
    variables: (types) =>
      Object.entries(types)
        .map(([variable, type]) => `${variable}${common.colon}${lookUp(r.types, type) ?? type}`)
        .join(common.separator),
    screening: (verdict) => status.verdict[verdict],
    kind: (one) => kind[one],
    labels: (given) => given.map((label) => lookUp(labels, label) ?? label).join(common.separator),
    rules: (given) => given.join(common.separator),
    thirdParty: (third) => (third ? common.yes : common.no),
  };
  return texts[name]?.(value) ?? String(value);
}

/** Name of a fact of a step; undefined for one that no table knows. */
export const factName = ({ life }: Words, key: string): string | undefined => lookUp<string>(life.facts, key);

/** The value of a fact of a step in words where it is one of a closed list; undefined where it speaks for itself. */
export function factValue(words: Words, key: string, value: string): string | undefined {
  const { life, status, kind, labels, common } = words;
  if (key === 'labels') {
    return value
      .split(', ')
      .map((label) => lookUp(labels, label) ?? label)
      .join(common.separator);
  }
  const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    ...life.values,
    state: status.message,
    screening: status.verdict,
    verdict: status.verdict,
    kind,
  };
  return lookUp(lookUp(tables, key) ?? {}, value);
}
