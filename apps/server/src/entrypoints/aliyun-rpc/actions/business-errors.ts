import { DomainError } from '../../../platform/domain-error.ts';
import type { Action } from '../dispatch.ts';
import { businessError } from '../errors.ts';

/** The row with the expected refusals of the modules translated into their codes of the wire. */
export const withBusinessErrors = (row: Action): Action => ({
  ...row,
  handle: async (call) => {
    try {
      return await row.handle(call);
    } catch (error) {
      if (error instanceof DomainError) return businessError(error.row.wire, error.message);
      throw error;
    }
  },
});
