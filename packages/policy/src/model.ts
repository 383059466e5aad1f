import type { AddressRange } from './ip-address.ts';

/** The longest policy document in characters (Alibaba RAM, CreatePolicy). */
export const MAX_POLICY_CHARACTERS = 6_144;

export type Effect = 'Allow' | 'Deny';

/** `comparison` over the request's value, negated or not; the operators of the language are these pairs. */
export type Test =
  | { kind: 'string'; values: readonly string[]; foldCase: boolean }
  | { kind: 'pattern'; values: readonly string[] }
  | { kind: 'number' | 'instant'; comparison: Comparison; values: readonly number[] }
  | { kind: 'boolean'; values: readonly boolean[] }
  | { kind: 'address'; values: readonly AddressRange[] };

export type Comparison = 'equal' | 'less' | 'lessOrEqual' | 'greater' | 'greaterOrEqual';

/** One operator on one key. `values` are alternatives; `negated` holds when none of them matches. */
export type Condition = { operator: string; key: string; negated: boolean; test: Test };

/** `actionsExcluded`: the statement is about every action except `actions` (NotAction). */
export type Statement = {
  effect: Effect;
  actions: readonly string[];
  actionsExcluded: boolean;
  resources: readonly string[];
  conditions: readonly Condition[];
};

/** A policy that has been read and checked; made by `readPolicy` only. */
export type Policy = { version: '1'; statements: readonly Statement[] };
