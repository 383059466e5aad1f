import type { Tx } from '../../../platform/db.ts';
import { NO_SUPPLEMENT, type Signature, type SignatureState, type SignatureSupplement } from './model.ts';

const COLUMNS = `id, name, source, code_only as "codeOnly", qualification_id as "qualificationId", remark, state, reason,
  order_id as "orderId", created_at as "createdAt", decided_at as "decidedAt", supplement`;

type Row = Omit<Signature, 'supplement'> & { supplement: Partial<SignatureSupplement> };
/** A row from before there were supplements has an empty one. */
const read = <R extends Row>(row: R) => ({ ...row, supplement: { ...NO_SUPPLEMENT, ...row.supplement } });

/** Also takes the place of a withdrawn signature of the same name, under that one's id. */
export async function storeSignature(tx: Tx, tenantId: string, signature: Signature): Promise<void> {
  const { id, name, source, codeOnly, qualificationId, remark, state, reason, orderId, createdAt } =
    signature;
  const supplement = JSON.stringify(signature.supplement);
  await tx.query(
    `insert into signatures (id, tenant_id, name, source, code_only, qualification_id, remark, state, reason, order_id, created_at, supplement)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (id) do update set source = excluded.source, code_only = excluded.code_only,
       qualification_id = excluded.qualification_id, remark = excluded.remark, state = excluded.state,
       reason = excluded.reason, order_id = excluded.order_id, created_at = excluded.created_at, decided_at = null,
       supplement = excluded.supplement`,
    [
      id,
      tenantId,
      name,
      source,
      codeOnly,
      qualificationId,
      remark,
      state,
      reason,
      orderId,
      createdAt,
      supplement,
    ],
  );
}

/** Withdrawn ones too. */
export async function findByName(tx: Tx, tenantId: string, name: string): Promise<Signature | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from signatures where tenant_id = $1 and name = $2`,
    [tenantId, name],
  );
  return rows[0] && read(rows[0]);
}

export async function findById(tx: Tx, tenantId: string, id: string): Promise<Signature | undefined> {
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from signatures where tenant_id = $1 and id = $2`, [
    tenantId,
    id,
  ]);
  return rows[0] && read(rows[0]);
}

export async function listSignatures(
  tx: Tx,
  tenantId: string,
  page: { limit: number; offset: number },
): Promise<Signature[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from signatures where tenant_id = $1 and state <> 'withdrawn'
     order by created_at desc, id desc limit $2 offset $3`,
    [tenantId, page.limit, page.offset],
  );
  return rows.map(read);
}

/** Signatures that are shown, and applications since then, withdrawn ones too. */
export async function countSignatures(
  tx: Tx,
  tenantId: string,
  since: Date,
): Promise<{ total: number; recent: number }> {
  const { rows } = await tx.query<{ total: number; recent: number }>(
    `select count(*) filter (where state <> 'withdrawn')::int as total,
       count(*) filter (where created_at > $2)::int as recent from signatures where tenant_id = $1`,
    [tenantId, since],
  );
  return rows[0]!;
}

/** `decidedAt` is null for what no reviewer did: the date of the last decision then stays. */
export async function storeState(
  tx: Tx,
  tenantId: string,
  id: string,
  change: { state: SignatureState; reason: string | null; decidedAt: Date | null },
): Promise<void> {
  await tx.query(
    `update signatures set state = $3, reason = $4, decided_at = coalesce($5, decided_at)
     where tenant_id = $1 and id = $2`,
    [tenantId, id, change.state, change.reason, change.decidedAt],
  );
}

// -- files

export type SealedFile = { position: number; suffix: string; sealedContents: Buffer };

export async function replaceFiles(
  tx: Tx,
  tenantId: string,
  signatureId: string,
  files: readonly SealedFile[],
): Promise<void> {
  await tx.query('delete from signature_files where tenant_id = $1 and signature_id = $2', [
    tenantId,
    signatureId,
  ]);
  for (const { position, suffix, sealedContents } of files) {
    await tx.query(
      `insert into signature_files (tenant_id, signature_id, position, suffix, sealed_contents) values ($1, $2, $3, $4, $5)`,
      [tenantId, signatureId, position, suffix, sealedContents],
    );
  }
}

export async function findFile(
  tx: Tx,
  tenantId: string,
  signatureId: string,
  position: number,
): Promise<SealedFile | undefined> {
  const { rows } = await tx.query<SealedFile>(
    `select position, suffix, sealed_contents as "sealedContents" from signature_files
     where tenant_id = $1 and signature_id = $2 and position = $3`,
    [tenantId, signatureId, position],
  );
  return rows[0];
}

export type SignatureForReview = Signature & { fileCount: number };

/** Of several tenants, for the review queue. */
export async function readForReview(tx: Tx, ids: readonly string[]): Promise<SignatureForReview[]> {
  const { rows } = await tx.query<Row & { fileCount: number }>(
    `select ${COLUMNS}, (select count(*)::int from signature_files f where f.signature_id = signatures.id) as "fileCount"
     from signatures where id = any($1::bigint[])`,
    [ids],
  );
  return rows.map(read);
}
