import ts from 'typescript';
import { MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_README_LINES, TEST_FILES } from '../map.ts';
import { commentsOf, lineAt, matches, type SourceFile, violationAt, walk } from '../syntax.ts';
import type { TextFile } from '../tree.ts';
import type { Violation } from '../violation.ts';

/** Sources of at most 400 lines, unless the first comment says `table:` and why it is one. */
export function judgeFileSizes(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) => {
    const lines = countLines(file.text);
    if (lines <= MAX_FILE_LINES || /^\W*table:\s*\w\S*\s+\S/u.test(commentsOf(file)[0]?.text ?? ''))
      return [];
    const reason = `${lines} lines, at most ${MAX_FILE_LINES}; a table says so in its first comment: "table: reason"`;
    return [{ path: file.path, line: 1, rule: 'file-size', reason }];
  });
}

/**
 * Functions of server and packages of at most 80 lines, tests excepted. The house has factories where others have
 * classes: a named function inside another is measured for itself and not with its factory; an anonymous callback is
 * part of the function it stands in.
 */
export function judgeFunctionSizes(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files.filter(
    ({ path }) => /^(?:apps\/server|packages)\//u.test(path) && !matches(path, TEST_FILES),
  )) {
    walk(file, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
      const lines =
        linesOf(file, node) - namedInside(node).reduce((sum, inner) => sum + linesOf(file, inner), 0);
      if (lines <= MAX_FUNCTION_LINES) return;
      const name = node.name?.getText(file.syntax) ?? 'a function';
      violations.push(
        violationAt(file, node, 'function-size', `${name} has ${lines} lines, at most ${MAX_FUNCTION_LINES}`),
      );
    });
  }
  return violations;
}

function linesOf(file: SourceFile, node: ts.Node): number {
  return lineAt(file, node.getEnd()) - lineAt(file, node.getStart(file.syntax)) + 1;
}

// The outermost named functions: declarations, methods, and those that are the value of a variable or property.
function namedInside(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const enter = (child: ts.Node): void => {
    const valued = ts.isVariableDeclaration(child.parent) || ts.isPropertyAssignment(child.parent);
    const expressed = ts.isArrowFunction(child) || ts.isFunctionExpression(child);
    if (ts.isFunctionDeclaration(child) || ts.isMethodDeclaration(child) || (expressed && valued))
      found.push(child);
    else ts.forEachChild(child, enter);
  };
  ts.forEachChild(node, enter);
  return found;
}

/** Every module and package has a README of at most 20 lines. */
export function judgeReadmes(files: readonly TextFile[]): Violation[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const rooms = files.flatMap(
    ({ path }) => /^(apps\/server\/src\/modules\/[^/]+\/[^/]+|packages\/[^/]+)\//u.exec(path)?.[1] ?? [],
  );
  return [...new Set(rooms)].flatMap((room) => {
    const path = `${room}/README.md`;
    const text = texts.get(path);
    if (text === undefined) return [{ path, line: 1, rule: 'readme', reason: `${room} has no README.md` }];
    const lines = countLines(text);
    return lines > MAX_README_LINES
      ? [{ path, line: 1, rule: 'readme', reason: `${lines} lines, at most ${MAX_README_LINES}` }]
      : [];
  });
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
