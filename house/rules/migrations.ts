import type { Violation } from '../violation.ts';

const FOLDER = 'apps/server/src/db/migrations/';

/** Migrations are named NNNN_verb_noun.sql and numbered from 0001 without gaps. */
export function judgeMigrations(paths: readonly string[]): Violation[] {
  const violationOf = (path: string, reason: string) => ({ path, line: 1, rule: 'migration', reason });
  const names = paths.filter((path) => path.startsWith(FOLDER)).map((path) => path.slice(FOLDER.length));
  if (names.length === 0) return [violationOf(FOLDER, 'there is no migration')];
  return names.sort().flatMap((name, at) => {
    if (!/^\d{4}_[a-z]+(?:_[a-z0-9]+)+\.sql$/u.test(name))
      return [violationOf(FOLDER + name, 'it is not named NNNN_verb_noun.sql')];
    const expected = String(at + 1).padStart(4, '0');
    return name.startsWith(expected) ? [] : [violationOf(FOLDER + name, `its number is ${expected}`)];
  });
}
