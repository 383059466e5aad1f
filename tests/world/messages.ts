import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ScreenContext, Screening } from '@signet/content-engine';
import { parseTemplate, readVariableRules, type TemplateKind } from '@signet/sms-text';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import {
  accept,
  acceptLane,
  type Outgoing,
  type SendAnswer,
  type SendCall,
} from '../../apps/server/src/modules/sms/messages/public.ts';
import type { SendableSignature } from '../../apps/server/src/modules/sms/signatures/public.ts';
import type { SendableTemplate } from '../../apps/server/src/modules/sms/templates/public.ts';
import { claimNonces } from '../../apps/server/src/modules/trust/access/public.ts';
import {
  type Audit,
  auditSequencer,
  changeLane,
  createAudit,
  type LogState,
  type MakeChange,
} from '../../apps/server/src/modules/trust/audit/public.ts';
import { openVault, type Vault } from '../../apps/server/src/modules/trust/vault/public.ts';
import { type Database, openDatabase } from '../../apps/server/src/platform/db.ts';
import { createGroupCommit, type Lane } from '../../apps/server/src/platform/group-commit.ts';
import { createIds, type Ids } from '../../apps/server/src/platform/ids.ts';
import { openLocalKms } from '../../apps/server/src/platform/kms/public.ts';
import { systemRandom } from '../../apps/server/src/platform/random.ts';
import { databaseForTests } from './database.ts';

/** One tenant with an approved signature and a template of each kind, `template.code` etc. by kind. */
export interface Sender {
  readonly tenantId: string;
  readonly signature: SendableSignature;
  readonly templates: Readonly<Record<TemplateKind, SendableTemplate>>;
}

export interface SendOptions {
  readonly kind?: TemplateKind;
  readonly params?: Readonly<Record<string, string>>;
  readonly outId?: string;
  readonly repeat?: SendCall['repeat'];
  readonly nonce?: string;
}

/** The accept path over real PostgreSQL, with a clock that stands until it is moved. */
export interface MessageWorld {
  readonly db: Database;
  readonly vault: Vault;
  readonly ids: Ids;
  readonly audit: Audit;
  readonly makeChange: MakeChange;
  /** The owner's connection: sees all tenants, arranges and looks. */
  readonly owner: pg.Client;
  /** ms; tests set it. */
  now: number;
  /** What the accept lane handed to the gateway, oldest first. */
  readonly handedOver: Outgoing[];
  /** Held messages for which the lane asked for a review. */
  readonly reviews: { tenantId: string; messageId: string; dueAt: number }[];
  /** Numbers (hex of number keys) exempt from the limits, and those that opted out. */
  readonly exempt: Set<string>;
  readonly optedOut: Set<string>;
  lane<Item, Result>(lane: Lane<Item, Result, LogState>): (item: Item) => Promise<Result>;
  addSender(name: string): Promise<Sender>;
  /** Steps 3 to 10 of one call; a text with the word 审 is held, one with 禁 is refused. */
  send(sender: Sender, numbers: readonly string[], options?: SendOptions): Promise<SendAnswer>;
  /** Like `send`, for a call that must be accepted: the ids of its messages, in order of the recipients. */
  sent(sender: Sender, numbers: readonly string[], options?: SendOptions): Promise<string[]>;
}

/** 2026-03-02 10:00:00 in UTC+8, a Monday. */
export const WORLD_START = Date.UTC(2026, 2, 2, 2, 0, 0);

// The placeholder of a template variable, not of a template literal.
const CODE = `$\{code}`;
const CONTENT: Readonly<Record<TemplateKind, string>> = {
  code: `您的验证码是${CODE}，请勿告诉他人。`,
  notice: `您的订单${CODE}已发货。`,
  marketing: `新品${CODE}上市，拒收请回复R`,
  international: `Your code is ${CODE}.`,
};

/** A world for a test file: made before its tests, closed after them. */
export function messageWorldForTests(): () => MessageWorld {
  const database = databaseForTests();
  let world: (MessageWorld & { close(): Promise<void> }) | null = null;
  beforeAll(async () => {
    world = await openWorld(database().owner, database().app.database);
  });
  // Registered after the database's hook, so it runs before the database is dropped.
  afterAll(async () => {
    await world?.close();
  });
  return () => {
    if (world === null) throw new Error('the world is made in beforeAll: ask for it in a test');
    return world;
  };
}

