/** Why a command did not run; each has a sentence in words.ts. `usage` also prints the help. */
export type CommandRefusal =
  | 'usage'
  | 'setting'
  | 'never_started'
  | 'unreachable'
  | 'unreadable'
  | 'problems'
  | 'log_altered';

/** An expected end of a command. The sentence is printed, and the program ends with 1 (2 for a wrong call). */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly refusal: CommandRefusal;
  readonly facts: Readonly<Record<string, string>>;

  constructor(refusal: CommandRefusal, facts: Record<string, string> = {}) {
    super(refusal);
    this.refusal = refusal;
    this.facts = facts;
  }
}
