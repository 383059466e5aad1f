import { readNumber } from '@signet/sms-text';
import type { Tx } from '../platform/db.ts';
import { readFacts, storeFact } from '../platform/installation.ts';
import type { Foundation } from './foundation.ts';
import type { Modules } from './modules.ts';

/** What a newcomer is told. Secrets are known on the first start only. */
export type Welcome = {
  first: boolean;
  accessKeyId: string | null;
  accessKeySecret: string | null;
  qualificationId: string | null;
  signName: string | null;
  templateCode: string | null;
  phone: string | null;
  consoleUser: string;
  consolePassword: string | null;
};

const CONSOLE_USER = 'operator';
const ACTOR = 'system:first-run';
const SANDBOX_SIGN = '启明测试';
const SANDBOX_TEMPLATE = '您的验证码为${code}，5分钟内有效，请勿告诉他人。';

/**
 * The first start creates the operator and, with the sandbox on, a tenant that can send at once: its qualification,
 * signature and template go through the same forms and the same decision as everybody's. A start that was cut short in
 * between goes on where it stopped.
 */
export async function welcome(
  foundation: Foundation,
  modules: Modules,
  phone: string | null,
): Promise<Welcome> {
  const facts = await foundation.db.sweep(readFacts);
  let consolePassword: string | null = null;
  if (!facts.has('operator')) {
    const made = await modules.accounts.createOperator({
      name: CONSOLE_USER,
      role: 'operator',
      actor: ACTOR,
    });
    consolePassword = made.oneTimePassword;
    await remember(foundation, 'operator', made.userId);
  }
  const operator: Welcome = {
    first: consolePassword !== null,
    accessKeyId: null,
    accessKeySecret: null,
    qualificationId: null,
    signName: null,
    templateCode: null,
    phone: null,
    consoleUser: CONSOLE_USER,
    consolePassword,
  };
  return phone === null ? operator : { ...operator, ...(await sandbox(foundation, modules, phone)) };
}

async function sandbox(foundation: Foundation, modules: Modules, phone: string) {
  const step = async (name: string, make: () => Promise<string>): Promise<string> => {
    const known = (await foundation.db.sweep(readFacts)).get(name);
    if (known !== undefined) return known;
    const value = await make();
    await remember(foundation, name, value);
    return value;
  };
  const approve = async (subject: 'qualification' | 'signature' | 'template', id: string): Promise<void> => {
    const reviewId = await modules.approvals.findOpen(subject, id);
    if (reviewId === undefined) return;
    const principal = {
      kind: 'user',
      userId: '0',
      name: 'first-run',
      role: 'operator',
      tenantId: null,
    } as const;
    await modules.approvals.decide({
      reviewId,
      principal,
      approve: true,
      reason: 'sandbox, made on the first start',
    });
  };

  const tenantId = await step('sandbox.tenant', async () => {
    const made = await modules.accounts.createTenant({
      name: 'Sandbox 沙箱',
      userName: 'sandbox',
      sandbox: true,
      actor: ACTOR,
    });
    return made.tenant.id;
  });
  const qualificationId = await step('sandbox.qualification', async () => {
    const draft = {
      name: 'Sandbox 沙箱资质',
      company: '沙箱科技有限公司',
      creditCode: '91350100M000100Y43',
      legalPerson: '沙箱',
      contactName: '沙箱',
      contactPhone: phone,
      ownUse: true,
    };
    return (await modules.registration.create(tenantId, draft, ACTOR)).id;
  });
  await approve('qualification', qualificationId);
  const signatureId = await step('sandbox.signature', async () => {
    const draft = {
      name: SANDBOX_SIGN,
      source: 0,
      codeOnly: false,
      qualificationId,
      remark: 'sandbox',
      files: [],
    };
    return (await modules.signatures.create(tenantId, draft, ACTOR)).id;
  });
  await approve('signature', signatureId);
  const templateCode = await step('sandbox.template', async () => {
    const draft = {
      name: '沙箱验证码',
      kind: 'code' as const,
      content: SANDBOX_TEMPLATE,
      variables: {},
      relatedSignName: null,
      remark: 'sandbox',
    };
    return (await modules.templates.create(tenantId, draft, ACTOR)).code;
  });
  await approve('template', (await modules.templates.get(tenantId, { code: templateCode })).id);
  let accessKeySecret: string | null = null;
  const accessKeyId = await step('sandbox.key', async () => {
    const made = await modules.accounts.createKey({ tenantId, remark: 'sandbox', actor: ACTOR });
    accessKeySecret = made.secret;
    return made.key.id;
  });
  const number = readNumber(phone);
  if (number.ok)
    await step(`sandbox.exempt.${phone}`, async () => {
      await modules.reading.addExempt({ tenantId, e164: number.e164, actor: ACTOR });
      return 'done';
    });
  return { accessKeyId, accessKeySecret, qualificationId, signName: SANDBOX_SIGN, templateCode, phone };
}

const remember = (foundation: Foundation, name: string, value: string): Promise<void> =>
  foundation.db.sweep((tx: Tx) => storeFact(tx, name, value));