async function openWorld(
  place: { host: string; port: number; user: string },
  database: string,
): Promise<MessageWorld & { close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'signet-messages-'));
  const owner = new pg.Client({ ...place, database });
  await owner.connect();
  const failed: Error[] = [];
  const db = openDatabase(
    { kind: 'embedded', socketDir: place.host, port: place.port, user: place.user, database },
    4,
    (error) => failed.push(error),
  );
  const state = { now: WORLD_START };
  const now = () => state.now;
  const ids = createIds(1, { now });
  const vault = await openVault({
    db,
    kms: openLocalKms(join(folder, 'kek.json'), true),
    random: systemRandom(),
    now,
  });
  let registryVersion = '0';
  const sequencer = auditSequencer((version) => {
    registryVersion = version;
  });
  const seconds = () => state.now / 1000;
  const commit = createGroupCommit<LogState>({ connect: db.connect, sequencer, now, seconds, maxItems: 500 });
  const handedOver: Outgoing[] = [];
  const reviews: MessageWorld['reviews'] = [];
  const submit = commit.lane(
    acceptLane({
      ids,
      claimNonces,
      openMessageReviews: async (_flush, opened) => {
        reviews.push(...opened);
      },
      onAccepted: () => undefined,
      gatewayHasRoom: () => true,
      handOver: (_chunkId, messages) => handedOver.push(...messages),
      owner: '7',
      countStep: () => undefined,
      seconds,
    }),
  );
  const senders = new Map<string, Sender>();
  const exempt = new Set<string>();
  const optedOut = new Set<string>();
  let requests = 0;

  const send: MessageWorld['send'] = async (sender, numbers, options = {}) => {
    await vault.sealer(sender.tenantId);
    const params = options.params ?? { code: '246810' };
    const templateCode = sender.templates[options.kind ?? 'code'].code;
    return accept(
      {
        tenantId: sender.tenantId,
        actor: 'key:LTAItest',
        requestId: `request-${++requests}`,
        recipients: numbers.map((number) => ({
          number,
          signName: sender.signature.name,
          templateCode,
          params,
          extendCode: '',
        })),
        outId: options.outId ?? null,
        repeat: options.repeat ?? null,
        nonce: options.nonce ?? null,
      },
      {
        numberKey: vault.numberKey,
        nextId: ids.next,
        seal: (tenantId, row, plain) =>
          vault.sealerNow(tenantId)!.seal({ table: 'messages', column: 'sealed', row }, plain),
        digest: (sealed) => hash('sha256', sealed, 'base64url').slice(0, 22),
        signature: (tenantId, name) => byName(senders, tenantId, name),
        template: (tenantId, code) =>
          Object.values(senders.get(tenantId)!.templates).find((one) => one.code === code),
        exemptNumbers: () => exempt,
        optedOut: async () => optedOut,
        screen: plantedScreen,
        storedAnswer: async () => undefined,
        now,
        registryVersion: () => registryVersion,
        commit: submit,
        seconds,
        countStep: () => undefined,
      },
    );
  };

  const world: MessageWorld & { close(): Promise<void> } = {
    db,
    vault,
    ids,
    audit: createAudit({ db, signingKey: vault.checkpointKey(), now }),
    makeChange: changeLane(commit, sequencer),
    owner,
    get now() {
      return state.now;
    },
    set now(ms) {
      state.now = ms;
    },
    handedOver,
    reviews,
    exempt,
    optedOut,
    lane: (lane) => commit.lane(lane),
    async addSender(name) {
      const sender = await storeSender(owner, ids, name, new Date(state.now));
      senders.set(sender.tenantId, sender);
      return sender;
    },
    send,
    async sent(sender, numbers, options) {
      const answer = await send(sender, numbers, options);
      if (answer.code !== 'OK' || !('bizId' in answer)) throw new Error(`refused: ${JSON.stringify(answer)}`);
      const { rows } = await owner.query<{ id: string }>(
        'select id from messages where call_id = $1 order by id',
        [answer.bizId.split('^')[0]],
      );
      return rows.map((row) => row.id);
    },
    async close() {
      await commit.close();
      await db.close();
      await owner.end();
      rmSync(folder, { recursive: true, force: true });
      if (failed.length > 0) throw failed[0];
    },
  };
  return world;
}

function byName(
  senders: ReadonlyMap<string, Sender>,
  tenantId: string,
  name: string,
): SendableSignature | undefined {
  const signature = senders.get(tenantId)?.signature;
  return signature?.name === name ? signature : undefined;
}

async function storeSender(owner: pg.Client, ids: Ids, name: string, at: Date): Promise<Sender> {
  const tenantId = ids.next();
  await owner.query(
    `insert into tenants (id, name, state, sandbox, created_at) values ($1, $2, 'active', false, $3)`,
    [tenantId, name, at],
  );
  const signature: SendableSignature = {
    id: ids.next(),
    name,
    codeOnly: false,
    state: 'approved',
    qualificationApproved: true,
  };
  await owner.query(
    `insert into signatures (id, tenant_id, name, source, code_only, remark, state, order_id, created_at)
     values ($1, $2, $3, 0, false, '', 'approved', $1, $4)`,
    [signature.id, tenantId, name, at],
  );
  const templates = {} as Record<TemplateKind, SendableTemplate>;
  for (const kind of ['code', 'notice', 'marketing', 'international'] as const) {
    const parsed = parseTemplate(CONTENT[kind]);
    const rules = readVariableRules('', kind);
    if (!parsed.ok || !rules.ok) throw new Error(`the ${kind} template of the world is not one`);
    const id = ids.next();
    const code = `SMS_${id.slice(-9)}`;
    await owner.query(
      `insert into templates (id, tenant_id, code, name, kind, content, variables, remark, state, order_id, created_at)
       values ($1, $2, $3, $4, $5, $6, '{}', '', 'approved', $1, $7)`,
      [id, tenantId, code, kind, kind, CONTENT[kind], at],
    );
    templates[kind] = {
      id,
      code,
      kind,
      state: 'approved',
      template: parsed.template,
      rules: rules.rules,
      relatedSignName: null,
    };
  }
  return { tenantId, signature, templates };
}

/** The verdict is planted in the text; the engine has tests of its own. */
export function plantedScreen(text: string, _context: ScreenContext): Screening {
  const start = text.search(/[审禁]/u);
  const blocked = text[start] === '禁';
  const label = 'prohibited' as const;
  return {
    verdict: start < 0 ? 'pass' : blocked ? 'block' : 'review',
    labels: start < 0 ? [] : [label],
    scores: {},
    spans:
      start < 0
        ? []
        : [{ start, end: start + 1, restored: text[start]!, rule: 'lexicon:world/1', label, weight: 1 }],
    restored: text,
    offsets: new Uint32Array(text.length + 1).map((_, i) => i),
    features: { urls: [], contacts: [], emails: [], numbers: [] },
  };
}
