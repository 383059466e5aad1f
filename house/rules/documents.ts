import { posix } from 'node:path';
import type { TextFile } from '../tree.ts';
import type { Violation } from '../violation.ts';

const MISSION = 'docs/mission.md';

/** Relative links of Markdown files lead to a file or folder of the repository. Code blocks are no links. */
export function judgeLinks(files: readonly TextFile[], paths: readonly string[]): Violation[] {
  const known = new Set(paths.flatMap((path) => [path, ...foldersOf(path)]));
  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap(({ path, text }) =>
      linksOf(text)
        .filter(({ target }) => !/^(?:[a-z][a-z0-9+.-]*:|#|\/\/)/iu.test(target))
        .filter(({ target }) => !known.has(resolve(path, target)))
        .map(({ target, line }) => ({ path, line, rule: 'link', reason: `${target} does not exist` })),
    );
}

/**
 * `docs/mission.md` holds a table `| id | what works | test | missing |`. What works is empty or "–" for an id of which
 * nothing does; where something does, the third column names at least one test file, in backticks, that exists.
 */
export function judgeMission(files: readonly TextFile[], paths: readonly string[]): Violation[] {
  const document = files.find(({ path }) => path === MISSION);
  const violationAt = (line: number, reason: string) => ({ path: MISSION, line, rule: 'mission', reason });
  if (!document) return [violationAt(1, 'the document is missing')];
  const rows = missionRows(document.text);
  if (rows.length === 0) return [violationAt(1, 'no row "| id | what works | test | missing |"')];
  return rows.flatMap(({ id, works, tests, line }, at) => {
    const repeated =
      rows.findIndex((row) => row.id === id) < at ? [violationAt(line, `${id} has a row already`)] : [];
    const absent = tests.filter((test) => !isTest(test) || !paths.includes(test));
    const wrong = absent.map((test) =>
      violationAt(line, `${id} names ${test}, which is no test file that exists`),
    );
    const untested = works && tests.length === 0 ? [violationAt(line, `${id} works and names no test`)] : [];
    return [...repeated, ...wrong, ...untested];
  });
}

type MissionRow = {
  readonly id: string;
  readonly works: boolean;
  readonly tests: readonly string[];
  readonly line: number;
};

function missionRows(text: string): MissionRow[] {
  return text.split('\n').flatMap((content, at) => {
    const [id, works, tests] = content
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    if (id === undefined || works === undefined || tests === undefined || !/^[A-Z]\d*(?:\.\d+)*$/u.test(id))
      return [];
    const named = [...tests.matchAll(/`([^`]+)`/gu)].flatMap(([, path]) => path ?? []);
    return [{ id, works: !/^[–—-]?$/u.test(works), tests: named, line: at + 1 }];
  });
}

function isTest(path: string): boolean {
  return /\.test\.tsx?$/u.test(path);
}

function linksOf(text: string): { target: string; line: number }[] {
  let fenced = false;
  return text.split('\n').flatMap((content, at) => {
    if (/^\s*(?:```|~~~)/u.test(content)) fenced = !fenced;
    if (fenced) return [];
    const prose = content.replaceAll(/`[^`]*`/gu, '');
    const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/gu)];
    const referred = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gu)];
    return [...inline, ...referred].flatMap(([, target]) => (target ? [{ target, line: at + 1 }] : []));
  });
}

function resolve(from: string, target: string): string {
  const path = decodeURI(target.replace(/[#?].*$/u, ''));
  return posix.join(posix.dirname(from), path).replace(/\/$/u, '');
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['.', ...parts.map((_, at) => parts.slice(0, at + 1).join('/'))];
}
