import Fastify, { type FastifyInstance, type InjectOptions, type LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import {
  type MessageWorld,
  messageWorldForTests,
  plantedScreen,
} from '../../../../../../tests/world/messages.ts';
import { createCarriers } from '../../../modules/sms/carriers/public.ts';
import { createInbound, type Inbound, inboundLane } from '../../../modules/sms/inbound/public.ts';
import { createMessageReading, type SendCall } from '../../../modules/sms/messages/public.ts';
import { createOptOuts } from '../../../modules/sms/opt-outs/public.ts';
import { createRegistration } from '../../../modules/sms/registration/public.ts';
import { createSignatures } from '../../../modules/sms/signatures/public.ts';
import { createTemplates } from '../../../modules/sms/templates/public.ts';
import { createWebhooks } from '../../../modules/sms/webhooks/public.ts';
import { type Access, createAccess, type Role } from '../../../modules/trust/access/public.ts';
import { type Accounts, createAccounts } from '../../../modules/trust/accounts/public.ts';
import { createApprovals, createReviewBook } from '../../../modules/trust/approvals/public.ts';
import { createHttpOut } from '../../../platform/http-out/public.ts';
import { systemRandom } from '../../../platform/random.ts';
import { consoleApi } from '../console-api.ts';
import type { ConsoleApiDeps, SandboxPhones } from '../deps.ts';

export type Person = {
  name: string;
  password: string;
  cookie: string;
  tenantId: string | null;
  userId: string;
};

/** The console API over the real services and a real database; time stands until a test moves it. */
export type ConsoleWorld = {
  readonly world: MessageWorld;
  readonly accounts: Accounts;
  readonly access: Access;
  readonly deps: ConsoleApiDeps;
  readonly app: FastifyInstance;
  /** Tenants with a first user each; b is not the sandbox. */
  readonly tenants: { readonly a: string; readonly b: string };
  readonly people: Readonly<Record<'operator' | 'reviewer' | 'a' | 'b', Person>>;
  /** What reportFailure was told, and what was sent. */
  readonly failures: { requestId: string; operation: string; error: unknown }[];
  readonly sent: SendCall[];
  readonly timers: { delayMs: number; act: () => void; cancelled: boolean }[];
  /** Tells the open pages of a tenant, of the reviewers (`reviews`) or of the phone (`phone`) that something changed. */
  tell(topic: string): void;
  listeners(topic: string): number;
  phones: SandboxPhones | null;
  /** A reply that came in over a carrier. */
  receive: Inbound['receive'];
  /** A request as the console sends it: with the header, and with the person's cookie. */
  ask(person: Person | null, options: InjectOptions): Promise<LightMyRequestResponse>;
  /** Another server with other deps over the same services. */
  serve(changed: Partial<ConsoleApiDeps>): FastifyInstance;
  /** A new user who has set a password of his own. */
  addPerson(role: Role, tenantName: string | null): Promise<Person>;
};

/** A world for a test file: made before its tests, closed after them. */
export function consoleWorldForTests(): () => ConsoleWorld {
  const messages = messageWorldForTests();
  let made: { console: ConsoleWorld; close(): Promise<void> } | undefined;
  beforeAll(async () => {
    made = await openConsoleWorld(messages());
  });
  afterAll(async () => {
    await made?.close();
  });
  return () => made!.console;
}

async function openConsoleWorld(
  world: MessageWorld,
): Promise<{ console: ConsoleWorld; close(): Promise<void> }> {
  const { db, vault, ids, makeChange, audit } = world;
  const now = (): number => world.now;
  const random = systemRandom();
  // Nothing here caches by it for longer than a test looks.
  let version = 0;
  const registryVersion = (): string => String(++version);
  const access = createAccess();
  const accounts = createAccounts({ db, vault, ids, random, makeChange, now, registryVersion });
  const reviews = createReviewBook({ ids });
  const registration = createRegistration({ db, vault, makeChange, reviews });
  const signatures = createSignatures({
    db,
    vault,
    ids,
    makeChange,
    reviews,
    registryVersion,
    approvedQualifications: registration.approvedIds,
  });
  const templates = createTemplates({
    db,
    ids,
    random,
    makeChange,
    reviews,
    registryVersion,
    isSignatureKnown: signatures.isKnown,
  });
  const reading = createMessageReading({ db, vault, makeChange, now, screen: plantedScreen });
  const http = createHttpOut({
    allowedPrivateHosts: ['127.0.0.1'],
    timeoutMs: 1_000,
    connectionsPerOrigin: 1,
  });
  const pusher = { wake: () => undefined, forgive: () => undefined };
  const webhooks = createWebhooks({ db, vault, ids, random, makeChange, http, pusher, now });
  const inbound = createInbound({
    db,
    vault,
    ids,
    lastSender: reading.lastSender,
    commit: world.lane(inboundLane({ wakePusher: () => undefined })),
    makeChange,
    decodeText: () => null,
    accessNumber: () => undefined,
    now,
    setTimer: () => () => undefined,
    onError: () => undefined,
  });
  const approvals = createApprovals({
    db,
    makeChange,
    onDecision: {
      qualification: registration.onDecision,
      signature: signatures.onDecision,
      template: templates.onDecision,
      message: async () => undefined,
    },
    afterDecision: {},
    describe: {
      qualification: registration.describe,
      signature: signatures.describe,
      template: templates.describe,
      message: reading.describe,
    },
    tenantNames: accounts.tenantNames,
  });
  const realTimers = (delayMs: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, delayMs);
    return () => clearTimeout(timer);
  };
  const carriers = createCarriers({
    db,
    vault,
    ids,
    makeChange,
    link: { now: () => Date.now(), random: Math.random, setTimer: realTimers },
  });
  await carriers.start({
    settled: () => undefined,
    late: () => undefined,
    delivered: (_id, link, batch) => link.acknowledge(batch.map((one) => one.handle)),
    ready: () => undefined,
  });

  const listeners = new Map<string, Set<() => void>>();
  const on = (topic: string, listener: () => void): (() => void) => {
    const ofTopic = listeners.get(topic) ?? new Set();
    listeners.set(topic, ofTopic.add(listener));
    return () => ofTopic.delete(listener);
  };
  const failures: ConsoleWorld['failures'] = [];
  const sent: SendCall[] = [];
  const timers: ConsoleWorld['timers'] = [];
  let requests = 0;
  const apps: FastifyInstance[] = [];

  const console: ConsoleWorld = {
    world,
    accounts,
    access,
    failures,
    sent,
    timers,
    phones: null,
    tell: (topic) => {
      for (const listener of listeners.get(topic) ?? []) listener();
    },
    listeners: (topic) => listeners.get(topic)?.size ?? 0,
    receive: inbound.receive,
    deps: {
      accounts,
      access,
      approvals,
      audit,
      registration,
      signatures,
      templates,
      reading,
      inbound,
      optOuts: createOptOuts({ db, vault, ids, makeChange }),
      webhooks,
      carriers,
      queuedAt: () => 3,
      sandbox: {
        phone: '13800138000',
        control: () => console.phones,
        onMessage: (listener) => on('phone', listener),
      },
      async send(call) {
        sent.push(call);
        return { code: 'OK', bizId: '1^0' };
      },
      now,
      requestId: () => `request-${++requests}`,
      reportFailure: (failure) => failures.push(failure),
      onChange: on,
      onReview: (listener) => on('reviews', listener),
      setTimer(delayMs, act) {
        const timer = { delayMs, act, cancelled: false };
        timers.push(timer);
        return () => {
          timer.cancelled = true;
        };
      },
      checkAnswers: true,
    },
    app: Fastify(),
    tenants: { a: '', b: '' },
    people: {} as ConsoleWorld['people'],
    ask: (person, options) =>
      console.app.inject({
        ...options,
        headers: {
          'x-signet-console': '1',
          ...(person === null ? {} : { cookie: `signet_session=${person.cookie}` }),
          ...options.headers,
        },
      }),
    serve(changed) {
      const app = Fastify();
      apps.push(app);
      app.register(consoleApi({ ...console.deps, ...changed }));
      return app;
    },
    addPerson: (role, tenantName) => addPerson(accounts, role, tenantName),
  };
  apps.push(console.app);
  console.app.register(consoleApi(console.deps));
  const people = {
    operator: await addPerson(accounts, 'operator', null),
    reviewer: await addPerson(accounts, 'reviewer', null),
    a: await addPerson(accounts, 'tenant', 'tenant a'),
    b: await addPerson(accounts, 'tenant', 'tenant b'),
  };
  const tenants = { a: people.a.tenantId!, b: people.b.tenantId! };
  return {
    console: Object.assign(console, { people, tenants }),
    async close() {
      for (const app of apps) await app.close();
      await carriers.close();
      await http.close();
    },
  };
}

let names = 0;

async function addPerson(accounts: Accounts, role: Role, tenantName: string | null): Promise<Person> {
  const name = `person-${++names}`;
  const actor = 'system:test';
  let oneTimePassword: string;
  if (role === 'tenant') {
    const draft = { name: tenantName ?? `tenant ${names}`, userName: name, sandbox: false, actor };
    ({ oneTimePassword } = await accounts.createTenant(draft));
  } else {
    ({ oneTimePassword } = await accounts.createOperator({ name, role, actor }));
  }
  const { token } = await accounts.signIn({ name, password: oneTimePassword, address: '127.0.0.1' });
  const password = `a long enough secret ${names}`;
  const { principal } = await accounts.changePassword({ token, current: oneTimePassword, next: password });
  return { name, password, cookie: token, tenantId: principal.tenantId, userId: principal.userId };
}
