import ts from 'typescript';
import { type SourceFile, violationAt, walk } from '../syntax.ts';
import type { Violation } from '../violation.ts';

/** Every `errors.ts` of a module exports a list that is closed: a constant `as const`. */
export function judgeClosedErrors(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path }) => /^apps\/server\/src\/modules\/.*\/errors\.ts$/u.test(path))
    .filter((file) => !file.syntax.statements.some(exportsClosedList))
    .map(({ path }) => ({
      path,
      line: 1,
      rule: 'errors-closed',
      reason: 'it exports no constant `as const` of its codes',
    }));
}

/** A code, written `code: '…'` in an `errors.ts`, is written once in the whole server. */
export function judgeErrorCodes(files: readonly SourceFile[]): Violation[] {
  const first = new Map<string, string>();
  const violations: Violation[] = [];
  for (const file of files.filter(({ path }) => /^apps\/server\/src\/.*\/errors\.ts$/u.test(path))) {
    walk(file, (node) => {
      if (!ts.isPropertyAssignment(node) || node.name.getText(file.syntax) !== 'code') return;
      if (!ts.isStringLiteralLike(node.initializer)) return;
      const code = node.initializer.text;
      const earlier = first.get(code);
      const { line } = file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax));
      if (earlier)
        violations.push(violationAt(file, node, 'error-code', `${code} stands in ${earlier} already`));
      else first.set(code, `${file.path}:${line + 1}`);
    });
  }
  return violations;
}

function exportsClosedList(statement: ts.Statement): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return false;
  return statement.declarationList.declarations.some(
    ({ initializer }) => initializer !== undefined && isClosed(initializer),
  );
}

function isClosed(expression: ts.Expression): boolean {
  if (ts.isSatisfiesExpression(expression)) return isClosed(expression.expression);
  return ts.isAsExpression(expression) && expression.type.getText() === 'const';
}
