import type { MessagePart } from '@signet/carrier-protocols/smpp';
import { isOptOut, maskNumber, readNumber, withoutNumbers } from '@signet/sms-text';
import type { Database } from '../../../platform/db.ts';
import { DomainError } from '../../../platform/domain-error.ts';
import { firstIdAt, type Ids } from '../../../platform/ids.ts';
import type { MakeChange } from '../../trust/audit/public.ts';
import type { Vault } from '../../trust/vault/public.ts';
import { numberPlace } from '../opt-outs/public.ts';
import { INBOUND_ERRORS } from './errors.ts';
import type { InboundWrite } from './lane.ts';
import {
  type ClearReply,
  createPartKeeper,
  type DropReason,
  destCode,
  envelopePlace,
  type Gathered,
  HOLD_MS,
  type InboundItem,
  type InboundResult,
  MAX_UNFINISHED,
  MISSING_PARTS,
  openEnvelope,
  packEnvelope,
  type Reply,
  type ReplyPage,
} from './model.ts';
import { countReplies, eraseReplies, readByIds, readPage } from './store.ts';

/** The link that a delivery came over (sms/carriers): it is answered there. */
export type AnsweringLink = {
  acknowledge(handles: readonly number[]): void;
  refuse(handles: readonly number[]): void;
};

/** An inbound delivery of a carrier's link (sms/carriers, Delivered of kind inbound). */
export type InboundDelivery = {
  readonly handle: number;
  readonly sourceAddr: string;
  readonly destAddr: string;
  readonly part: MessagePart;
  /** Of a whole message; null for a part of a longer one and for what is no text. */
  readonly text: string | null;
};

export type InboundDeps = {
  db: Pick<Database, 'withTenants' | 'sweep'>;
  vault: Pick<Vault, 'sealer' | 'numberKey' | 'digest'>;
  ids: Pick<Ids, 'next'>;
  /** The tenant who last sent to this number. */
  lastSender(numberKey: Buffer): Promise<string | undefined>;
  /** `commit.lane(inboundLane(…))`: answers when the write is on disk. */
  commit(write: InboundWrite): Promise<InboundResult>;
  makeChange: MakeChange;
  /** Text of octets by data_coding; null when it is none (sms/carriers/link). */
  decodeText(octets: Uint8Array, dataCoding: number): string | null;
  /** The access number of a carrier, without extension. */
  accessNumber(carrierId: string): string | undefined;
  now(): number;
  /** Runs `act` once after `delayMs`; returns its cancellation. */
  setTimer(delayMs: number, act: () => void): () => void;
  /** A message that could not be stored: the carrier was asked to send it again. */
  onError(error: unknown): void;
};

export type Inbound = {
  /** Takes what a link delivered and answers the carrier over that link when it is stored. */
  take(carrierId: string, link: AnsweringLink, deliveries: readonly InboundDelivery[]): void;
  /** Stores one whole message; resolves after its commit. */
  receive(item: InboundItem): Promise<InboundResult>;
  /** Newest first; `cursor` is the `next` of the page before. The total stops at 10,000. */
  list(tenantId: string, page: { cursor: string | null; limit: number }): Promise<ReplyPage>;
  /** Numbers and texts in clear; the audit entries are durable before. Throws `inbound.not_found`, `inbound.reason_required`. */
  unmask(wanted: {
    tenantId: string;
    ids: readonly string[];
    reason: string;
    actor: string;
  }): Promise<ClearReply[]>;
  /** What the push of these ids tells, in the order of the ids. */
  readReplies(tenantId: string, ids: readonly string[]): Promise<Reply[]>;
  /** Erases replies received before `atMs`, in portions; returns how many. */
  erase(atMs: number): Promise<number>;
  readonly counters: Readonly<Record<'stored' | 'optOuts' | 'givenUpParts' | DropReason, number>>;
  /** Stores what waits for parts, and resolves when everything taken is answered. */
  close(): Promise<void>;
};

type Token = { carrierId: string; link: AnsweringLink; delivery: InboundDelivery };

const ERASED_AT_ONCE = 5_000;
const REASON_CHARACTERS = 500;

