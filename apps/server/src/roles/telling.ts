import type { Lane } from '../platform/group-commit.ts';

/** The lane as it is, which tells after each commit whose things it changed. */
export function telling<Item, Result, Log, Read>(
  lane: Lane<Item, Result, Log, Read>,
  tell: (tenantIds: Iterable<string>) => void,
): Lane<Item, Result, Log, Read> {
  return {
    ...lane,
    committed(items, results) {
      lane.committed?.(items, results);
      // Walked only when somebody listens.
      tell(tenantsOf(lane, items));
    },
  };
}

function* tenantsOf<Item>(
  lane: { tenantsOf(item: Item): Iterable<string> },
  items: readonly Item[],
): Iterable<string> {
  for (const item of items) yield* lane.tenantsOf(item);
}
