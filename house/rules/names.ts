import ts from 'typescript';
import { EMPTY_WORDS, HOMELESS_NAMES } from '../map.ts';
import { type SourceFile, violationAt, walk } from '../syntax.ts';
import type { Violation } from '../violation.ts';

/** No folder or source file is named as a place for functions without a home. */
export function judgePathNames(paths: readonly string[]): Violation[] {
  return paths
    .filter((path) =>
      path.split('/').some((part) => HOMELESS_NAMES.includes((part.split('.')[0] ?? '').toLowerCase())),
    )
    .map((path) => ({
      path,
      line: 1,
      rule: 'path-name',
      reason: 'a function without a home is missing a noun',
    }));
}

/** No exported name holds a word that says nothing. */
export function judgeExportedNames(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    walk(file, (node) => {
      for (const name of exportedNames(node)) {
        const word = wordsOf(name.text).find((candidate) => EMPTY_WORDS.includes(candidate));
        if (word)
          violations.push(violationAt(file, name, 'exported-name', `${name.text}: "${word}" says nothing`));
      }
    });
  }
  return violations;
}

function exportedNames(node: ts.Node): ts.Identifier[] {
  // `export { a as b } from` repeats a name that is judged where it is declared, unless it is renamed.
  if (ts.isExportSpecifier(node)) return node.propertyName && ts.isIdentifier(node.name) ? [node.name] : [];
  if (
    !ts.canHaveModifiers(node) ||
    !ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  )
    return [];
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  const name = (node as ts.Node & { readonly name?: ts.Node }).name;
  return name && ts.isIdentifier(name) ? [name] : [];
}

function boundNames(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []));
}

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/gu, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/gu, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/u);
}
