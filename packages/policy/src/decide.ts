import { conditionHolds } from './conditions.ts';
import type { Condition, Policy, Statement } from './model.ts';
import { compilePattern } from './wildcard.ts';

/** A policy under the name that a decision reports. */
export type NamedPolicy = { name: string; policy: Policy };

/**
 * What is asked: `action` like `dysms:SendSms`, `resource` like `acs:dysms:*:1000000000000001:sign/示例`, and the
 * values of the condition keys (`acs:SourceIp`, …); an absent key is absent or undefined. Resource `*` stands for all
 * resources of the action's product: `acs:dysms:*:*:*`.
 */
export type AccessRequest = {
  action: string;
  resource: string;
  conditions: Readonly<Record<string, string | undefined>>;
};

/** The statement that decided: its policy's name and its place in it, from 0. */
export type DecidingStatement = { policy: string; index: number };

export type Decision =
  | { effect: 'allow'; reason: 'explicit_allow'; statement: DecidingStatement }
  | { effect: 'deny'; reason: 'explicit_deny'; statement: DecidingStatement }
  | { effect: 'deny'; reason: 'implicit_deny'; statement?: undefined };

type Matcher = (value: string) => boolean;
type ResourceMatcher = (parts: ResourceParts | undefined) => boolean;
type ResourceParts = { code: string; region: string; account: string; relativeId: string };
type CompiledStatement = {
  actions: readonly Matcher[];
  actionsExcluded: boolean;
  resources: readonly ResourceMatcher[];
  conditions: readonly Condition[];
  decision: Decision;
};

const IMPLICIT_DENY: Decision = { effect: 'deny', reason: 'implicit_deny' };

/**
 * Prepares policies for many decisions (1.0 to 2.4 µs each for two small ones with an address condition, on a busy machine).
 * Denied unless allowed; any matching Deny wins; the statement reported is the first that matches, in the given order.
 */
export function compilePolicies(policies: readonly NamedPolicy[]): (request: AccessRequest) => Decision {
  const denies: CompiledStatement[] = [];
  const allows: CompiledStatement[] = [];
  for (const { name, policy } of policies) {
    policy.statements.forEach((statement, index) => {
      (statement.effect === 'Deny' ? denies : allows).push(
        compileStatement(statement, { policy: name, index }),
      );
    });
  }
  return (request) => {
    const action = request.action.toLowerCase();
    const resource = readResource(request.resource, action);
    const deciding =
      denies.find((statement) => applies(statement, action, resource, request)) ??
      allows.find((statement) => applies(statement, action, resource, request));
    return deciding?.decision ?? IMPLICIT_DENY;
  };
}

/** One decision; {@link compilePolicies} is for many with the same policies. */
export function decide(request: AccessRequest & { policies: readonly NamedPolicy[] }): Decision {
  return compilePolicies(request.policies)(request);
}

function applies(
  statement: CompiledStatement,
  action: string,
  resource: ResourceParts | undefined,
  request: AccessRequest,
): boolean {
  return (
    statement.actions.some((matches) => matches(action)) !== statement.actionsExcluded &&
    statement.resources.some((matches) => matches(resource)) &&
    statement.conditions.every((condition) =>
      conditionHolds(
        condition,
        Object.hasOwn(request.conditions, condition.key) ? request.conditions[condition.key] : undefined,
      ),
    )
  );
}

function compileStatement(statement: Statement, deciding: DecidingStatement): CompiledStatement {
  return {
    actions: statement.actions.map((action) => compilePattern(action.toLowerCase())),
    actionsExcluded: statement.actionsExcluded,
    resources: statement.resources.map(compileResource),
    conditions: statement.conditions,
    decision:
      statement.effect === 'Deny'
        ? { effect: 'deny', reason: 'explicit_deny', statement: deciding }
        : { effect: 'allow', reason: 'explicit_allow', statement: deciding },
  };
}

/**
 * Part by part, so that a `*` for the region cannot swallow the account: a signature is named by its tenant, and
 * `sign/x:2000:sign/y` must not pass for account 2000's.
 */
function compileResource(pattern: string): ResourceMatcher {
  if (pattern === '*') return () => true;
  const parts = splitResource(pattern);
  if (!parts) return () => false;
  const code = compilePattern(parts.code);
  const region = compilePattern(parts.region);
  const account = compilePattern(parts.account);
  const relativeId = compilePattern(parts.relativeId);
  return (given) =>
    given !== undefined &&
    code(given.code) &&
    region(given.region) &&
    account(given.account) &&
    relativeId(given.relativeId);
}

function readResource(resource: string, action: string): ResourceParts | undefined {
  if (resource !== '*') return splitResource(resource);
  return {
    code: action.slice(0, Math.max(0, action.indexOf(':'))),
    region: '*',
    account: '*',
    relativeId: '*',
  };
}

function splitResource(resource: string): ResourceParts | undefined {
  if (!resource.startsWith('acs:')) return undefined;
  const region = resource.indexOf(':', 4);
  const account = region < 0 ? -1 : resource.indexOf(':', region + 1);
  const relative = account < 0 ? -1 : resource.indexOf(':', account + 1);
  if (relative < 0) return undefined;
  return {
    code: resource.slice(4, region),
    region: resource.slice(region + 1, account),
    account: resource.slice(account + 1, relative),
    relativeId: resource.slice(relative + 1),
  };
}
