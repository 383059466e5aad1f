import ts from 'typescript';
import { CIPHER_ROOMS, SQL_ROOMS, TEST_FILES } from '../map.ts';
import { matches, type SourceFile, violationAt, walk } from '../syntax.ts';
import type { TextFile } from '../tree.ts';
import type { Violation } from '../violation.ts';

const CIPHERS = ['createCipheriv', 'createDecipheriv', 'subtle'];

// Statements that name a table. Case counts, so that prose ("Select one from the list") passes.
const SQL_STATEMENT =
  /\b(?:select\s[^;]*?\sfrom\s+[a-z_"(]|insert\s+into\s+[a-z_"]|update\s+[a-z_".]+\s+(?:as\s+)?(?:\w+\s+)?set\s|delete\s+from\s+[a-z_"]|truncate\s+(?:table\s+)?[a-z_"]+|copy\s+[a-z_"]+\s*(?:\(|from\s|to\s)|lock\s+table\s)/u;
const KYSELY_ENTRIES = ['selectFrom', 'insertInto', 'updateTable', 'deleteFrom', 'mergeInto'];

/** Only the vault and the KMS hold a cipher. */
export function judgeCiphers(files: readonly SourceFile[]): Violation[] {
  return judgeServer(files, [CIPHER_ROOMS, TEST_FILES], (node) =>
    ts.isIdentifier(node) && CIPHERS.includes(node.text) && !ts.isPropertyAssignment(node.parent)
      ? ['cipher', `${node.text}: only trust/vault and platform/kms encrypt`]
      : undefined,
  );
}

/** Only a store names tables. */
export function judgeSql(files: readonly SourceFile[]): Violation[] {
  return judgeServer(files, SQL_ROOMS, (node) => {
    const reason = 'only store.ts names tables';
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      return KYSELY_ENTRIES.includes(node.expression.name.text) ? ['sql', reason] : undefined;
    }
    const text = literalText(node);
    return text !== undefined && isSql(text) ? ['sql', reason] : undefined;
  });
}

/** `db/` holds migrations, rules in SQL and generated row types; a system folder of modules holds modules only. */
export function judgeRooms(files: readonly TextFile[]): Violation[] {
  const db = files
    .filter(
      ({ path }) =>
        /^apps\/server\/src\/db\//u.test(path) &&
        !/(?:\.sql|\.generated\.ts|\.test\.ts|README\.md)$/u.test(path),
    )
    .map(({ path }) => ({
      path,
      line: 1,
      rule: 'db-content',
      reason: 'db holds SQL and *.generated.ts only',
    }));
  const loose = files
    .filter(({ path }) => /^apps\/server\/src\/modules\/(?:[^/]+\/)?[^/]+$/u.test(path))
    .map(({ path }) => ({
      path,
      line: 1,
      rule: 'loose-file',
      reason: 'a file of a module lies in modules/<system>/<module>/',
    }));
  return [...db, ...loose];
}

function judgeServer(
  files: readonly SourceFile[],
  rooms: string | readonly string[],
  judge: (node: ts.Node) => readonly [rule: string, reason: string] | undefined,
): Violation[] {
  const violations: Violation[] = [];
  for (const file of files.filter(
    ({ path }) => /^(?:apps|packages)\//u.test(path) && !matches(path, rooms),
  )) {
    walk(file, (node) => {
      const judged = judge(node);
      if (judged) violations.push(violationAt(file, node, ...judged));
    });
  }
  return violations;
}

function literalText(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('$1');
}

// Keywords may be written in capitals.
function isSql(text: string): boolean {
  return SQL_STATEMENT.test(text.replaceAll(/\b[A-Z]{2,}\b/gu, (word) => word.toLowerCase()));
}
