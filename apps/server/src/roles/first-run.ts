import { readNumber } from '@signet/sms-text';
import { DomainError } from '../platform/domain-error.ts';
import { forgetFacts, readFacts, storeFact } from '../platform/installation.ts';
import type { Foundation } from './foundation.ts';
import type { Modules } from './modules.ts';

/** What a newcomer is told. Secrets are known until they were told once. */
export type Welcome = {
  accessKeyId: string | null;
  accessKeySecret: string | null;
  qualificationId: string | null;
  signName: string | null;
  templateCode: string | null;
  phone: string | null;
  consoleUser: string;
  consolePassword: string | null;
};

export type FirstRun = {
  welcome: Welcome;
  /** To be called once `welcome` was told: its secrets are never made again. */
  told(): Promise<void>;
  /** Lets another process that shares the store look; after `told`, or when the start is given up. */
  close(): Promise<void>;
};

const CONSOLE_USER = 'operator';
const ACTOR = 'system:first-run';
const SANDBOX_SIGN = '启明测试';
const SANDBOX_TEMPLATE = '您的验证码为${code}，5分钟内有效，请勿告诉他人。';
const SANDBOX_TEMPLATE_NAME = '沙箱验证码';
const SANDBOX_QUALIFICATION = 'Sandbox 沙箱资质';
const KEY_REMARK = 'sandbox';

/** Facts about what was made, and what each holds. */
type Made = 'operator' | `sandbox.${'tenant' | 'qualification' | 'signature' | 'template' | 'key'}`;
const untold = (name: Made): string => `untold.${name}`;

/**
 * The first start creates the operator and, with the sandbox on, a tenant that can send at once: its qualification,
 * signature and template go through the same forms and the same decision as everybody's.
 *
 * It may be killed anywhere. A thing is looked for before it is made, so that a start that was cut short goes on with what
 * stands; it is noted as a fact once it is whole, and not looked at again. A secret is noted as untold before it is made,
 * and stays so until `told`: the next start replaces it, which ends the one that nobody read (audited as what it is, a
 * rotated key and a reset password).
 */
export async function firstRun(
  foundation: Foundation,
  modules: Modules,
  phone: string | null,
): Promise<FirstRun> {
  const known = await notes(foundation, phone);
  if (known.complete())
    return { ...(await make(foundation, modules, phone, known)), close: async () => undefined };
  // Of processes that start on one store at once, one makes and tells; the others wait and find everything told.
  const turn = await foundation.db.connect();
  try {
    await turn.query(`select pg_advisory_lock(hashtext('signet.first_run'))`);
    const run = await make(foundation, modules, phone, await notes(foundation, phone));
    return { ...run, close: () => turn.close() };
  } catch (error) {
    await turn.close();
    throw error;
  }
}

type Notes = {
  read(name: string): string | undefined;
  write(name: string, value: string): Promise<void>;
  /** Nothing is left to make or to tell. */
  complete(): boolean;
};

async function notes({ db }: Foundation, phone: string | null): Promise<Notes> {
  const facts = new Map(await db.sweep(readFacts));
  const needed = ['operator', ...(phone === null ? [] : [`sandbox.exempt.${phone}`, 'sandbox.key'])];
  const secrets: Made[] = ['operator', ...(phone === null ? [] : ['sandbox.key' as const])];
  return {
    read: (name) => facts.get(name),
    async write(name, value) {
      await db.sweep((tx) => storeFact(tx, name, value));
      facts.set(name, value);
    },
    complete: () =>
      needed.every((name) => facts.has(name)) && !secrets.some((name) => facts.has(untold(name))),
  };
}

async function make(
  foundation: Foundation,
  modules: Modules,
  phone: string | null,
  known: Notes,
): Promise<Omit<FirstRun, 'close'>> {
  const toTell: string[] = [];
  /** A thing with a secret: `renew` gives its value and a new secret, whether or not it stands already. */
  const secret = async (
    name: Made,
    renew: () => Promise<{ value: string; secret: string }>,
  ): Promise<{ value: string; secret: string | null }> => {
    const value = known.read(name);
    if (value !== undefined && known.read(untold(name)) === undefined) return { value, secret: null };
    await known.write(untold(name), ACTOR);
    toTell.push(untold(name));
    const made = await renew();
    await known.write(name, made.value);
    return made;
  };

  const operator = await secret('operator', () => renewOperator(modules));
  const welcome: Welcome = {
    accessKeyId: null,
    accessKeySecret: null,
    qualificationId: null,
    signName: null,
    templateCode: null,
    phone: null,
    consoleUser: CONSOLE_USER,
    consolePassword: operator.secret,
  };
  if (phone !== null) {
    const { tenantId, ...made } = await makeSandbox(modules, phone, known);
    const key = await secret('sandbox.key', () => renewKey(modules, tenantId));
    Object.assign(welcome, made, { accessKeyId: key.value, accessKeySecret: key.secret });
  }
  return {
    welcome,
    async told() {
      if (toTell.length > 0) await foundation.db.sweep((tx) => forgetFacts(tx, toTell));
    },
  };
}

