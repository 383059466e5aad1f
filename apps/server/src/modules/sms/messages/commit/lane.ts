import type { TemplateKind } from '@signet/sms-text';
import type { Tx } from '../../../../platform/db.ts';
import type { Flush, Lane } from '../../../../platform/group-commit.ts';
import type { Ids } from '../../../../platform/ids.ts';
import { firstIdAt, timeOfId } from '../../../../platform/ids.ts';
import type { LogState } from '../../../trust/audit/public.ts';
import { type Refusal, type RefusalCode, refuse } from '../errors.ts';
import { type CountedSend, checkLimits, DAY_MS, limitMessage } from '../limits/model.ts';
import {
  type Candidate,
  type Candidates,
  LIFETIME_MS,
  type Outgoing,
  type SendAnswer,
  type SendCall,
} from '../model.ts';
import { answerRepeat } from '../steps/recognise-repeat.ts';
import { createWrites, type MessageWrite, readAnswers, readRecentSends, type Writes } from './store.ts';

export type AcceptItem =
  | { kind: 'send'; candidates: Candidates; registryVersion: string }
  | { kind: 'refuse'; call: SendCall; refusal: Refusal };

export type AcceptCommit = (item: AcceptItem) => Promise<SendAnswer | 'stale'>;

export type AcceptLaneDeps = {
  ids: Ids;
  openMessageReviews(
    flush: Flush<LogState>,
    reviews: readonly { tenantId: string; messageId: string; dueAt: number }[],
  ): Promise<void>;
  /** Which of these nonces are new, stored by the same transaction. */
  claimNonces(tx: Tx, digests: readonly string[], now: number): Promise<'all' | ReadonlySet<string>>;
  /** The gateway takes what was committed, without reading it back; false when it is full: then it claims later. */
  gatewayHasRoom(count: number): boolean;
  /** Tenants with new messages, for those who look at a list. */
  onAccepted(tenantIds: readonly string[]): void;
  handOver(chunkId: string, messages: readonly Outgoing[], notBefore: number): void;
  /** Id of this process, the owner of what it hands over to itself. */
  owner: string;
  countStep(step: number, seconds: number): void;
  seconds(): number;
};

type HandOver = { chunkId: string; messages: Outgoing[]; notBefore: number };
const IDEMPOTENT_FOR_MS = DAY_MS;

/** Steps 9 and 10 for all calls that wait, in one transaction. */
export function acceptLane(deps: AcceptLaneDeps): Lane<AcceptItem, SendAnswer | 'stale', LogState, Known> {
  // What one flush hands to the gateway; `committed` of the same flush takes it.
  let handOvers: HandOver[] = [];
  return {
    name: 'accept',
    tenantsOf: (item) => [callOf(item).tenantId],
    read: async (tx, items, now) => {
      const [nonces, repeats, history] = await Promise.all([
        claimNonces(tx, items, now, deps),
        readRepeats(tx, items, now),
        readHistory(tx, items, now),
      ]);
      return { nonces, repeats, history };
    },
    async run(flush, items, { nonces, repeats, history }) {
      handOvers = [];
      const started = deps.seconds();
      const answers = new Map<AcceptItem, SendAnswer | 'stale'>();
      const fresh: AcceptItem[] = [];
      for (const item of items) {
        const known = replayed(item, nonces) ?? knownAnswer(item, repeats, flush.log.registryVersion);
        if (known !== undefined) answers.set(item, known);
        else fresh.push(item);
      }
      const writes = createWrites();
      const going: { notBefore: number; outgoing: Outgoing }[] = [];
      for (const item of fresh) {
        // A repeat within this very flush: the first one was just answered.
        const key = repeatKey(callOf(item));
        const twin = key === undefined ? undefined : repeats.get(key);
        const answer =
          twin !== undefined
            ? answerRepeat(twin, callOf(item).repeat!.bodyDigest)
            : item.kind === 'refuse'
              ? writeRefusal(flush, writes, item.call, item.refusal, deps)
              : writeSend(flush, writes, item.candidates, history, going);
        answers.set(item, answer);
        if (key !== undefined && twin === undefined) {
          const call = callOf(item);
          repeats.set(key, { bodyDigest: call.repeat!.bodyDigest, answer });
          writes.answers.push({
            tenantId: call.tenantId,
            ...call.repeat!,
            answer,
            expiresAt: flush.now + IDEMPOTENT_FOR_MS,
          });
        }
      }
      handOvers = chunk(going, writes, flush.now, deps);
      for (const write of writes.store(flush.tx)) flush.later(write);
      const held = writes.messages.filter((message) => message.state === 'held');
      if (held.length > 0) {
        const reviews = held.map(({ tenantId, id, expiresAt }) => ({
          tenantId,
          messageId: id,
          dueAt: expiresAt,
        }));
        await deps.openMessageReviews(flush, reviews);
      }
      deps.countStep(10, deps.seconds() - started);
      return items.map((item) => answers.get(item)!);
    },
    committed(items) {
      deps.onAccepted([...new Set(items.map((item) => callOf(item).tenantId))]);
      for (const { chunkId, messages, notBefore } of handOvers) deps.handOver(chunkId, messages, notBefore);
      handOvers = [];
    },
  };
}

