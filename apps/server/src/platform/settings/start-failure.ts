/**
 * A reason why Signet cannot start, told to the operator in one line that names the setting to change.
 * `main.ts` prints `message` and exits with 1; nothing has been left half-done when it is thrown.
 */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/** `error` as one line of text: system errors carry line breaks and their own prefixes. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').trim();
}