async function renewOperator({ accounts }: Modules): Promise<{ value: string; secret: string }> {
  try {
    const made = await accounts.createOperator({ name: CONSOLE_USER, role: 'operator', actor: ACTOR });
    return { value: made.userId, secret: made.oneTimePassword };
  } catch (error) {
    if (!(error instanceof DomainError) || error.row.code !== 'account.name_taken') throw error;
    return { value: CONSOLE_USER, secret: await accounts.resetPassword(CONSOLE_USER, ACTOR) };
  }
}

async function renewKey({ accounts }: Modules, tenantId: string): Promise<{ value: string; secret: string }> {
  const stands = (await accounts.listKeys(tenantId)).find(({ remark }) => remark === KEY_REMARK);
  const made =
    stands === undefined
      ? await accounts.createKey({ tenantId, remark: KEY_REMARK, actor: ACTOR })
      : await accounts.rotateKey(tenantId, stands.id, ACTOR);
  return { value: made.key.id, secret: made.secret };
}

async function makeSandbox(modules: Modules, phone: string, known: Notes) {
  const { accounts, approvals, reading, registration, signatures, templates } = modules;
  const step = async (name: string, find: () => Promise<string>): Promise<string> => {
    const value = known.read(name);
    if (value !== undefined) return value;
    const found = await find();
    await known.write(name, found);
    return found;
  };
  const approve = async (subject: 'qualification' | 'signature' | 'template', id: string): Promise<void> => {
    const reviewId = await approvals.findOpen(subject, id);
    if (reviewId === undefined) return;
    const principal = {
      kind: 'user',
      userId: '0',
      name: 'first-run',
      role: 'operator',
      tenantId: null,
    } as const;
    await approvals.decide({
      reviewId,
      principal,
      approve: true,
      reason: 'sandbox, made on the first start',
    });
  };

  const tenantId = await step('sandbox.tenant', async () => {
    const stands = (await accounts.listTenants()).find(({ sandbox }) => sandbox);
    if (stands !== undefined) return stands.id;
    const draft = { name: 'Sandbox 沙箱', userName: 'sandbox', sandbox: true, actor: ACTOR };
    return (await accounts.createTenant(draft)).tenant.id;
  });
  const qualificationId = await step('sandbox.qualification', async () => {
    const draft = {
      name: SANDBOX_QUALIFICATION,
      company: '沙箱科技有限公司',
      creditCode: '91350100M000100Y43',
      legalPerson: '沙箱',
      contactName: '沙箱',
      contactPhone: phone,
      ownUse: true,
    };
    const { items } = await registration.list(tenantId);
    const { id } =
      items.find(({ name }) => name === SANDBOX_QUALIFICATION) ??
      (await registration.create(tenantId, draft, ACTOR));
    await approve('qualification', id);
    return id;
  });
  await step('sandbox.signature', async () => {
    const draft = {
      name: SANDBOX_SIGN,
      source: 0,
      codeOnly: false,
      qualificationId,
      remark: 'sandbox',
      files: [],
    };
    const { items } = await signatures.list(tenantId);
    const { id } =
      items.find(({ name }) => name === SANDBOX_SIGN) ?? (await signatures.create(tenantId, draft, ACTOR));
    await approve('signature', id);
    return id;
  });
  const templateCode = await step('sandbox.template', async () => {
    const draft = {
      name: SANDBOX_TEMPLATE_NAME,
      kind: 'code' as const,
      content: SANDBOX_TEMPLATE,
      variables: {},
      relatedSignName: null,
      remark: 'sandbox',
    };
    const { items } = await templates.list(tenantId);
    const { id, code } =
      items.find(({ name }) => name === SANDBOX_TEMPLATE_NAME) ??
      (await templates.create(tenantId, draft, ACTOR));
    await approve('template', id);
    return code;
  });
  const number = readNumber(phone);
  await step(`sandbox.exempt.${phone}`, async () => {
    if (number.ok) await reading.addExempt({ tenantId, e164: number.e164, actor: ACTOR });
    return 'done';
  });
  return { tenantId, qualificationId, signName: SANDBOX_SIGN, templateCode, phone };
}
