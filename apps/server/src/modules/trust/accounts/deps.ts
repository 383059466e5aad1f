import type { Database } from '../../../platform/db.ts';
import type { Ids } from '../../../platform/ids.ts';
import type { Random } from '../../../platform/random.ts';
import type { MakeChange } from '../audit/public.ts';
import type { Vault } from '../vault/public.ts';

export type AccountDeps = {
  db: Database;
  vault: Pick<Vault, 'sealer'>;
  ids: Ids;
  random: Random;
  makeChange: MakeChange;
  now(): number;
  registryVersion(): string;
};
