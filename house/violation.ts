/** A broken rule of the house; `line` is counted from 1, and 1 when the file as a whole is meant. */
export type Violation = {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly reason: string;
};

/** The violations as `file:line rule reason`, sorted, for a test to compare with the empty list. */
export function report(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, rule, reason }) => `${path}:${line} ${rule} ${reason}`).sort();
}
