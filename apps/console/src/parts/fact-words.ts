import { lookUp } from '../words/use-words.ts';
import type { Words } from '../words/zh-CN.ts';

/** How the service names the sources of a signature, in the order of their numbers. */
const SOURCES: readonly string[] = ['enterprise', 'website', 'app', 'official account', 'shop', 'trademark'];

/** Name of a fact of a step or a review; undefined for one that no table knows. */
export function factName({ life, registration: r, messages: m }: Words, key: string): string | undefined {
  const names: Readonly<Record<string, string>> = {
    ...life.facts,
    name: r.name,
    company: r.company,
    creditCode: r.creditCode,
    legalPerson: r.legalPerson,
    contactName: r.contactName,
    contactPhone: r.contactPhone,
    ownUse: r.ownUse,
    signName: r.signName,
    source: r.signSource,
    codeOnly: r.scope,
    qualification: r.qualification,
    remark: r.remark,
    kind: r.kind,
    content: r.content,
    variables: r.variables,
    relatedSignName: r.relatedSign,
    templateCode: m.template,
  };
  return lookUp(names, key);
}

/** The value of a fact in words where it is one of a closed list; undefined where it speaks for itself. */
export function factValue(words: Words, key: string, value: string): string | undefined {
  const { life, status, kind, labels, registration, common } = words;
  if (key === 'labels') return eachOf(value, common.separator, (label) => lookUp(labels, label) ?? label);
  if (key === 'variables') {
    return eachOf(value, common.separator, (pair) => {
      const [name = '', type = ''] = pair.split(': ');
      return `${name}${common.colon}${lookUp(registration.types, type) ?? type}`;
    });
  }
  if (key === 'source') return registration.sources[SOURCES.indexOf(value)];
  const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    ...life.values,
    state: status.message,
    screening: status.verdict,
    verdict: status.verdict,
    kind,
  };
  return lookUp(lookUp(tables, key) ?? {}, value);
}

const eachOf = (list: string, separator: string, word: (item: string) => string): string =>
  list.split(', ').map(word).join(separator);
