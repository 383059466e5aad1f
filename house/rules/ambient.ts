import ts from 'typescript';
import { AMBIENT_ROOMS } from '../map.ts';
import { matches, type SourceFile, violationAt, walk } from '../syntax.ts';
import type { Violation } from '../violation.ts';

const AMBIENT_MEMBERS: Readonly<Record<string, string>> = {
  'Date.now': 'the clock',
  'performance.now': 'the clock',
  'process.hrtime': 'the clock',
  'Math.random': 'chance',
  'crypto.getRandomValues': 'chance',
  'process.env': 'the environment',
};
const AMBIENT_CALLS = ['randomBytes', 'randomInt', 'randomUUID', 'randomFillSync'];

/** Clock, chance and environment are arguments everywhere but in the rooms that read them. */
export function judgeAmbient(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files.filter(
    ({ path }) => /^(?:apps|packages)\//u.test(path) && !matches(path, AMBIENT_ROOMS),
  )) {
    walk(file, (node) => {
      const reading = ambientReading(node);
      if (reading) violations.push(violationAt(file, node, 'ambient', `${reading} is an argument`));
    });
  }
  return violations;
}

function ambientReading(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) {
    const member = `${node.expression.getText().replace(/^globalThis\./u, '')}.${node.name.text}`;
    return AMBIENT_MEMBERS[member] && `${AMBIENT_MEMBERS[member]} (${member})`;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
    return 'the clock (new Date())';
  if (!ts.isCallExpression(node)) return undefined;
  const called = ts.isPropertyAccessExpression(node.expression)
    ? node.expression.name.text
    : node.expression.getText();
  if (called === 'Date' && ts.isIdentifier(node.expression)) return 'the clock (Date())';
  // A member of `deps` is the argument asked for; a function of node:crypto is not.
  const direct = ts.isIdentifier(node.expression) || /^(?:node)?crypto\./iu.test(node.expression.getText());
  return direct && AMBIENT_CALLS.includes(called) && importsFromCrypto(node)
    ? `chance (${called}())`
    : undefined;
}

function importsFromCrypto(node: ts.Node): boolean {
  return node
    .getSourceFile()
    .statements.some(
      (statement) =>
        ts.isImportDeclaration(statement) &&
        /^['"](?:node:)?crypto['"]$/u.test(statement.moduleSpecifier.getText()),
    );
}