const callOf = (item: AcceptItem): SendCall => (item.kind === 'send' ? item.candidates.call : item.call);
const repeatKey = (call: SendCall): string | undefined =>
  call.repeat === null ? undefined : `${call.tenantId}|${call.repeat.keyDigest.toString('hex')}`;

type Repeats = Map<string, { bodyDigest: Buffer; answer: SendAnswer }>;

/** What the flush must know before it judges: which nonces are new, answers to repeats, and counted sends to its numbers. */
type Known = { nonces: Set<string>; repeats: Repeats; history: History };

/** The nonces of these calls that are new; the first call of a twin takes it out. */
async function claimNonces(
  tx: Tx,
  items: readonly AcceptItem[],
  now: number,
  deps: AcceptLaneDeps,
): Promise<Set<string>> {
  const nonces = new Set<string>();
  for (const item of items) {
    const { nonce } = callOf(item);
    if (nonce !== null) nonces.add(nonce);
  }
  if (nonces.size === 0) return nonces;
  const fresh = await deps.claimNonces(tx, [...nonces], now);
  return fresh === 'all' ? nonces : new Set(fresh);
}

function replayed(item: AcceptItem, nonces: Set<string>): SendAnswer | undefined {
  const { nonce } = callOf(item);
  if (nonce === null || nonces.delete(nonce)) return undefined;
  const refusal = refuse('message.request_replayed', 'This signed request was sent before.');
  return { code: refusal.wire, message: refusal.message, refusal };
}

async function readRepeats(tx: Tx, items: readonly AcceptItem[], now: number): Promise<Repeats> {
  const calls = items.map(callOf).filter((call) => call.repeat !== null);
  return calls.length === 0 ? new Map() : readAnswers(tx, calls, now);
}

function knownAnswer(
  item: AcceptItem,
  repeats: Repeats,
  registryVersion: string,
): SendAnswer | 'stale' | undefined {
  const call = callOf(item);
  const key = repeatKey(call);
  const known = key === undefined ? undefined : repeats.get(key);
  if (known !== undefined) return answerRepeat(known, call.repeat!.bodyDigest);
  return item.kind === 'send' && item.registryVersion !== registryVersion ? 'stale' : undefined;
}

type History = Map<string, CountedSend[]>;

async function readHistory(tx: Tx, items: readonly AcceptItem[], now: number): Promise<History> {
  const history: History = new Map();
  const keys: Buffer[] = [];
  for (const item of items) {
    if (item.kind === 'refuse') continue;
    for (const candidate of item.candidates.list) {
      if (candidate.exempt) continue;
      const hex = candidate.numberKey.toString('hex');
      if (history.has(hex)) continue;
      history.set(hex, []);
      keys.push(candidate.numberKey);
    }
  }
  if (keys.length === 0) return history;
  for (const row of await readRecentSends(tx, keys, firstIdAt(now - DAY_MS))) {
    history.get(row.number_key.toString('hex'))!.push({
      at: timeOfId(row.id),
      tenantId: row.tenant_id,
      signatureId: row.signature_id,
      templateId: row.template_id,
      kind: row.kind as TemplateKind,
    });
  }
  return history;
}

function writeRefusal(
  flush: Flush<LogState>,
  writes: Writes,
  call: SendCall,
  refusal: Refusal,
  deps: AcceptLaneDeps,
): SendAnswer {
  const id = deps.ids.next();
  writes.refusals.push({ tenantId: call.tenantId, id, requestId: call.requestId, refusal, at: flush.now });
  flush.log.append({
    action: 'message.refused',
    actor: call.actor,
    tenantId: call.tenantId,
    subject: `ref_${id}`,
    facts: { step: refusal.step, code: refusal.code, request: call.requestId },
  });
  return { code: refusal.wire, message: refusal.message, refusal };
}

function writeSend(
  flush: Flush<LogState>,
  writes: Writes,
  { call, list }: Candidates,
  history: History,
  going: { notBefore: number; outgoing: Outgoing }[],
): SendAnswer {
  const callId = list[0]!.id;
  let firstRefusal: Refusal | undefined;
  let accepted = 0;
  for (const candidate of list) {
    const judged = judgeRecipient(candidate, call.tenantId, flush.now, history);
    const message = messageRow(flush, call, callId, candidate, judged);
    writes.messages.push(message);
    if (judged !== undefined) {
      firstRefusal ??= judged.refusal;
      continue;
    }
    accepted++;
    if (message.state === 'accepted') {
      going.push({ notBefore: candidate.notBefore, outgoing: toOutgoing(candidate, message) });
    }
  }
  if (accepted === 0 && firstRefusal !== undefined) {
    return { code: firstRefusal.wire, message: firstRefusal.message, refusal: firstRefusal };
  }
  return { code: 'OK', bizId: `${callId}^0` };
}

