import { MESSAGE_KINDS, MESSAGE_STATES } from '@signet/contract';

export type MessageFilters = {
  search?: string | undefined;
  state?: (typeof MESSAGE_STATES)[number] | undefined;
  kind?: (typeof MESSAGE_KINDS)[number] | undefined;
  templateCode?: string | undefined;
  signName?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

/** Filters from the address; a value that the list would refuse (a link of another version, a slip) is left out. */
export function filtersOf(query: Readonly<Record<string, string>>): MessageFilters {
  return {
    search: text(query.search),
    state: MESSAGE_STATES.find((state) => state === query.state),
    kind: MESSAGE_KINDS.find((kind) => kind === query.kind),
    templateCode: text(query.templateCode),
    signName: text(query.signName),
    from: instant(query.from),
    to: instant(query.to),
  };
}

function text(value: string | undefined): string | undefined {
  const trimmed = value?.trim().slice(0, 64);
  return trimmed === '' ? undefined : trimmed;
}

function instant(value: string | undefined): string | undefined {
  const atMs = Date.parse(value ?? '');
  return Number.isNaN(atMs) ? undefined : new Date(atMs).toISOString();
}
