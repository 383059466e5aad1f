import type { MessagePart } from '@signet/carrier-protocols/smpp';

/** One whole inbound message as the carrier gave it; `receivedAt` in ms. */
export type InboundItem = {
  carrierId: string;
  /** The handset. */
  sourceAddr: string;
  /** Our access number with its extension. */
  destAddr: string;
  text: string;
  receivedAt: number;
};

export type DropReason = 'unassigned' | 'unreadable';
export type InboundResult =
  | { kind: 'stored'; tenantId: string; id: string }
  | { kind: 'dropped'; why: DropReason };

/** A reply as people see it; `phone` is masked, `at` in ms. */
export type ListedReply = { id: string; phone: string; destCode: string; at: number; optOut: boolean };
/** A reply shown in full, for a reason; `phone` in E.164. */
export type ClearReply = { id: string; phone: string; text: string };
export type ReplyPage = { items: ListedReply[]; total: number; next: string | null };

/** A reply as its tenant gets it; `phone` in E.164, `receivedAt` in ms. */
export type Reply = {
  inboundId: string;
  phone: string;
  content: string;
  destCode: string;
  receivedAt: number;
};

/** Totals are counted no further. */
export const COUNTED_TO = 10_000;

export const envelopePlace = (id: string) => ({ table: 'inbound_messages', column: 'sealed', row: id });
export const packEnvelope = (phone: string, text: string): string => JSON.stringify([phone, text]);
export function openEnvelope(plain: Buffer): { phone: string; text: string } {
  const [phone, text] = JSON.parse(plain.toString('utf8')) as [string, string];
  return { phone, text };
}

/** The extension that the caller chose, when the destination is the access number with one; else all of it. */
export function destCode(destAddr: string, accessNumber: string | undefined): string {
  const extended =
    accessNumber !== undefined &&
    accessNumber !== '' &&
    destAddr.length > accessNumber.length &&
    destAddr.startsWith(accessNumber);
  return extended ? destAddr.slice(accessNumber.length) : destAddr;
}

/** How long parts wait for each other, and how many unfinished messages wait at most; 255 parts of 140 octets each. */
export const HOLD_MS = 3_000;
export const MAX_UNFINISHED = 1_000;

/** Stands in a text for the parts that did not come. */
export const MISSING_PARTS = '[…]';

/** Parts of one message that leave the keeper together. A run of neighbouring parts is joined; null is a gap. */
export type Gathered<Token> = {
  readonly token: Token;
  readonly runs: readonly (Uint8Array | null)[];
  readonly dataCoding: number;
  /** One for each part that came, repeats included. */
  readonly tokens: readonly Token[];
};

export type PartKeeper<Token> = {
  /**
   * Takes a part; `from` names whom the reference belongs to (carrier, sender, destination). A repeated part replaces
   * the earlier one. Answers what is ready: this message when it is whole, and the oldest that had to give way.
   */
  add(from: string, part: MessagePart, token: Token, now: number): Gathered<Token>[];
  /** What has waited too long, with gaps. */
  giveUp(now: number): Gathered<Token>[];
  /** ms, or undefined when nothing waits. */
  nextGiveUpAt(): number | undefined;
};

/**
 * Joins parts as `createAssembler` does, and answers for those that stay unfinished: they owe the carrier an answer,
 * which the assembler, knowing octets alone, forgets.
 */
export function createPartKeeper<Token>(maxUnfinished: number, holdMs: number): PartKeeper<Token> {
  type Unfinished = {
    startedAt: number;
    parts: (Uint8Array | undefined)[];
    dataCoding: number;
    missing: number;
    tokens: Token[];
  };
  // In order of arrival, so the first is the oldest.
  const unfinished = new Map<string, Unfinished>();
  const leave = (key: string, entry: Unfinished): Gathered<Token> => {
    unfinished.delete(key);
    return {
      token: entry.tokens[0]!,
      runs: runsOf(entry.parts),
      dataCoding: entry.dataCoding,
      tokens: entry.tokens,
    };
  };
  const giveUp = (now: number): Gathered<Token>[] => {
    const gone: Gathered<Token>[] = [];
    for (const [key, entry] of unfinished) {
      if (now - entry.startedAt < holdMs && unfinished.size <= maxUnfinished) break;
      gone.push(leave(key, entry));
    }
    return gone;
  };
  return {
    giveUp,
    nextGiveUpAt() {
      const [oldest] = unfinished.values();
      return oldest === undefined ? undefined : oldest.startedAt + holdMs;
    },
    add(from, part, token, now) {
      const gone = giveUp(now);
      const key = `${part.scheme}/${part.reference}/${part.total}/${part.dataCoding}/${from}`;
      let entry = unfinished.get(key);
      if (entry === undefined) {
        const parts = new Array<Uint8Array | undefined>(part.total).fill(undefined);
        entry = { startedAt: now, parts, dataCoding: part.dataCoding, missing: part.total, tokens: [] };
        unfinished.set(key, entry);
      }
      if (entry.parts[part.part - 1] === undefined) entry.missing -= 1;
      entry.parts[part.part - 1] = part.octets;
      entry.tokens.push(token);
      if (entry.missing === 0) gone.push(leave(key, entry));
      else if (unfinished.size > maxUnfinished) gone.push(...giveUp(now));
      return gone;
    },
  };
}

function runsOf(parts: readonly (Uint8Array | undefined)[]): (Uint8Array | null)[] {
  const runs: (Uint8Array | null)[] = [];
  let run: Uint8Array[] = [];
  const endRun = (): void => {
    if (run.length > 0) runs.push(Buffer.concat(run));
    run = [];
  };
  for (const part of parts) {
    if (part !== undefined) {
      run.push(part);
      continue;
    }
    endRun();
    if (runs.at(-1) !== null) runs.push(null);
  }
  endRun();
  return runs;
}