type Judged = { refusal: Refusal; finding: string };

/** The row of one recipient, with its entry in the audit log. */
function messageRow(
  flush: Flush<LogState>,
  call: SendCall,
  callId: string,
  candidate: Candidate,
  judged: Judged | undefined,
): MessageWrite {
  const { id, sealed, signature, template, segmentCount } = candidate;
  const state = judged !== undefined ? 'refused' : candidate.held !== null ? 'held' : 'accepted';
  const auditIndex = flush.log.append({
    action: `message.${state}`,
    actor: call.actor,
    tenantId: call.tenantId,
    subject: `msg_${id}`,
    facts: {
      call: callId,
      template: template.id,
      signature: signature.id,
      segments: segmentCount,
      sealed: candidate.sealedDigest,
      code: judged?.refusal.code ?? null,
    },
  });
  return {
    tenantId: call.tenantId,
    id,
    callId,
    signatureId: signature.id,
    templateId: template.id,
    kind: template.kind,
    numberKey: candidate.numberKey,
    sealed,
    segmentCount,
    state,
    errCode: judged?.refusal.wire ?? null,
    finding: judged?.finding ?? finding(candidate),
    acceptedAt: flush.now,
    expiresAt: Math.max(flush.now, candidate.notBefore) + LIFETIME_MS[template.kind],
    finalAt: judged === undefined ? null : flush.now,
    auditIndex,
    counted: judged === undefined && !candidate.exempt,
  };
}

const toOutgoing = (candidate: Candidate, message: MessageWrite): Outgoing => ({
  tenantId: message.tenantId,
  messageId: message.id,
  e164: candidate.e164,
  domestic: candidate.domestic,
  text: candidate.text,
  extendCode: candidate.wanted.extendCode,
  expiresAt: message.expiresAt,
  attempt: 1,
});

const finding = (candidate: Candidate): string | null =>
  candidate.held === null
    ? null
    : JSON.stringify({
        step: 8,
        labels: candidate.held.labels,
        spans: candidate.held.spans.map(withoutText),
      });

/** Evidence without the words themselves: the record is readable without the key, the text is not. */
const withoutText = ({ start, end, rule, label }: NonNullable<Candidate['held']>['spans'][number]) => ({
  start,
  end,
  rule,
  label: label ?? null,
});

function judgeRecipient(
  candidate: Candidate,
  tenantId: string,
  now: number,
  history: History,
): Judged | undefined {
  if (candidate.optedOut) {
    const refusal = refuse('message.opted_out', '该号码已退订 (this number opted out of marketing)');
    return { refusal, finding: found(refusal.code, 7, {}) };
  }
  if (candidate.exempt) return undefined;
  const send: CountedSend = {
    at: Math.max(now, timeOfId(candidate.id)),
    tenantId,
    signatureId: candidate.signature.id,
    templateId: candidate.template.id,
    kind: candidate.template.kind,
  };
  const past = history.get(candidate.numberKey.toString('hex'))!;
  const limit = checkLimits(send, past);
  if (limit === undefined) {
    past.push(send);
    return undefined;
  }
  const refusal = refuse('message.frequency', limitMessage(limit.rule));
  return {
    refusal,
    finding: found(refusal.code, 9, { ...limit.rule, freeAt: new Date(limit.freeAt).toISOString() }),
  };
}

const found = (code: RefusalCode, step: number, facts: Record<string, unknown>): string =>
  JSON.stringify({ step, code, ...facts });

/** One outbox row for each instant from which messages may go; taken over by this process where its gateway has room. */
function chunk(
  going: readonly { notBefore: number; outgoing: Outgoing }[],
  writes: Writes,
  now: number,
  deps: AcceptLaneDeps,
): HandOver[] {
  // 0 stands for «at once»: the clocks of the calls of one flush differ by milliseconds only.
  const byTime = new Map<number, Outgoing[]>();
  for (const { notBefore, outgoing } of going) {
    const from = notBefore <= now ? 0 : notBefore;
    const same = byTime.get(from);
    if (same === undefined) byTime.set(from, [outgoing]);
    else same.push(outgoing);
  }
  const chunks: HandOver[] = [];
  for (const [notBefore, messages] of byTime) {
    const chunkId = deps.ids.next();
    const own = notBefore === 0 && deps.gatewayHasRoom(messages.length);
    writes.chunks.push({
      id: chunkId,
      messageIds: messages.map((message) => message.messageId),
      tenantIds: messages.map((message) => message.tenantId),
      notBefore,
      owner: own ? deps.owner : '0',
    });
    if (own) chunks.push({ chunkId, messages, notBefore });
  }
  return chunks;
}
