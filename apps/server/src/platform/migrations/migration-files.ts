import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartFailure } from '../settings/public.ts';

/** One SQL file: its name without `.sql`, its text and the SHA-256 of the text in hex. */
export interface SqlFile {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}

const FILE_NAME = /^(\d{4})_[a-z]+(?:_[a-z\d]+)+\.sql$/;

/**
 * Reads `NNNN_verb_noun.sql` of a folder in order. Numbers start at 0001 and leave no gap, so that two branches that
 * take the same number meet in a test and not in a database.
 * @throws StartFailure for a file out of order or with another name
 */
export function readMigrationFiles(dir: string): SqlFile[] {
  const names = readdirSync(dir)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = FILE_NAME.exec(name)?.[1];
    if (number === undefined) throw new StartFailure(`migration ${name}: must be named NNNN_verb_noun.sql`);
    if (Number(number) !== index + 1) {
      throw new StartFailure(`migration ${name}: number ${String(index + 1).padStart(4, '0')} is due`);
    }
    const file = readSqlFile(join(dir, name), name.slice(0, -'.sql'.length));
    if (/^\s*(begin|start\s+transaction|commit|rollback)\s*;/im.test(withoutBodies(file.text))) {
      throw new StartFailure(`migration ${name}: must not begin or end transactions; it runs in one`);
    }
    return file;
  });
}

/** Reads one SQL file; line ends are made LF first, so that a checkout on Windows has the same hash. */
export function readSqlFile(path: string, name: string): SqlFile {
  const text = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  return { name, text, sha256: createHash('sha256').update(text).digest('hex') };
}

/** The text without dollar-quoted bodies, where procedures may commit. */
function withoutBodies(text: string): string {
  return text.replaceAll(/(\$\w*\$)[\s\S]*?\1/g, "''");
}
