import { readNumber } from '@signet/sms-text';
import type { Database } from '../../../platform/db.ts';
import type { Delivered, Link } from '../carriers/public.ts';
import type { ReceiptItem, ReceiptResult } from './lane.ts';
import { readReport, TRIES_BEFORE_DOUBT } from './model.ts';
import { nameDoubtful, readDueOrphans } from './store.ts';

type ReceiptDelivery = Extract<Delivered, { kind: 'receipt' }>;

export type Receipts = {
  /** Stores the receipts, then acknowledges them to the carrier; what could not be stored is asked for again. */
  take(
    carrierId: string,
    link: Pick<Link, 'acknowledge' | 'refuse'>,
    batch: readonly ReceiptDelivery[],
  ): void;
  /** Looks again for the segments of orphans that are due. Returns how many it looked at. */
  retryOrphans(): Promise<number>;
};

const ORPHANS_A_RUN = 500;

export function createReceipts(deps: {
  db: Database;
  now(): number;
  numberKey(e164: string): Buffer;
  submit(item: ReceiptItem): Promise<ReceiptResult>;
  count(result: ReceiptResult | 'on_the_way'): void;
  onFault(error: unknown): void;
}): Receipts {
  return {
    take(carrierId, link, batch) {
      const stored: number[] = [];
      const failed: number[] = [];
      let open = batch.length;
      // One answer to the carrier for the whole batch: a write a receipt would cost more than the receipt.
      const settle = (): void => {
        if (--open > 0) return;
        if (stored.length > 0) link.acknowledge(stored);
        if (failed.length > 0) link.refuse(failed);
      };
      for (const { handle, receipt, destAddr } of batch) {
        const report = readReport(carrierId, receipt, () => {
          const number = readNumber(destAddr);
          return number.ok ? deps.numberKey(number.e164) : null;
        });
        if (report === undefined) {
          deps.count('on_the_way');
          stored.push(handle);
          settle();
          continue;
        }
        deps.submit({ report, orphan: null }).then(
          (result) => {
            deps.count(result);
            stored.push(handle);
            settle();
          },
          (error: unknown) => {
            deps.onFault(error);
            failed.push(handle);
            settle();
          },
        );
      }
    },
    async retryOrphans() {
      const due = await deps.db.sweep((tx) => readDueOrphans(tx, deps.now(), ORPHANS_A_RUN));
      const unnamed = due.filter(({ tries }) => tries >= TRIES_BEFORE_DOUBT).map(({ id }) => id);
      if (unnamed.length > 0) await deps.db.sweep((tx) => nameDoubtful(tx, unnamed));
      const results = await Promise.all(
        due.map((row) =>
          deps.submit({
            report: {
              carrierId: row.carrier_id,
              candidateKeys: row.candidate_keys,
              numberKey: () => row.number_key,
              fate: row.state,
              errCode: row.err_code,
            },
            orphan: { id: row.id, tries: row.tries },
          }),
        ),
      );
      for (const result of results) deps.count(result);
      return due.length;
    },
  };
}
