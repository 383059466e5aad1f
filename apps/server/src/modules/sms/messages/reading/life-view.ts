import { LIFE, type StepNumber } from '../life.ts';
import { LIFETIME_MS } from '../model.ts';
import type { LifeRecord } from './life-record.ts';
import { bizIdOf, isoOrNull } from './model.ts';

export type StepFacts = Record<string, string | number | boolean | null>;
/** One of the 20 steps as the console shows it (contract, messageDetail.steps). */
export type StepView = {
  step: number;
  name: string;
  outcome: 'done' | 'waiting' | 'refused' | 'skipped';
  at: string | null;
  facts: StepFacts;
};
type Seen = Omit<StepView, 'step' | 'name'>;

const done = (at: Date | null, facts: StepFacts = {}): Seen => ({
  outcome: 'done',
  at: isoOrNull(at),
  facts,
});
const refused = (at: Date | null, facts: StepFacts): Seen => ({
  outcome: 'refused',
  at: isoOrNull(at),
  facts,
});
const waiting = (facts: StepFacts = {}): Seen => ({ outcome: 'waiting', at: null, facts });
const skipped = (facts: StepFacts = {}): Seen => ({ outcome: 'skipped', at: null, facts });

const accepted = ({ message }: LifeRecord): Seen => done(message.acceptedAt);

/** The step that refused this recipient; a rejection in review is step 8's. */
const refusedAt = ({ message }: LifeRecord): number | null =>
  message.state === 'refused' ? (message.finding?.step ?? 8) : null;

const attempted = (record: LifeRecord): boolean => record.segments.length + record.intents.length > 0;

/** The segments of the newest attempt that has an outcome. */
const lastOutcome = ({ segments }: LifeRecord): LifeRecord['segments'] =>
  segments.filter((one) => one.attempt === segments.at(-1)?.attempt);

const newestIntent = ({ intents }: LifeRecord): LifeRecord['intents'][number] | undefined => intents.at(-1);
/** What the newest attempt was meant to be: an intent without outcome is newer than every outcome. */
function newestChoice(record: LifeRecord): { carrier: string; route: string; at: Date } | undefined {
  const intent = newestIntent(record);
  if (intent !== undefined) return intent;
  const [ended] = lastOutcome(record);
  return ended && { carrier: ended.carrier, route: ended.route, at: ended.intendedAt };
}

function route(record: LifeRecord): Seen {
  const choice = newestChoice(record);
  return done(null, { carrier: choice?.carrier ?? '', route: choice?.route ?? '' });
}

/** Another server may have gone these steps after the backup that this one was restored from: none of them is known. */
const isRestored = (record: LifeRecord): boolean => lastOutcome(record)[0]?.status === 'restored';

/** Steps between commit and wire: done once there was an attempt; never come to where the message ended before. */
const onTheWay = (record: LifeRecord, seen: () => Seen, pending: StepFacts = {}): Seen => {
  if (isRestored(record)) return skipped({ reason: 'restored' });
  if (attempted(record)) return seen();
  return record.message.finalAt === null ? waiting(pending) : skipped();
};

function notBefore({ message }: LifeRecord): StepFacts {
  const from = message.expiresAt.getTime() - LIFETIME_MS[message.kind];
  return from > message.acceptedAt.getTime() ? { notBefore: new Date(from).toISOString() } : {};
}

function optOut(record: LifeRecord): Seen {
  const { message } = record;
  if (refusedAt(record) === 7) return refused(message.acceptedAt, { code: message.errCode });
  return done(message.acceptedAt, notBefore(record));
}

function screening(record: LifeRecord): Seen {
  const { message, review } = record;
  if (message.finding?.step !== 8) return done(message.acceptedAt);
  const facts: StepFacts = {
    labels: message.finding.labels.join(', '),
    rules: [...new Set(message.finding.spans.map((span) => span.rule))].join(', '),
  };
  const decidedAt = review?.decidedAt ?? null;
  if (message.state === 'held')
    return waiting({ ...facts, review: 'open', until: message.expiresAt.toISOString() });
  if (message.state === 'refused')
    return refused(decidedAt ?? message.finalAt, { ...facts, review: 'rejected', code: message.errCode });
  const released = review?.state === 'approved' || attempted(record) || message.finalAt === null;
  return released
    ? done(decidedAt, { ...facts, review: 'approved' })
    : skipped({ ...facts, review: 'lapsed' });
}

