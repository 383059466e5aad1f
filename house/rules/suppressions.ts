import ts from 'typescript';
import { commentsOf, matches, type SourceFile, violationAt, walk } from '../syntax.ts';
import type { Violation } from '../violation.ts';

/** No `as any`; no suppression of compiler or linter without its reason. */
export function judgeSuppressions(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    walk(file, (node) => {
      const asserted = ts.isAsExpression(node) || ts.isTypeAssertionExpression(node);
      if (asserted && node.type.kind === ts.SyntaxKind.AnyKeyword) {
        violations.push(violationAt(file, node.type, 'as-any', 'any switches the compiler off'));
      }
    });
    for (const { text, line } of commentsOf(file)) {
      const reason = suppressionFault(text);
      if (reason) violations.push({ path: file.path, line, rule: 'suppression', reason });
    }
  }
  return violations;
}

// A directive opens its comment; prose that mentions one does not.
function suppressionFault(comment: string): string | undefined {
  const body = comment.replace(/^(?:\/\/+|\/\*+)\s*/u, '');
  if (/^@ts-(?:ignore|nocheck)\b/u.test(body)) return 'a compiler error is fixed or expected, never ignored';
  if (/^@ts-expect-error\b/u.test(body) && !/^@ts-expect-error:?\s+[^\s*]+\s+[^\s*]+/u.test(body))
    return 'it says why the error is right';
  if (/^biome-ignore/u.test(body) && !/^biome-ignore(?:-\w+)?\s+[\w/]+:\s*[^\s*]+\s+[^\s*]+/u.test(body))
    return 'it says why the rule is wrong here';
  return undefined;
}

const TEST_FUNCTIONS = ['describe', 'it', 'test', 'suite'];

/** No test is run alone and none is left out; `skipIf` names what the system lacks. */
export function judgeSkippedTests(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files.filter(({ path }) => matches(path, '\\.test\\.tsx?$'))) {
    walk(file, (node) => {
      if (!ts.isPropertyAccessExpression(node) || !['only', 'skip', 'todo'].includes(node.name.text)) return;
      let subject: ts.Expression = node.expression;
      while (ts.isPropertyAccessExpression(subject)) subject = subject.expression;
      if (!ts.isIdentifier(subject) || !TEST_FUNCTIONS.includes(subject.text)) return;
      violations.push(
        violationAt(file, node, 'skipped-test', `${subject.text}.${node.name.text}: every test runs`),
      );
    });
  }
  return violations;
}
