import type { Tx } from '../../../platform/db.ts';
import type { ApprovalState } from '../../trust/approvals/public.ts';
import type { Qualification } from './model.ts';

const COLUMNS = `id, name, company, credit_code as "creditCode", legal_person as "legalPerson", own_use as "ownUse",
  state, reason, created_at as "createdAt", decided_at as "decidedAt"`;

/** False when the id or the name is taken. */
export async function insertQualification(
  tx: Tx,
  tenantId: string,
  qualification: Qualification,
  sealedContact: Buffer,
): Promise<boolean> {
  const { id, name, company, creditCode, legalPerson, ownUse, state, createdAt } = qualification;
  const { rowCount } = await tx.query(
    `insert into qualifications (id, tenant_id, name, company, credit_code, legal_person, own_use, sealed_contact, state, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`,
    [id, tenantId, name, company, creditCode, legalPerson, ownUse, sealedContact, state, createdAt],
  );
  return rowCount === 1;
}

export async function countQualifications(tx: Tx, tenantId: string): Promise<number> {
  const { rows } = await tx.query<{ total: number }>(
    'select count(*)::int as total from qualifications where tenant_id = $1',
    [tenantId],
  );
  return rows[0]!.total;
}

export async function hasName(tx: Tx, tenantId: string, name: string): Promise<boolean> {
  return (
    (await tx.query('select 1 from qualifications where tenant_id = $1 and name = $2', [tenantId, name]))
      .rowCount > 0
  );
}

export async function listQualifications(
  tx: Tx,
  tenantId: string,
  page: { limit: number; offset: number },
): Promise<Qualification[]> {
  const { rows } = await tx.query<Qualification>(
    `select ${COLUMNS} from qualifications where tenant_id = $1 order by id desc limit $2 offset $3`,
    [tenantId, page.limit, page.offset],
  );
  return rows;
}

export async function findQualification(
  tx: Tx,
  tenantId: string,
  id: string,
): Promise<Qualification | undefined> {
  const { rows } = await tx.query<Qualification>(
    `select ${COLUMNS} from qualifications where tenant_id = $1 and id = $2`,
    [tenantId, id],
  );
  return rows[0];
}

export async function storeDecision(
  tx: Tx,
  tenantId: string,
  id: string,
  decision: { state: ApprovalState; reason: string | null; at: Date },
): Promise<void> {
  await tx.query(
    'update qualifications set state = $3, reason = $4, decided_at = $5 where tenant_id = $1 and id = $2',
    [tenantId, id, decision.state, decision.reason, decision.at],
  );
}

export async function findApprovedIds(tx: Tx, tenantId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from qualifications where tenant_id = $1 and state = 'approved' order by id`,
    [tenantId],
  );
  return rows.map(({ id }) => id);
}

export type SealedQualification = Qualification & { tenantId: string; sealedContact: Buffer };

/** Of several tenants, for the review queue. */
export async function readForReview(tx: Tx, ids: readonly string[]): Promise<SealedQualification[]> {
  const { rows } = await tx.query<SealedQualification>(
    `select ${COLUMNS}, tenant_id as "tenantId", sealed_contact as "sealedContact"
     from qualifications where id = any($1::bigint[])`,
    [ids],
  );
  return rows;
}