function limits(record: LifeRecord): Seen {
  const { message } = record;
  const { finding } = message;
  if (refusedAt(record) === 7) return skipped();
  if (refusedAt(record) === 9 && finding?.step === 9) {
    const { scope, window, permits, freeAt } = finding;
    return refused(message.acceptedAt, { code: message.errCode, scope, window, permits, freeAt });
  }
  const exempt = !message.counted && refusedAt(record) === null;
  return done(message.acceptedAt, exempt ? { exempt: true } : {});
}

function submission(record: LifeRecord): Seen {
  if (isRestored(record)) return skipped({ reason: 'restored' });
  const outcome = lastOutcome(record);
  if (outcome.length === 0) return attempted(record) ? waiting() : onTheWay(record, waiting);
  return done(null, { segments: outcome.length, attempt: outcome[0]!.attempt });
}

function outcome(record: LifeRecord): Seen {
  const last = lastOutcome(record);
  if (last.length === 0) return record.message.finalAt === null ? waiting() : skipped();
  const rejected = last.filter((one) => one.state === 'rejected');
  const facts: StepFacts = {
    attempt: last[0]!.attempt,
    rejected: rejected.length,
    unknown: last.filter((one) => one.state === 'unknown').length,
    status: rejected[0]?.status ?? last.find((one) => one.state === 'unknown')?.status ?? null,
  };
  if (rejected.length < last.length) return done(last[0]!.at, facts);
  // Nothing was taken: tried again until it is final.
  return record.message.finalAt === null ? waiting(facts) : refused(last[0]!.at, facts);
}

function receipts(record: LifeRecord): Seen {
  const owed = lastOutcome(record).filter((one) => one.state !== 'rejected');
  const came = owed.flatMap((one) => (one.receiptAt === null ? [] : [one.receiptAt]));
  const ended = record.message.finalAt !== null;
  if (owed.length === 0) return ended ? skipped() : waiting();
  const facts = { received: came.length, of: owed.length };
  if (came.length < owed.length) return ended ? skipped(facts) : waiting(facts);
  return done(
    came.reduce((latest, at) => (at > latest ? at : latest)),
    facts,
  );
}

function ending({ message }: LifeRecord): Seen {
  return message.finalAt === null
    ? waiting()
    : done(message.finalAt, { state: message.state, code: message.errCode });
}

function push(record: LifeRecord): Seen {
  const { push: row, message } = record;
  if (row === null) return message.finalAt === null ? waiting() : skipped({ reason: 'no_address' });
  const facts = { tries: row.tries, status: row.lastStatus };
  if (row.state === 'delivered') return done(null, facts);
  return row.state === 'dead'
    ? refused(null, facts)
    : waiting({ ...facts, nextAt: row.nextAt.toISOString() });
}

const SEEN: Readonly<Record<StepNumber, (record: LifeRecord) => Seen>> = {
  1: accepted,
  2: accepted,
  3: accepted,
  4: accepted,
  5: ({ message }) =>
    done(message.acceptedAt, { signature: message.signName, template: message.templateCode }),
  6: ({ message }) => done(message.acceptedAt, { segments: message.segmentCount }),
  7: optOut,
  8: screening,
  9: limits,
  10: ({ message }) =>
    done(message.acceptedAt, { bizId: bizIdOf(message.callId), auditIndex: message.auditIndex }),
  11: (record) => onTheWay(record, () => done(null), notBefore(record)),
  12: (record) => onTheWay(record, () => route(record)),
  13: (record) => onTheWay(record, () => done(null)),
  14: (record) => onTheWay(record, () => done(newestChoice(record)?.at ?? null)),
  15: submission,
  16: outcome,
  17: receipts,
  18: ending,
  19: push,
  20: () => waiting(),
};

/** The 20 steps of one message, from what is stored. A time that nothing stored is null, never guessed. */
export const viewLife = (record: LifeRecord): StepView[] =>
  LIFE.map(({ step, name }) => ({ step, name, ...SEEN[step](record) }));
