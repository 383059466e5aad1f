/**
 * The session timers of SMPP 3.4 clause 7.2 as arithmetic on marks; nothing here holds or reads a clock.
 * All times are milliseconds on one monotonic or wall clock of the caller's choice.
 */
export type TimerSettings = {
  /** From transport open to bound. */
  readonly sessionInitMs: number;
  /** Silence of the peer after which enquire_link is sent; 0 = never. */
  readonly enquireLinkMs: number;
  /** Longest wait for the answer to any request. */
  readonly responseTimeoutMs: number;
  /** Time without a message in either direction after which the session ends; 0 = never. */
  readonly inactivityMs: number;
};

export type TimerMarks = {
  openedAt: number;
  isBound: boolean;
  /** Anything heard from the peer. */
  heardAt: number;
  /** Last message (submit, deliver, data) in either direction. */
  messageAt: number;
  /** When the unanswered enquire_link was sent. */
  enquiredAt: number | null;
  /** When the unanswered unbind was sent. */
  unboundAt: number | null;
  /** Deadline of the oldest unanswered message. */
  responseDueAt: number | null;
};

export type DueTimer = 'session_init' | 'no_answer' | 'unbind' | 'response' | 'enquire_link' | 'inactivity';

const instants = (settings: TimerSettings, marks: TimerMarks): [DueTimer, number][] => {
  const list: [DueTimer, number][] = [];
  if (marks.unboundAt !== null) list.push(['unbind', marks.unboundAt + settings.responseTimeoutMs]);
  if (marks.responseDueAt !== null) list.push(['response', marks.responseDueAt]);
  if (!marks.isBound) {
    if (marks.unboundAt === null) list.push(['session_init', marks.openedAt + settings.sessionInitMs]);
    return list;
  }
  if (marks.enquiredAt !== null) list.push(['no_answer', marks.enquiredAt + settings.responseTimeoutMs]);
  else if (settings.enquireLinkMs > 0)
    list.push(['enquire_link', Math.max(marks.heardAt, marks.openedAt) + settings.enquireLinkMs]);
  if (settings.inactivityMs > 0)
    list.push(['inactivity', Math.max(marks.messageAt, marks.openedAt) + settings.inactivityMs]);
  return list;
};

/** The earliest instant at which `dueTimer` will name something, or Infinity. */
export const nextDeadline = (settings: TimerSettings, marks: TimerMarks): number =>
  instants(settings, marks).reduce((earliest, [, at]) => Math.min(earliest, at), Number.POSITIVE_INFINITY);

/** The timer that ran out longest ago, or null; the caller acts on it, moves its mark and asks again. */
export const dueTimer = (settings: TimerSettings, marks: TimerMarks, now: number): DueTimer | null => {
  let due: [DueTimer, number] | null = null;
  for (const entry of instants(settings, marks))
    if (entry[1] <= now && (due === null || entry[1] < due[1])) due = entry;
  return due === null ? null : due[0];
};