export function createInbound(deps: InboundDeps): Inbound {
  const counters = { stored: 0, optOuts: 0, givenUpParts: 0, unassigned: 0, unreadable: 0 };
  const keeper = createPartKeeper<Token>(MAX_UNFINISHED, HOLD_MS);
  const storing = new Set<Promise<void>>();
  let cancelTimer: (() => void) | undefined;

  const drop = async (carrierId: string, sourceAddr: string, why: DropReason): Promise<InboundResult> => {
    const numberDigest = deps.vault.digest(sourceAddr).toString('hex');
    const result = await deps.commit({ kind: 'dropped', carrierId, why, numberDigest });
    counters[why]++;
    return result;
  };

  const receive = async (item: InboundItem): Promise<InboundResult> => {
    const number = readNumber(item.sourceAddr);
    const numberKey = number.ok ? deps.vault.numberKey(number.e164) : undefined;
    const tenantId = numberKey === undefined ? undefined : await deps.lastSender(numberKey);
    if (!number.ok || numberKey === undefined || tenantId === undefined) {
      return drop(item.carrierId, number.ok ? number.e164 : item.sourceAddr, 'unassigned');
    }
    const sealer = await deps.vault.sealer(tenantId);
    const id = deps.ids.next();
    const optOut = isOptOut(item.text);
    const optOutId = optOut ? deps.ids.next() : null;
    const result = await deps.commit({
      kind: 'reply',
      row: {
        tenantId,
        id,
        carrierId: item.carrierId,
        numberKey,
        sealed: sealer.seal(envelopePlace(id), packEnvelope(number.e164, item.text)),
        destCode: destCode(item.destAddr, deps.accessNumber(item.carrierId)),
        optOut,
        receivedAt: item.receivedAt,
      },
      optOut:
        optOutId === null
          ? null
          : { id: optOutId, sealedNumber: sealer.seal(numberPlace(optOutId), number.e164) },
    });
    counters.stored++;
    if (optOut) counters.optOuts++;
    return result;
  };

  /** Stores one message and answers the deliveries that it came in. */
  const settle = ({ carrierId, delivery }: Token, text: string | null, tokens: readonly Token[]): void => {
    const { sourceAddr, destAddr } = delivery;
    const done = (
      text === null
        ? drop(carrierId, sourceAddr, 'unreadable')
        : receive({ carrierId, sourceAddr, destAddr, text, receivedAt: deps.now() })
    ).then(
      () => answer(tokens, 'acknowledge'),
      (error: unknown) => {
        answer(tokens, 'refuse');
        deps.onError(error);
      },
    );
    storing.add(done);
    void done.finally(() => storing.delete(done));
  };

  const settleGathered = (gathered: readonly Gathered<Token>[]): void => {
    for (const { token, runs, dataCoding, tokens } of gathered) {
      if (runs.includes(null)) counters.givenUpParts += tokens.length;
      const texts = runs.map((run) => (run === null ? MISSING_PARTS : deps.decodeText(run, dataCoding)));
      settle(token, texts.includes(null) ? null : texts.join(''), tokens);
    }
  };

  const armTimer = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    const at = keeper.nextGiveUpAt();
    if (at === undefined) return;
    cancelTimer = deps.setTimer(Math.max(0, at - deps.now()), () => {
      settleGathered(keeper.giveUp(deps.now()));
      armTimer();
    });
  };

  return {
    receive,
    counters,
    take(carrierId, link, deliveries) {
      for (const delivery of deliveries) {
        const token = { carrierId, link, delivery };
        if (delivery.part.total === 1) {
          settle(token, delivery.text, [token]);
          continue;
        }
        const from = `${carrierId}/${delivery.sourceAddr}/${delivery.destAddr}`;
        settleGathered(keeper.add(from, delivery.part, token, deps.now()));
      }
      armTimer();
    },
    ...readSide(deps),
    async close() {
      cancelTimer?.();
      settleGathered(keeper.giveUp(Number.POSITIVE_INFINITY));
      await Promise.all(storing);
    },
  };
}

function answer(tokens: readonly Token[], verb: 'acknowledge' | 'refuse'): void {
  const handles = new Map<AnsweringLink, number[]>();
  for (const { link, delivery } of tokens) {
    const known = handles.get(link);
    if (known === undefined) handles.set(link, [delivery.handle]);
    else known.push(delivery.handle);
  }
  for (const [link, list] of handles) link[verb](list);
}

function readSide({ db, vault, makeChange }: Pick<InboundDeps, 'db' | 'vault' | 'makeChange'>) {
  return {
    async list(
      tenantId: string,
      { cursor, limit }: { cursor: string | null; limit: number },
    ): Promise<ReplyPage> {
      const sealer = await vault.sealer(tenantId);
      const [rows, total] = await db.withTenants([tenantId], async (tx) => [
        await readPage(tx, tenantId, cursor, limit + 1),
        await countReplies(tx, tenantId),
      ]);
      const items = rows.slice(0, limit).map((row) => ({
        id: row.id,
        phone: maskNumber(openEnvelope(sealer.open(envelopePlace(row.id), row.sealed)).phone),
        destCode: row.dest_code,
        at: row.received_at.getTime(),
        optOut: row.opt_out,
      }));
      return { items, total, next: rows.length > limit ? items.at(-1)!.id : null };
    },
    async unmask({ tenantId, ids, reason, actor }: Parameters<Inbound['unmask']>[0]): Promise<ClearReply[]> {
      const words = withoutNumbers(reason.trim()).slice(0, REASON_CHARACTERS);
      if (words === '') {
        throw new DomainError(
          INBOUND_ERRORS.reasonMissing,
          'State why you need to see the number and the text.',
        );
      }
      const sealer = await vault.sealer(tenantId);
      const rows = await makeChange({
        tenants: [tenantId],
        async run(tx, log) {
          const found = await readByIds(tx, tenantId, ids);
          if (found.length < new Set(ids).size) {
            throw new DomainError(
              INBOUND_ERRORS.notFound,
              'There is no such reply, or its retention has ended; look at the list again.',
            );
          }
          const facts = { reason: words };
          for (const { id } of found) {
            log.append({ action: 'inbound.unmasked', actor, tenantId, subject: `inb_${id}`, facts });
          }
          return found;
        },
      });
      return rows.map(({ id, sealed }) => ({ id, ...openEnvelope(sealer.open(envelopePlace(id), sealed)) }));
    },
    async readReplies(tenantId: string, ids: readonly string[]): Promise<Reply[]> {
      const sealer = await vault.sealer(tenantId);
      const rows = await db.withTenants([tenantId], (tx) => readByIds(tx, tenantId, ids));
      return rows.map((row) => {
        const { phone, text } = openEnvelope(sealer.open(envelopePlace(row.id), row.sealed));
        return {
          inboundId: row.id,
          phone,
          content: text,
          destCode: row.dest_code,
          receivedAt: row.received_at.getTime(),
        };
      });
    },
    async erase(atMs: number): Promise<number> {
      let erased = 0;
      for (;;) {
        const gone = await db.sweep((tx) => eraseReplies(tx, firstIdAt(atMs), ERASED_AT_ONCE));
        erased += gone;
        if (gone < ERASED_AT_ONCE) return erased;
      }
    },
  };
}
