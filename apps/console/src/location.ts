import { useSyncExternalStore } from 'react';

/** A place in the console: `/t/1/messages` and its filters. */
export type Place = { path: string; query: Readonly<Record<string, string>> };

/** Reads the part of the address behind `#`; anything unreadable is the front page. */
export function readPlace(hash: string): Place {
  const text = hash.startsWith('#') ? hash.slice(1) : hash;
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  // Every name is a field of its own, `__proto__` too.
  const query: Record<string, string> =
    mark < 0 ? {} : Object.fromEntries(new URLSearchParams(text.slice(mark + 1)));
  return { path: path.startsWith('/') ? path : '/', query };
}

/** The same place as an address behind `#`; empty values are left out, names are in order so that equal places are equal. */
export function writePlace(path: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams();
  for (const name of Object.keys(query).sort()) {
    const value = query[name];
    if (value !== undefined && value !== '') search.set(name, value);
  }
  const tail = search.toString();
  return `#${path}${tail === '' ? '' : `?${tail}`}`;
}

/** Values of the `:name` places of a pattern, or null when the path is another one. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const found = given[index] ?? '';
    if (part.startsWith(':')) {
      if (found === '') return null;
      try {
        values[part.slice(1)] = decodeURIComponent(found);
      } catch {
        return null;
      }
    } else if (part !== found) return null;
  }
  return values;
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed);
  return () => window.removeEventListener('hashchange', changed);
}

let last: { hash: string; place: Place } = { hash: '', place: readPlace('') };

function currentPlace(): Place {
  const hash = window.location.hash;
  if (hash !== last.hash) last = { hash, place: readPlace(hash) };
  return last.place;
}

export function usePlace(): Place {
  return useSyncExternalStore(subscribe, currentPlace);
}

export function go(path: string, query: Readonly<Record<string, string | undefined>> = {}): void {
  window.location.hash = writePlace(path, query);
}

/** Changes filters of the present place; any change but one of the cursor itself goes back to the first page. */
export function setFilters(change: Readonly<Record<string, string | undefined>>): void {
  const { path, query } = currentPlace();
  go(path, { ...query, cursor: undefined, ...change });
}
