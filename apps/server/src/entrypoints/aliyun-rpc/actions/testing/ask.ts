import { createHash } from 'node:crypto';
import { type ActionCall, actionTable, dispatch } from '../../dispatch.ts';
import type { BusinessError, WireError } from '../../errors.ts';
import { signingSecret } from '../../signing-keys.ts';
import type { DysmsDeps } from '../deps.ts';
import { dysmsActions } from '../dysms-actions.ts';

/** The clock of these tests: 09:30 of 2026-11-22 in UTC+8. */
export const NOW = Date.UTC(2026, 10, 22, 1, 30);
export const TENANT = '1001';
export const ACTOR = 'key:LTAItest0001';

export type Sent = Record<string, string>;

const unused = async () => {
  throw new Error('this door is not for this action');
};

/** Doors to no module: a test puts in the ones that its action is to go through. */
export const doors: DysmsDeps = {
  send: unused,
  refuse: unused,
  digest: (text) => createHash('sha256').update(text).digest(),
  reading: { details: unused, statistics: unused },
  registration: { get: unused },
  signatures: { create: unused, update: unused, remove: unused, get: unused, list: unused },
  templates: { create: unused, update: unused, remove: unused, get: unused, list: unused },
};

/** A door that answers `result` and notes its name and what came through it. */
export const door =
  <R>(seen: unknown[], name: string, result: R) =>
  async (...given: unknown[]): Promise<R> => {
    seen.push([name, ...given]);
    return result;
  };

const asked = (action: string, params: Sent, headers: Sent): ActionCall => ({
  principal: { accessKeyId: 'LTAItest0001', secret: signingSecret('s'), status: 'Active', tenantId: TENANT },
  action,
  version: '2017-05-25',
  params: new Map(Object.entries(params)),
  requestId: 'R-1',
  now: NOW,
  sourceIp: '127.0.0.1',
  header: (name) => headers[name],
  nonce: null,
});

export type Told = {
  /** What a policy was asked: the action, then its resources. */
  asks: readonly string[] | undefined;
  fields?: Readonly<Record<string, unknown>>;
  error?: WireError | BusinessError;
};

/** Runs an action as the table does, allowed by every policy. */
export async function answer(
  deps: Partial<DysmsDeps>,
  action: string,
  params: Sent,
  headers: Sent = {},
): Promise<Told> {
  let asks: readonly string[] | undefined;
  const outcome = await dispatch(asked(action, params, headers), {
    table: actionTable(dysmsActions({ ...doors, ...deps })),
    authorise: async (_call, ramAction, resources) => {
      asks = [ramAction, ...resources];
      return undefined;
    },
    reportFailure: ({ error }) => {
      throw error;
    },
  });
  return outcome.kind === 'done' ? { asks, fields: outcome.fields } : { asks, error: outcome.error };
}
