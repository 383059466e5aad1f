export type OptOutSource = 'reply' | 'console';

/** An opt-out in force as people see it; `phone` is masked. */
export type OptOut = {
  id: string;
  phone: string;
  /** Always null: a refusal counts for all signatures of the tenant. */
  signName: null;
  /** ms */
  at: number;
  source: OptOutSource;
};

export type OptOutPage = { items: OptOut[]; total: number; next: string | null };

/** Where the number of an opt-out stands sealed. */
export const numberPlace = (id: string) => ({ table: 'opt_outs', column: 'sealed_number', row: id });

/** Totals are counted no further: a page needs to know that there are many, not how many. */
export const COUNTED_TO = 10_000;
