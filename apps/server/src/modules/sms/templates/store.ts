import type { TemplateKind } from '@signet/sms-text';
import type { Tx } from '../../../platform/db.ts';
import { NO_SUPPLEMENT, type Template, type TemplateState, type TemplateSupplement } from './model.ts';

const COLUMNS = `id, code, name, kind, content, variables, related_sign_name as "relatedSignName", remark, state, reason,
  order_id as "orderId", created_at as "createdAt", decided_at as "decidedAt", supplement`;

type Row = Omit<Template, 'supplement'> & { supplement: Partial<TemplateSupplement> };
/** A row from before there were supplements has an empty one. */
const read = (row: Row): Template => ({ ...row, supplement: { ...NO_SUPPLEMENT, ...row.supplement } });

/** False when the code is taken. */
export async function insertTemplate(tx: Tx, tenantId: string, template: Template): Promise<boolean> {
  const { id, code, name, kind, content, variables, relatedSignName, remark, state, orderId, createdAt } =
    template;
  const { rowCount } = await tx.query(
    `insert into templates (id, tenant_id, code, name, kind, content, variables, related_sign_name, remark, state, order_id, created_at, supplement)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing`,
    [
      id,
      tenantId,
      code,
      name,
      kind,
      content,
      JSON.stringify(variables),
      relatedSignName,
      remark,
      state,
      orderId,
      createdAt,
      JSON.stringify(template.supplement),
    ],
  );
  return rowCount === 1;
}

export async function storeTemplate(tx: Tx, tenantId: string, template: Template): Promise<void> {
  const { id, name, kind, content, variables, relatedSignName, remark, state, orderId } = template;
  await tx.query(
    `update templates set name = $3, kind = $4, content = $5, variables = $6, related_sign_name = $7, remark = $8,
       state = $9, reason = null, order_id = $10, decided_at = null, supplement = $11 where tenant_id = $1 and id = $2`,
    [
      tenantId,
      id,
      name,
      kind,
      content,
      JSON.stringify(variables),
      relatedSignName,
      remark,
      state,
      orderId,
      JSON.stringify(template.supplement),
    ],
  );
}

export async function findByCode(tx: Tx, tenantId: string, code: string): Promise<Template | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from templates where tenant_id = $1 and code = $2`,
    [tenantId, code],
  );
  return rows[0] && read(rows[0]);
}

export async function findById(tx: Tx, tenantId: string, id: string): Promise<Template | undefined> {
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from templates where tenant_id = $1 and id = $2`, [
    tenantId,
    id,
  ]);
  return rows[0] && read(rows[0]);
}

export type TemplateFilter = {
  kind: TemplateKind | null;
  state: TemplateState | null;
  search: string | null;
};

const SHOWN = `tenant_id = $1 and state <> 'withdrawn' and ($2::text is null or kind = $2) and ($3::text is null or state = $3)
  and ($4::text is null or code = $4 or strpos(name, $4) > 0)`;

export async function listTemplates(
  tx: Tx,
  tenantId: string,
  filter: TemplateFilter,
  page: { limit: number; offset: number },
): Promise<Template[]> {
  const { rows } = await tx.query<Row>(
    `select ${COLUMNS} from templates where ${SHOWN} order by id desc limit $5 offset $6`,
    [tenantId, filter.kind, filter.state, filter.search, page.limit, page.offset],
  );
  return rows.map(read);
}

export async function countShown(tx: Tx, tenantId: string, filter: TemplateFilter): Promise<number> {
  const { rows } = await tx.query<{ total: number }>(
    `select count(*)::int as total from templates where ${SHOWN}`,
    [tenantId, filter.kind, filter.state, filter.search],
  );
  return rows[0]!.total;
}

/** Templates that are shown, and applications since then, withdrawn ones too. */
export async function countTemplates(
  tx: Tx,
  tenantId: string,
  since: Date,
): Promise<{ total: number; recent: number }> {
  const { rows } = await tx.query<{ total: number; recent: number }>(
    `select count(*) filter (where state <> 'withdrawn')::int as total,
       count(*) filter (where created_at > $2)::int as recent from templates where tenant_id = $1`,
    [tenantId, since],
  );
  return rows[0]!;
}

/** `decidedAt` is null for what no reviewer did: the date of the last decision then stays. */
export async function storeState(
  tx: Tx,
  tenantId: string,
  id: string,
  change: { state: TemplateState; reason: string | null; decidedAt: Date | null },
): Promise<void> {
  await tx.query(
    `update templates set state = $3, reason = $4, decided_at = coalesce($5, decided_at)
     where tenant_id = $1 and id = $2`,
    [tenantId, id, change.state, change.reason, change.decidedAt],
  );
}

/** Of several tenants, for the review queue. */
export async function readForReview(tx: Tx, ids: readonly string[]): Promise<Template[]> {
  const { rows } = await tx.query<Row>(`select ${COLUMNS} from templates where id = any($1::bigint[])`, [
    ids,
  ]);
  return rows.map(read);
}
