/**
 * What the accept path judges by, kept in memory under the registry version (modules/trust/audit): when the version
 * moves, every entry is stale. `undefined` is an answer and is kept too. A hit is synchronous, for the hot path.
 */
export type VersionedCache<Value> = {
  get(key: string): Value | undefined | Promise<Value | undefined>;
};

/** `maxEntries` bounds the memory that unknown keys asked for from outside can take; the oldest go first. */
export function createVersionedCache<Value>(deps: {
  version(): string;
  load(key: string): Promise<Value | undefined>;
  maxEntries: number;
}): VersionedCache<Value> {
  const entries = new Map<string, { value: Value | undefined }>();
  const loading = new Map<string, Promise<Value | undefined>>();
  let filledAt = '';
  return {
    get(key) {
      const version = deps.version();
      if (version !== filledAt) {
        entries.clear();
        loading.clear();
        filledAt = version;
      }
      const known = entries.get(key);
      if (known !== undefined) return known.value;
      let pending = loading.get(key);
      if (pending === undefined) {
        pending = deps
          .load(key)
          .then((value) => {
            // A version that moved while loading may have changed this very entry: it is not kept.
            if (filledAt === version && deps.version() === version) {
              if (entries.size >= deps.maxEntries) entries.delete(entries.keys().next().value as string);
              entries.set(key, { value });
            }
            return value;
          })
          .finally(() => {
            if (loading.get(key) === pending) loading.delete(key);
          });
        loading.set(key, pending);
      }
      return pending;
    },
  };
}
