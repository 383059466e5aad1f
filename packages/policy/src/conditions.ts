import { type AddressRange, isInRange, readAddress, readAddressRange } from './ip-address.ts';
import type { Comparison, Condition, Test } from './model.ts';
import { matchPattern } from './wildcard.ts';

type Operator = { negated: boolean; read: (values: readonly string[]) => Test | undefined };

// The operators of the language (Alibaba RAM, policy structure and syntax). Each reads its values once, so that a
// policy with a value that can never match is refused instead of silently not guarding.
const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { negated: false, read: (values) => ({ kind: 'string', values, foldCase: false }) },
  StringNotEquals: { negated: true, read: (values) => ({ kind: 'string', values, foldCase: false }) },
  StringEqualsIgnoreCase: { negated: false, read: readFolded },
  StringNotEqualsIgnoreCase: { negated: true, read: readFolded },
  StringLike: { negated: false, read: (values) => ({ kind: 'pattern', values }) },
  StringNotLike: { negated: true, read: (values) => ({ kind: 'pattern', values }) },
  NumericEquals: ordered('number', 'equal'),
  NumericNotEquals: ordered('number', 'equal', true),
  NumericLessThan: ordered('number', 'less'),
  NumericLessThanEquals: ordered('number', 'lessOrEqual'),
  NumericGreaterThan: ordered('number', 'greater'),
  NumericGreaterThanEquals: ordered('number', 'greaterOrEqual'),
  DateEquals: ordered('instant', 'equal'),
  DateNotEquals: ordered('instant', 'equal', true),
  DateLessThan: ordered('instant', 'less'),
  DateLessThanEquals: ordered('instant', 'lessOrEqual'),
  DateGreaterThan: ordered('instant', 'greater'),
  DateGreaterThanEquals: ordered('instant', 'greaterOrEqual'),
  Bool: { negated: false, read: readBooleans },
  IpAddress: { negated: false, read: readRanges },
  NotIpAddress: { negated: true, read: readRanges },
};

/** Names of all operators, for documentation and forms. */
export const CONDITION_OPERATORS: readonly string[] = Object.keys(OPERATORS);

/** Reads one operator on one key; `undefined` when the operator is unknown or a value is not of its type. */
export function readCondition(
  operator: string,
  key: string,
  values: readonly string[],
): Condition | undefined {
  if (!Object.hasOwn(OPERATORS, operator)) return undefined;
  const { negated, read } = OPERATORS[operator]!;
  const test = read(values);
  return test && { operator, key, negated, test };
}

/**
 * Whether a condition holds for the request's value of its key. An absent value, or one not of the operator's type,
 * matches nothing: positive operators fail and negated ones hold.
 */
export function conditionHolds(condition: Condition, value: string | undefined): boolean {
  return (value !== undefined && matchesAny(condition.test, value)) !== condition.negated;
}

function matchesAny(test: Test, value: string): boolean {
  switch (test.kind) {
    case 'string':
      return test.values.includes(test.foldCase ? value.toLowerCase() : value);
    case 'pattern':
      return test.values.some((pattern) => matchPattern(pattern, value));
    case 'boolean': {
      const given = readBoolean(value);
      return given !== undefined && test.values.includes(given);
    }
    case 'address': {
      const address = readAddress(value);
      return address !== undefined && test.values.some((range) => isInRange(address, range));
    }
    case 'number':
    case 'instant': {
      const given = test.kind === 'number' ? readNumeric(value) : readInstant(value);
      return given !== undefined && test.values.some((bound) => compares(given, test.comparison, bound));
    }
  }
}

function compares(given: number, comparison: Comparison, bound: number): boolean {
  switch (comparison) {
    case 'equal':
      return given === bound;
    case 'less':
      return given < bound;
    case 'lessOrEqual':
      return given <= bound;
    case 'greater':
      return given > bound;
    case 'greaterOrEqual':
      return given >= bound;
  }
}

function ordered(kind: 'number' | 'instant', comparison: Comparison, negated = false): Operator {
  const readOne = kind === 'number' ? readNumeric : readInstant;
  return {
    negated,
    read: (texts) => {
      const values = readEach(texts, readOne);
      return values && { kind, comparison, values };
    },
  };
}

function readFolded(values: readonly string[]): Test {
  return { kind: 'string', values: values.map((value) => value.toLowerCase()), foldCase: true };
}

function readBooleans(texts: readonly string[]): Test | undefined {
  const values = readEach(texts, readBoolean);
  return values && { kind: 'boolean', values };
}

function readRanges(texts: readonly string[]): Test | undefined {
  const values: AddressRange[] | undefined = readEach(texts, readAddressRange);
  return values && { kind: 'address', values };
}

function readEach<T>(texts: readonly string[], read: (text: string) => T | undefined): T[] | undefined {
  const values: T[] = [];
  for (const text of texts) {
    const value = read(text);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function readBoolean(text: string): boolean | undefined {
  const folded = text.toLowerCase();
  return folded === 'true' ? true : folded === 'false' ? false : undefined;
}

function readNumeric(text: string): number | undefined {
  return /^[+-]?\d{1,15}(?:\.\d{1,15})?$/.test(text) ? Number(text) : undefined;
}

// ISO 8601 as RAM's date keys carry it, e.g. 2026-01-31T08:00:00+08:00; without a zone it would mean the server's.
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

function readInstant(text: string): number | undefined {
  if (!INSTANT.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}
