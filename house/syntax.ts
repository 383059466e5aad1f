import ts from 'typescript';
import type { TextFile } from './tree.ts';
import type { Violation } from './violation.ts';

export type SourceFile = TextFile & { readonly syntax: ts.SourceFile };

/** Parses the TypeScript and JavaScript files among the texts; the others are left out. */
export function parseSources(files: readonly TextFile[]): SourceFile[] {
  return files
    .filter(({ path }) => /\.(?:ts|tsx|mts|mjs|cjs|js)$/u.test(path) && !/\.generated\.ts$/u.test(path))
    .map((file) => ({
      ...file,
      syntax: ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true),
    }));
}

/** Calls `visit` with every node of the file, outer ones first. */
export function walk(file: SourceFile, visit: (node: ts.Node) => void): void {
  const enter = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, enter);
  };
  enter(file.syntax);
}

/** Line of an offset, from 1. */
export function lineAt(file: SourceFile, offset: number): number {
  return file.syntax.getLineAndCharacterOfPosition(offset).line + 1;
}

export function violationAt(file: SourceFile, node: ts.Node, rule: string, reason: string): Violation {
  return { path: file.path, line: lineAt(file, node.getStart(file.syntax)), rule, reason };
}

export type Comment = { readonly text: string; readonly line: number };

/** All comments of the file in order; text that looks like one inside a string is none. */
export function commentsOf(file: SourceFile): Comment[] {
  const found = new Map<number, Comment>();
  const collect = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? [])
      found.set(pos, { text: file.text.slice(pos, end), line: lineAt(file, pos) });
  };
  // Every comment leads or trails some token, and the end of the file is a token too.
  const enter = (node: ts.Node): void => {
    if (ts.isJsxText(node)) return;
    const children = node.getChildren(file.syntax);
    if (children.length === 0) {
      collect(ts.getLeadingCommentRanges(file.text, node.getFullStart()));
      collect(ts.getTrailingCommentRanges(file.text, node.getEnd()));
    }
    for (const child of children) enter(child);
  };
  enter(file.syntax);
  return [...found.values()].sort((a, b) => a.line - b.line);
}

/** Whether a path matches one of the patterns of house/map.ts. */
export function matches(path: string, patterns: string | readonly string[]): boolean {
  return [patterns].flat().some((pattern) => new RegExp(pattern, 'u').test(path));
}
