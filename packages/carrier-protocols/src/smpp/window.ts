/**
 * The window of unanswered messages of one session: each sequence number maps to the caller's token until its
 * answer, its timeout or the end of the link, whichever comes first, and to exactly one of them.
 */
export type Window = {
  readonly size: number;
  pending(): number;
  add(sequence: number, token: number, now: number): void;
  /** The token, and the sequence is free again; undefined when it is not pending. */
  settle(sequence: number): number | undefined;
  /** When the oldest pending message times out, or null. */
  dueAt(): number | null;
  /** Tokens whose timeout has come; they are remembered so that a late answer can be told from a stray one. */
  expire(now: number): number[];
  /** The token of a message whose answer comes after its timeout; undefined when it is none of the last 4,096. */
  settleLate(sequence: number): number | undefined;
  /** Every pending token; the window is empty afterwards. */
  drain(): number[];
};

/** Late answers are a curiosity, not a duty: memory for them is bounded, the oldest go first. */
const MAX_REMEMBERED = 4_096;

export const createWindow = (size: number, timeoutMs: number): Window => {
  type Entry = { readonly token: number; readonly dueAt: number };
  // One timeout for all, so insertion order is deadline order and the first entry is the oldest.
  const entries = new Map<number, Entry>();
  const expired = new Map<number, number>();
  return {
    size,
    pending: () => entries.size,
    add(sequence, token, now) {
      entries.set(sequence, { token, dueAt: now + timeoutMs });
    },
    settle(sequence) {
      const entry = entries.get(sequence);
      if (entry === undefined) return undefined;
      entries.delete(sequence);
      return entry.token;
    },
    dueAt() {
      for (const entry of entries.values()) return entry.dueAt;
      return null;
    },
    expire(now) {
      const tokens: number[] = [];
      for (const [sequence, entry] of entries) {
        if (entry.dueAt > now) break;
        entries.delete(sequence);
        tokens.push(entry.token);
        expired.set(sequence, entry.token);
        if (expired.size > MAX_REMEMBERED)
          for (const oldest of expired.keys()) {
            expired.delete(oldest);
            break;
          }
      }
      return tokens;
    },
    settleLate(sequence) {
      const token = expired.get(sequence);
      expired.delete(sequence);
      return token;
    },
    drain() {
      const tokens = [...entries.values()].map((entry) => entry.token);
      entries.clear();
      return tokens;
    },
  };
};

/** Sequence numbers run 0x00000001–0x7FFFFFFF and start again (clause 3.2). */
export const nextSequence = (sequence: number): number => (sequence >= 0x7fffffff ? 1 : sequence + 1);
