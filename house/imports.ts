import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { cruiseOptions } from './import-rules.ts';
import { type SidewaysLine, SYSTEM_FLOORS } from './map.ts';
import type { Violation } from './violation.ts';

export type CruisedImports = { readonly files: number; readonly violations: readonly Violation[] };

const CRUISED = ['apps/server/src', 'apps/console/src', 'apps/simulators', 'packages'];

/** Reads all imports under the root and judges them by the import rules and the sideways lines. */
export async function cruiseImports(
  root: string,
  sideways: readonly SidewaysLine[],
): Promise<CruisedImports> {
  const folders = CRUISED.filter((folder) => existsSync(join(root, folder)));
  const { output } = await cruise(folders, cruiseOptions(root));
  const result: ICruiseResult = typeof output === 'string' ? JSON.parse(output) : output;
  const files = result.modules.filter(
    ({ source }) => /^(?:apps|packages)\//u.test(source) && !source.includes('node_modules'),
  );
  return {
    files: files.length,
    violations: [...ruleViolations(result, root), ...sidewaysViolations(result, root, sideways)],
  };
}

function ruleViolations(result: ICruiseResult, root: string): Violation[] {
  const reasons = new Map(result.summary.ruleSetUsed?.forbidden?.map(({ name, comment }) => [name, comment]));
  return result.summary.violations.map(({ from, to, rule }) => ({
    path: from,
    line: lineOfImport(result, root, from, to),
    rule: rule.name,
    reason: `imports ${to}: ${reasons.get(rule.name)}`,
  }));
}

function sidewaysViolations(
  result: ICruiseResult,
  root: string,
  sideways: readonly SidewaysLine[],
): Violation[] {
  const used = new Set<SidewaysLine>();
  const violations: Violation[] = [];
  for (const { source, dependencies } of result.modules) {
    for (const { resolved } of dependencies) {
      const [from, to] = [moduleOf(source), moduleOf(resolved)];
      if (from === undefined || to === undefined || from === to || floorOf(from) !== floorOf(to)) continue;
      const line = sideways.find((allowed) => allowed.from === from && allowed.to === to);
      if (line) used.add(line);
      else {
        const reason = `${from} uses ${to}, both on floor ${floorOf(from)}, and SIDEWAYS in house/map.ts has no line for it`;
        violations.push({
          path: source,
          line: lineOfImport(result, root, source, resolved),
          rule: 'sideways',
          reason,
        });
      }
    }
  }
  const unused = sideways.filter((line) => !used.has(line));
  return [
    ...violations,
    ...unused.map(({ from, to }) => mapViolation('sideways-unused', `nothing in ${from} uses ${to}`)),
  ];
}

/** The sideways lines must stay on one floor and form no circle. */
export function judgeSideways(sideways: readonly SidewaysLine[]): Violation[] {
  const offFloor = sideways.filter(
    ({ from, to }) => floorOf(from) === undefined || floorOf(from) !== floorOf(to),
  );
  const circular = sideways.filter(({ from, to }) => reaches(sideways, to, from, new Set()));
  return [
    ...offFloor.map(({ from, to }) =>
      mapViolation('sideways-floor', `${from} and ${to} are not on one floor`),
    ),
    ...circular.map(({ from, to }) => mapViolation('sideways-circle', `${from} → ${to} closes a circle`)),
  ];
}

function reaches(sideways: readonly SidewaysLine[], from: string, goal: string, seen: Set<string>): boolean {
  if (from === goal) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return sideways.some((line) => line.from === from && reaches(sideways, line.to, goal, seen));
}

function mapViolation(rule: string, reason: string): Violation {
  return { path: 'house/map.ts', line: 1, rule, reason };
}

function moduleOf(path: string): string | undefined {
  return /^apps\/server\/src\/modules\/([^/]+\/[^/]+)\//u.exec(path)?.[1];
}

function floorOf(module: string): number | undefined {
  return SYSTEM_FLOORS[module.split('/')[0] ?? ''];
}

// dependency-cruiser tells no lines; the specifier it tells stands in the file.
function lineOfImport(result: ICruiseResult, root: string, from: string, to: string): number {
  const source = result.modules.find(({ source }) => source === from);
  const specifier = source?.dependencies.find(({ resolved }) => resolved === to)?.module;
  if (specifier === undefined) return 1;
  const lines = readFileSync(join(root, from), 'utf8').split('\n');
  return (
    1 +
    Math.max(
      0,
      lines.findIndex((line) => line.includes(`'${specifier}'`) || line.includes(`"${specifier}"`)),
    )
  );
}
