import { DomainError } from '../../../../platform/domain-error.ts';
import { READING_ERRORS } from './errors.ts';
import type { MessageReading, ReadingDeps } from './service.ts';
import { readExemptKeys, storeExempt } from './store/exempt-numbers.ts';

/** Most numbers exempt from the limits (reference §7, «Rules to reproduce»). */
const MAX_EXEMPT = 300;

/** The numbers of a tenant that its per-number limits do not count. */
export function exemptNumbers(deps: ReadingDeps): Pick<MessageReading, 'exemptNumbers' | 'addExempt'> {
  return {
    async exemptNumbers(tenantId) {
      const keys = await deps.db.withTenants([tenantId], (tx) => readExemptKeys(tx, tenantId));
      return new Set(keys.map((key) => key.toString('hex')));
    },
    async addExempt({ tenantId, e164, actor }) {
      const numberKey = deps.vault.numberKey(e164);
      const key = numberKey.toString('hex');
      const sealer = await deps.vault.sealer(tenantId);
      const sealedNumber = sealer.seal({ table: 'exempt_numbers', column: 'sealed_number', row: key }, e164);
      await deps.makeChange({
        tenants: [tenantId],
        async run(tx, log, now) {
          // Changes run one after the other, so the count holds.
          const known = await readExemptKeys(tx, tenantId);
          if (known.some((one) => one.equals(numberKey))) return;
          if (known.length >= MAX_EXEMPT) {
            throw new DomainError(
              READING_ERRORS.tooManyExempt,
              `At most ${MAX_EXEMPT} numbers are exempt; take one out first.`,
            );
          }
          await storeExempt(tx, { tenantId, numberKey, sealedNumber, createdAt: new Date(now) });
          log.append({
            action: 'exempt_number.added',
            actor,
            tenantId,
            subject: `num_${deps.vault.digest(e164).toString('hex').slice(0, 32)}`,
            facts: {},
          });
          log.changeRegistry();
        },
      });
    },
  };
}
