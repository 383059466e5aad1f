import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';

/** Throws when an answer is not what its schema says, or holds a field that the schema does not name. */
export function checkAnswer(name: string, schema: z.ZodType, answer: unknown): void {
  const sent: unknown = JSON.parse(JSON.stringify(answer));
  const parsed = schema.safeParse(sent);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join('.')}: ${message}`,
    );
    throw new Error(`the answer of ${name} breaks the contract: ${faults.join('; ')}`);
  }
  if (!isDeepStrictEqual(parsed.data, sent))
    throw new Error(`the answer of ${name} says more than the contract`);
}
