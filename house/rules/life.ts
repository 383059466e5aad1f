import ts from 'typescript';
import { parseSources } from '../syntax.ts';
import type { TextFile } from '../tree.ts';
import type { Violation } from '../violation.ts';

const DOCUMENT = 'docs/life-of-a-message.md';
const TABLE = 'apps/server/src/modules/sms/messages/life.ts';

export type Step = {
  readonly step: number;
  readonly name: string;
  readonly module: string;
  readonly line: number;
};

/**
 * The numbered steps of the document are the rows of LIFE, in order, each owned by a room that exists. A step is written
 * as a table row `| 1 | authenticate | entrypoints/aliyun-rpc | …` or as a heading or item
 * `1. **authenticate** … (`entrypoints/aliyun-rpc`)`, the module being the first word in backticks.
 */
export function judgeLife(files: readonly TextFile[]): Violation[] {
  const document = files.find(({ path }) => path === DOCUMENT);
  const table = files.find(({ path }) => path === TABLE);
  if (!document) return [{ path: DOCUMENT, line: 1, rule: 'life', reason: 'the document is missing' }];
  if (!table) return [{ path: TABLE, line: 1, rule: 'life', reason: 'the table is missing' }];
  const rows = readRows(table);
  const steps = readSteps(document.text);
  if (rows.length === 0)
    return [
      { path: TABLE, line: 1, rule: 'life', reason: 'LIFE has no rows {step, name, module} of literals' },
    ];
  return [...compare(rows, steps), ...judgeOwners(rows, files)];
}

function compare(rows: readonly Step[], steps: readonly Step[]): Violation[] {
  return Array.from(
    { length: Math.max(rows.length, steps.length) },
    (_, at) => [rows[at], steps[at]] as const,
  ).flatMap(([row, step], at) => {
    const reason = faultOf(row, step, at + 1);
    return reason ? [{ path: DOCUMENT, line: step?.line ?? 1, rule: 'life', reason }] : [];
  });
}

function faultOf(row: Step | undefined, step: Step | undefined, expected: number): string | undefined {
  if (!row) return `step ${step?.step} ${step?.name} is no row of LIFE`;
  if (!step) return `row ${row.step} ${row.name} of LIFE is no step here`;
  if (row.step !== expected) return `row ${row.step} ${row.name} of LIFE stands in place ${expected}`;
  const same = row.step === step.step && row.name === step.name && row.module === step.module;
  return same
    ? undefined
    : `"${step.step} ${step.name} (${step.module})" is "${row.step} ${row.name} (${row.module})" in LIFE`;
}

function judgeOwners(rows: readonly Step[], files: readonly TextFile[]): Violation[] {
  const rooms = ['apps/server/src/modules', 'apps/server/src'];
  return rows
    .filter(
      ({ module }) => !files.some(({ path }) => rooms.some((room) => path.startsWith(`${room}/${module}/`))),
    )
    .map(({ step, module, line }) => ({
      path: TABLE,
      line,
      rule: 'life',
      reason: `step ${step} belongs to ${module}, which is no room`,
    }));
}

function readSteps(text: string): Step[] {
  return text.split('\n').flatMap((content, at) => {
    const row = /^\|\s*(\d+)\s*\|([^|]+)\|([^|]+)\|/u.exec(content);
    const item = /^(?:#+\s+)?(\d+)[.)]?\s+\*\*(.+?)\*\*.*?`([^`]+)`/u.exec(content);
    const [, step, name, module] = row ?? item ?? [];
    if (step === undefined || name === undefined || module === undefined) return [];
    return [{ step: Number(step), name: plain(name), module: plain(module), line: at + 1 }];
  });
}

// Without emphasis, code marks and the brackets of a link.
function plain(cell: string): string {
  return cell
    .replace(/\[([^\]]*)\]\([^)]*\)/u, '$1')
    .replaceAll(/[*`]/gu, '')
    .trim();
}

function readRows(table: TextFile): Step[] {
  const [source] = parseSources([table]);
  const declarations = source?.syntax.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations);
  let list = declarations?.find(({ name }) => name.getText() === 'LIFE')?.initializer;
  while (list && (ts.isAsExpression(list) || ts.isSatisfiesExpression(list))) list = list.expression;
  if (!source || !list || !ts.isArrayLiteralExpression(list)) return [];
  return list.elements.filter(ts.isObjectLiteralExpression).map((row) => {
    const cell = (key: string) => {
      const property = row.properties
        .filter(ts.isPropertyAssignment)
        .find(({ name }) => name.getText() === key);
      const literal = property?.initializer;
      return literal && (ts.isStringLiteralLike(literal) || ts.isNumericLiteral(literal)) ? literal.text : '';
    };
    const { line } = source.syntax.getLineAndCharacterOfPosition(row.getStart());
    return { step: Number(cell('step')), name: cell('name'), module: cell('module'), line: line + 1 };
  });
}
