import { type BusinessError, gatewayError, isRefusal, missingParameter, type WireError } from './errors.ts';
import type { OpenNonce } from './open-nonce.ts';
import { type Params, param, repeatedParam } from './params.ts';
import type { KeyRecord } from './signing-keys.ts';

/** One authenticated call, as its action sees it. */
export interface ActionCall {
  readonly principal: KeyRecord;
  readonly action: string;
  readonly version: string;
  /** Read them with `param` and `repeatedParam`: the first letter comes in either case. */
  readonly params: Params;
  /** An upper-case UUID, the same as in the answer. */
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Peer address, for conditions such as acs:SourceIp. */
  readonly sourceIp: string;
  /** A request header by its lower-case name, such as `idempotency-key`. */
  header(name: string): string | undefined;
  /** The nonce of a call whose row says `claimsNonce`; null when it is claimed already. */
  readonly nonce: OpenNonce | null;
}

export type ActionResult = Readonly<Record<string, unknown>> | BusinessError | WireError;

/** One row of the action table; each file in `actions/` exports some. */
export interface Action {
  readonly name: string;
  /** API versions that know it, such as `2017-05-25`. */
  readonly versions: readonly string[];
  /** What a policy must allow, such as `dysms:SendSms`. */
  readonly ramAction: `${string}:${string}`;
  /** The resources it touches, such as `acs:dysms:*:<uid>:template/SMS_1`; left out means all (`*`). */
  resources?(call: ActionCall): readonly string[];
  /** Parameters that must be there and not empty; `SignFileList.N` stands for a repeated one. */
  readonly required?: readonly string[];
  /** Whether a success says `Code` and `Message` OK; RAM, STS and ActionTrail do not. Default `coded`. */
  readonly envelope?: 'coded' | 'bare';
  /** Its handler stores the nonce with what it commits, or leaves it to be claimed with the answer. */
  readonly claimsNonce?: true;
  /** The answer's fields besides RequestId, Code and Message; a refusal may be returned or thrown. */
  handle(call: ActionCall): Promise<ActionResult>;
}

export interface ActionTable {
  readonly versions: ReadonlySet<string>;
  find(version: string, action: string): Action | undefined;
}

export interface DispatchDeps {
  readonly table: ActionTable;
  /**
   * The policy decision on `ramAction` and `resources`: undefined allows, a refusal is sent (SMS:
   * `isp.RAM_PERMISSION_DENY` with HTTP 200; other products: `NoPermission`). A rejection denies.
   */
  authorise(
    call: ActionCall,
    ramAction: string,
    resources: readonly string[],
  ): Promise<WireError | BusinessError | undefined>;
  /** Told of every exception that is no refusal; the caller gets `InternalError` and the request id only. */
  reportFailure(failure: { requestId: string; action: string; error: unknown }): void;
}

export type Outcome =
  | { kind: 'done'; action: Action; fields: Readonly<Record<string, unknown>> }
  | { kind: 'refused'; error: WireError | BusinessError };

const ALL_RESOURCES: readonly string[] = ['*'];

/** Builds the table `(version, action) → row`; a pair that is there twice is a mistake of ours and throws. */
export function actionTable(rows: readonly Action[]): ActionTable {
  const byKey = new Map<string, Action>();
  const versions = new Set<string>();
  for (const row of rows) {
    for (const version of row.versions) {
      const key = `${version} ${row.name}`;
      if (byKey.has(key)) throw new Error(`action ${key} is in the table twice`);
      byKey.set(key, row);
      versions.add(version);
    }
  }
  return { versions, find: (version, action) => byKey.get(`${version} ${action}`) };
}

/**
 * Runs an authenticated call: known version and action → allowed → required parameters → handler; no answer leaves
 * before the nonce of the call is claimed. Rejects only when that cannot be stored: any other exception that is no
 * refusal becomes `InternalError` without its text.
 */
export async function dispatch(call: ActionCall, deps: DispatchDeps): Promise<Outcome> {
  const outcome = await run(call, deps);
  if (call.nonce === null || (await call.nonce.claim())) return outcome;
  return { kind: 'refused', error: gatewayError('SignatureNonceUsed') };
}

async function run(call: ActionCall, deps: DispatchDeps): Promise<Outcome> {
  const row = deps.table.find(call.version, call.action);
  if (row === undefined) {
    const code = deps.table.versions.has(call.version) ? 'InvalidAction.NotFound' : 'InvalidVersion';
    return { kind: 'refused', error: gatewayError(code) };
  }
  try {
    const resources = row.resources?.(call) ?? ALL_RESOURCES;
    const denied = await deps.authorise(call, row.ramAction, resources);
    if (denied !== undefined) return { kind: 'refused', error: denied };
    for (const name of row.required ?? []) {
      if (!isGiven(call.params, name))
        return { kind: 'refused', error: missingParameter(name.replace(/\.N$/, '')) };
    }
    const result = await row.handle(call);
    return isRefusal(result)
      ? { kind: 'refused', error: result }
      : { kind: 'done', action: row, fields: result };
  } catch (error) {
    if (isRefusal(error)) return { kind: 'refused', error };
    deps.reportFailure({ requestId: call.requestId, action: call.action, error });
    return { kind: 'refused', error: gatewayError('InternalError') };
  }
}

function isGiven(params: Params, name: string): boolean {
  if (name.endsWith('.N')) return repeatedParam(params, name.slice(0, -2)).length > 0;
  return Boolean(param(params, name));
}
