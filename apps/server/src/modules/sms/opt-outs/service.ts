import { maskNumber, readNumber } from '@signet/sms-text';
import type { Database, Tx } from '../../../platform/db.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import type { Ids } from '../../../platform/ids.ts';
import type { MakeChange, OpenLog } from '../../trust/audit/public.ts';
import type { Vault } from '../../trust/vault/public.ts';
import { OPT_OUT_ERRORS } from './errors.ts';
import { numberPlace, type OptOutPage } from './model.ts';
import { addOptOuts, countInForce, liftOptOut, type OptOutRow, readOptedOut, readPage } from './store.ts';

export type OptOuts = {
  /** Which of these number keys refuse the tenant's messages, as hex. One query for the set. */
  optedOut(tenantId: string, numberKeys: readonly Buffer[]): Promise<ReadonlySet<string>>;
  /** In force, newest first; `cursor` is the `next` of the page before. The total stops at 10,000. */
  list(tenantId: string, page: { cursor: string | null; limit: number }): Promise<OptOutPage>;
  /** Adds one by hand; adding it again changes nothing. Throws DomainError `opt_out.number_illegal`. */
  add(tenantId: string, number: string, actor: string): Promise<void>;
  /** Throws DomainError `opt_out.not_found` or `opt_out.reason_missing`. */
  lift(tenantId: string, id: string, reason: string, actor: string): Promise<void>;
};

const NONE: ReadonlySet<string> = new Set();

export function createOptOuts(deps: {
  db: Pick<Database, 'withTenants'>;
  vault: Pick<Vault, 'sealer' | 'numberKey'>;
  ids: Pick<Ids, 'next'>;
  makeChange: MakeChange;
}): OptOuts {
  return {
    async optedOut(tenantId, numberKeys) {
      if (numberKeys.length === 0) return NONE;
      const keys = await deps.db.withTenants([tenantId], (tx) => readOptedOut(tx, tenantId, numberKeys));
      return new Set(keys.map((key) => key.toString('hex')));
    },
    async list(tenantId, { cursor, limit }) {
      const sealer = await deps.vault.sealer(tenantId);
      const [rows, total] = await deps.db.withTenants([tenantId], async (tx) => [
        await readPage(tx, tenantId, cursor, limit + 1),
        await countInForce(tx, tenantId),
      ]);
      const items = rows.slice(0, limit).map((row) => ({
        id: row.id,
        phone: maskNumber(sealer.open(numberPlace(row.id), row.sealed_number).toString('utf8')),
        signName: null,
        at: row.created_at.getTime(),
        source: row.source,
      }));
      return { items, total, next: rows.length > limit ? items.at(-1)!.id : null };
    },
    async add(tenantId, number, actor) {
      const read = readNumber(number);
      if (!read.ok) {
        throw new DomainError(
          OPT_OUT_ERRORS.numberIllegal,
          'This is no mobile number; write it as 138… or +44….',
        );
      }
      const id = deps.ids.next();
      const sealedNumber = (await deps.vault.sealer(tenantId)).seal(numberPlace(id), read.e164);
      const row = {
        tenantId,
        id,
        numberKey: deps.vault.numberKey(read.e164),
        sealedNumber,
        source: 'console' as const,
      };
      await deps.makeChange({
        tenants: [tenantId],
        run: (tx, log, now) => recordOptOuts({ tx, log, now }, [{ ...row, actor }]),
      });
    },
    async lift(tenantId, id, reason, actor) {
      const stated = reason.trim();
      if (stated === '') {
        throw new DomainError(OPT_OUT_ERRORS.reasonMissing, 'State why this number may be written to again.');
      }
      await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          if (!(await liftOptOut(tx, tenantId, id, stated, now))) {
            throw new DomainError(
              OPT_OUT_ERRORS.notFound,
              'There is no such opt-out in force; look at the list again.',
            );
          }
          log.append({ action: 'opt_out.lifted', actor, tenantId, subject: `opt_${id}`, facts: {} });
        },
      });
    },
  };
}

/** The part of a group commit, or of a change, that recording needs. */
export type Writing = { tx: Tx; log: OpenLog; now: number };

/** Records opt-outs inside a transaction, with an audit entry for each that is new; returns the ids of those. */
export async function recordOptOuts(
  writing: Writing,
  rows: readonly (OptOutRow & { actor: string })[],
): Promise<ReadonlySet<string>> {
  if (rows.length === 0) return NONE;
  const added = await addOptOuts(writing.tx, rows, writing.now);
  for (const { id, tenantId, source, actor } of rows) {
    if (!added.has(id)) continue;
    writing.log.append({
      action: 'opt_out.recorded',
      actor,
      tenantId,
      subject: `opt_${id}`,
      facts: { source },
    });
  }
  return added;
}
