import type { Carriers } from '../../modules/sms/carriers/public.ts';
import type { Inbound } from '../../modules/sms/inbound/public.ts';
import type { MessageReading, SendAnswer, SendCall } from '../../modules/sms/messages/public.ts';
import type { OptOuts } from '../../modules/sms/opt-outs/public.ts';
import type { Registration } from '../../modules/sms/registration/public.ts';
import type { Signatures } from '../../modules/sms/signatures/public.ts';
import type { Templates } from '../../modules/sms/templates/public.ts';
import type { Webhooks } from '../../modules/sms/webhooks/public.ts';
import type { Access } from '../../modules/trust/access/public.ts';
import type { Accounts } from '../../modules/trust/accounts/public.ts';
import type { Approvals } from '../../modules/trust/approvals/public.ts';
import type { Audit } from '../../modules/trust/audit/public.ts';
import type { LiveDeps } from './live.ts';
import type { MountDeps } from './mount.ts';

/** A message on the screen of the sandbox phone; the shape of the simulator's. */
export type SandboxMessage = {
  /** Counts up over all messages of the simulator. */
  readonly number: number;
  /** `mt` came to the phone, `mo` went from it. */
  readonly direction: 'mt' | 'mo';
  readonly phone: string;
  /** The other side. */
  readonly peer: string;
  readonly text: string;
  readonly segments: number;
  /** ms */
  readonly at: number;
};

/** The phones of the sandbox carrier (roles/sandbox.ts): the server imports nothing of a simulator. */
export type SandboxPhones = {
  /** The last messages of a phone, oldest first. */
  messages(phone: string): Promise<readonly SandboxMessage[]>;
  /** False when no receiver is bound. */
  reply(reply: { phone: string; to: string; text: string }): Promise<boolean>;
  behave(behaviour: {
    phone: string;
    answer: 'deliver' | 'undeliverable' | 'expire' | 'reject' | 'silent';
  }): Promise<void>;
};

export type ConsoleApiDeps = MountDeps &
  LiveDeps & {
    accounts: Pick<
      Accounts,
      | 'signIn'
      | 'readSession'
      | 'signOut'
      | 'changePassword'
      | 'listTenants'
      | 'tenantNames'
      | 'createTenant'
      | 'listKeys'
      | 'createKey'
      | 'setKeyState'
      | 'rotateKey'
    >;
    access: Pick<Access, 'decide' | 'actionsOf'>;
    approvals: Pick<Approvals, 'list' | 'decide' | 'subjectOf'>;
    audit: Pick<Audit, 'read' | 'checkpoint'>;
    registration: Pick<Registration, 'list' | 'create'>;
    signatures: Pick<Signatures, 'list' | 'create' | 'remove' | 'readFile'>;
    templates: Pick<Templates, 'list' | 'create' | 'update' | 'remove'>;
    reading: Pick<MessageReading, 'overview' | 'list' | 'detail' | 'unmask' | 'refusals'>;
    inbound: Pick<Inbound, 'list' | 'unmask'>;
    optOuts: Pick<OptOuts, 'list' | 'lift'>;
    webhooks: Pick<Webhooks, 'read' | 'set' | 'test' | 'listDeliveries' | 'replay'>;
    carriers: Pick<Carriers, 'list' | 'create' | 'setEnabled' | 'test'>;
    /** Segments that wait in memory for this carrier. */
    queuedAt(carrierId: string): number;
    /** Null when the sandbox is off; `control()` is null when an outside SMSC plays the carrier. */
    sandbox:
      | (NonNullable<LiveDeps['sandbox']> & { readonly phone: string; control(): SandboxPhones | null })
      | null;
    /** The accept path, steps 3 to 10, as the OpenAPI calls it. */
    send(call: SendCall): Promise<SendAnswer>;
  };
