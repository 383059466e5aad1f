/** One row of a module's closed list of errors; the edge translates it once (DESIGN.md, One source for each truth). */
export type ErrorRow = {
  /** Inner code, unique over the server: `module.what_is_wrong`. */
  readonly code: string;
  readonly http: number;
  /** Code of the console API (packages/contract, ERROR_CODES). */
  readonly problem: string;
  /** Code on the wire of the Alibaba-compatible OpenAPI. */
  readonly wire: string;
};

/** An expected refusal. `message` is one plain sentence that says what to do next; it holds no personal data. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly row: ErrorRow;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(row: ErrorRow, message: string, facts: Record<string, string | number> = {}) {
    super(message);
    this.row = row;
    this.facts = facts;
  }
}
