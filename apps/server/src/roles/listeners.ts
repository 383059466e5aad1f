/** Who wants to know that messages of a tenant changed: open pages. Lossy by nature, bounded by the entrypoint. */
export type Listeners = {
  on(tenantId: string, listener: () => void): () => void;
  tell(tenantIds: Iterable<string>): void;
};

export function createListeners(): Listeners {
  const byTenant = new Map<string, Set<() => void>>();
  return {
    on(tenantId, listener) {
      const set = byTenant.get(tenantId) ?? new Set();
      byTenant.set(tenantId, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) byTenant.delete(tenantId);
      };
    },
    tell(tenantIds) {
      if (byTenant.size === 0) return;
      for (const tenantId of tenantIds) for (const listener of byTenant.get(tenantId) ?? []) listener();
    },
  };
}
