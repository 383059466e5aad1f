import type { Vault } from '../../../trust/vault/public.ts';
import { type Envelope, openEnvelope } from '../model.ts';

/** Opens the envelope of a row; undefined when it was destroyed. Throws SealBroken when it was altered. */
export type Opener = (row: { id: string; sealed: Buffer | null }) => Envelope | undefined;

/** The opener of one tenant. */
export async function opener(vault: Vault, tenantId: string): Promise<Opener> {
  const sealer = await vault.sealer(tenantId);
  return ({ id, sealed }) =>
    sealed === null
      ? undefined
      : openEnvelope(sealer.open({ table: 'messages', column: 'sealed', row: id }, sealed));
}
