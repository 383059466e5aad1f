import type { ScreenContext, Screening } from '@signet/content-engine';
import type { SendableSignature } from '../../signatures/public.ts';
import type { SendableTemplate } from '../../templates/public.ts';
import type { Refusal } from '../errors.ts';
import type { Candidates } from '../model.ts';

/** An answer that is at hand at once on the hot path and a promise otherwise. */
export type Soon<T> = T | Promise<T>;

/** A step refuses the whole call, or fills the candidates for the next step. */
export type Step = (candidates: Candidates, deps: StepDeps) => Soon<Refusal | undefined>;

export type StepDeps = {
  nextId(): string;
  /** Seals the value of messages.sealed of this message; the tenant's key is in memory. */
  seal(tenantId: string, messageId: string, plain: string): Buffer;
  digest(sealed: Buffer): string;
  numberKey(e164: string): Buffer;
  signature(tenantId: string, name: string): Soon<SendableSignature | undefined>;
  template(tenantId: string, code: string): Soon<SendableTemplate | undefined>;
  /** Hex of the number keys of the tenant that are exempt from per-number limits. */
  exemptNumbers(tenantId: string): Soon<ReadonlySet<string> | undefined>;
  /** Which of these number keys opted out of the tenant's marketing, as hex. */
  optedOut(tenantId: string, numberKeys: readonly Buffer[]): Promise<ReadonlySet<string>>;
  screen(text: string, context: ScreenContext): Screening;
};
